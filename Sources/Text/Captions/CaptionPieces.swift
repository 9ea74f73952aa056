// A caption as words and the text between them, so that rules can change words and leave blanks and punctuation as written.
// Invariant: gaps.count == words.count + 1, and `text` of unchanged pieces is the caption, scalar by scalar.

struct CaptionPieces: Sendable, Equatable {
    /// Runs of letters, digits and marks. A full stop between digits and an apostrophe between letters belong to the word.
    private(set) var words: [String] = [] {
        didSet { lowered = words.map { $0.lowercased() } }
    }
    private var lowered: [String] = []
    /// What precedes each word, and what follows the last one.
    private(set) var gaps: [String]

    init(_ caption: String) {
        let ranges = Self.wordRanges(of: caption)
        var previous = caption.startIndex
        gaps = ranges.map { range in
            defer { previous = range.upperBound }
            return String(caption[previous..<range.lowerBound])
        }
        gaps.append(String(caption[previous...]))
        words = ranges.map { String(caption[$0]) }
        // Property observers do not run in initialisers.
        lowered = words.map { $0.lowercased() }
    }

    var text: String {
        var result = gaps[0]
        for (word, gap) in zip(words, gaps.dropFirst()) { result += word + gap }
        return result
    }

    /// The word in lower case; empty beyond the ends.
    func lower(_ index: Int) -> String { lowered.indices.contains(index) ? lowered[index] : "" }

    /// Whether the words from `index` on are these.
    func matches(_ phrase: [String], at index: Int) -> Bool {
        index + phrase.count <= words.count && phrase.indices.allSatisfy { lower(index + $0) == phrase[$0] }
            && (1..<max(1, phrase.count)).allSatisfy { isBlank(before: index + $0) }
    }

    /// Whether only white space is between this word and the one before it.
    func isBlank(before index: Int) -> Bool {
        !gaps[index].isEmpty && gaps[index].unicodeScalars.allSatisfy { $0.properties.isWhitespace }
    }

    /// Puts words, parted by blanks, in the place of others. The first one takes over the capitals of the word that it replaces.
    mutating func replace(_ range: Range<Int>, by new: [String]) {
        var new = new
        if let first = new.first, !range.isEmpty { new[0] = Self.capitals(of: words[range.lowerBound], on: first) }
        if new.isEmpty {
            for _ in range { remove(at: range.lowerBound) }
            return
        }
        gaps.replaceSubrange(range.lowerBound + 1..<range.upperBound, with: Array(repeating: " ", count: new.count - 1))
        words.replaceSubrange(range, with: new)
    }

    mutating func insert(_ word: String, at index: Int) {
        words.insert(word, at: index)
        gaps.insert(" ", at: index + 1)
    }

    mutating func setGap(_ index: Int, _ gap: String) { gaps[index] = gap }

    /// Removes a word with the blank that it no longer needs. Punctuation stays.
    mutating func remove(at index: Int) {
        let before = gaps[index], after = gaps[index + 1]
        words.remove(at: index)
        gaps.remove(at: index + 1)
        let blank: (Character) -> Bool = \.isWhitespace
        if index == 0, before.isEmpty {
            gaps[index] = String(after.drop(while: blank))
        } else if after.isEmpty || after.first.map({ blank($0) || $0.isPunctuation }) == true, before.last.map(blank) == true {
            gaps[index] = String(before.reversed().drop(while: blank).reversed()) + after
        } else {
            gaps[index] = before + after
        }
    }

    /// TWO for ONE, Two for One, two otherwise.
    static func capitals(of model: String, on word: String) -> String {
        guard let first = model.first, first.isUppercase else { return word }
        if model.count > 1, model == model.uppercased() { return word.uppercased() }
        return word.prefix(1).uppercased() + word.dropFirst()
    }

    static func wordRanges(of caption: String) -> [Range<String.Index>] {
        let scalars = caption.unicodeScalars
        var ranges: [Range<String.Index>] = []
        var start: String.Index?
        var position = scalars.startIndex, previous: Unicode.Scalar?
        while position < scalars.endIndex {
            let scalar = scalars[position], next = scalars.index(after: position)
            let joins =
                if let previous, start != nil, next < scalars.endIndex { isJoiner(scalar, between: previous, scalars[next]) } else { false }
            if isWordScalar(scalar) || joins {
                if start == nil { start = position }
            } else if let begun = start {
                ranges.append(begun..<position)
                start = nil
            }
            previous = scalar
            position = next
        }
        if let start { ranges.append(start..<scalars.endIndex) }
        return ranges
    }

    private static func isJoiner(_ scalar: Unicode.Scalar, between left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".": left.properties.numericType != nil && right.properties.numericType != nil
        case "'", "\u{2019}": left.properties.isAlphabetic && right.properties.isAlphabetic
        default: false
        }
    }

    private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.properties.isAlphabetic || scalar.properties.numericType != nil }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber,
            .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
            return true
        default: return false
        }
    }
}
