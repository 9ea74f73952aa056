// The claims of a caption about the mask: places ("top left", "upper middle left lung"), number of lesions, no lesions, one side or both.
// Reads words only; CaptionAgreement checks the claims. Words that the rules do not know make no claim.

/// One claim of a place: a phrase between commas, full stops or "and" that names a side.
public struct CaptionPlace: Sendable, Equatable {
    /// The place words in the order of the caption, such as "top left".
    public let words: String
    /// The 4x4 cells of MaskShape that the place covers, bit row * 4 + column, as the viewer sees the picture.
    public let cells: UInt16
    /// Whether the place names left or right; nil if it names both or none.
    public let side: Side?

    public enum Side: Sendable, Equatable { case left, right }

    /// The same place with left and right exchanged.
    public var mirrored: UInt16 {
        (0..<16).reduce(into: 0) { result, bit in if cells >> UInt16(bit) & 1 == 1 { result |= 1 << UInt16(bit / 4 * 4 + 3 - bit % 4) } }
    }

    /// The share of the foreground that lies in the place; nil for an empty mask.
    func share(of mask: MaskShape, mirrored isMirrored: Bool) -> Double? {
        let total = mask.cells.reduce(0, +), cells = isMirrored ? mirrored : cells
        guard total > 0 else { return nil }
        return Double(mask.cells.enumerated().reduce(0) { $0 + (cells >> UInt16($1.offset) & 1 == 1 ? $1.element : 0) }) / Double(total)
    }
}

public struct CaptionClaims: Sendable, Equatable {
    public private(set) var places: [CaptionPlace] = []
    /// The first number word (or digit) before any place; "zero" and "no" set `deniesLesions` instead.
    public private(set) var count: Int?
    public private(set) var deniesLesions = false
    /// The caption says that only one side is affected, or that both are.
    public private(set) var saysUnilateral = false, saysBilateral = false

    /// The one side that the places name; nil if they name none or both.
    public var onlySide: CaptionPlace.Side? {
        let sides = places.compactMap(\.side)
        guard let first = sides.first, sides.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    /// The caption says unilateral, but names places on both sides.
    public var contradictsItself: Bool {
        let sides = places.compactMap(\.side)
        return saysUnilateral && sides.contains(.left) && sides.contains(.right)
    }

    public init(_ caption: String) {
        for phrase in Self.phrases(caption) {
            for word in phrase {
                if let number = Self.numbers[word] ?? Int(word), count == nil, places.isEmpty, (1...99).contains(number) { count = number }
                switch word {
                case "no", "zero", "without", "none": deniesLesions = true
                case "unilateral": saysUnilateral = true
                case "bilateral": saysBilateral = true
                default: break
                }
            }
            if let place = Self.place(phrase.flatMap(Self.placeWords)) { places.append(place) }
        }
        if !places.isEmpty || count != nil { deniesLesions = false }
    }

    private static let numbers: [String: Int] = [
        "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
        "twelve": 12, "single": 1, "solitary": 1,
    ]

    private enum Direction { case left, right, top, bottom, middle, centre }
    private static let directions: [String: Direction] = [
        "left": .left, "right": .right, "top": .top, "upper": .top, "superior": .top, "bottom": .bottom, "lower": .bottom,
        "inferior": .bottom, "middle": .middle, "mid": .middle, "center": .centre, "centre": .centre, "central": .centre,
    ]

    /// Words in lower case, split into phrases at punctuation and at "and"/"or".
    private static func phrases(_ caption: String) -> [[String]] {
        var phrases: [[String]] = [[]], word = ""
        func finishWord() {
            if word == "and" || word == "or" { phrases.append([]) } else if !word.isEmpty { phrases[phrases.count - 1].append(word) }
            word = ""
        }
        for character in caption.lowercased() {
            if character.isLetter || character.isNumber {
                word.append(character)
                continue
            }
            finishWord()
            if ",.;:/".contains(character) { phrases.append([]) }
        }
        finishWord()
        return phrases
    }

    /// The place words in a word: the word itself, or two words written without the blank ("lowerright").
    private static func placeWords(_ word: String) -> [String] {
        if directions[word] != nil { return [word] }
        for side in ["left", "right"] where word.hasSuffix(side) {
            let first = String(word.dropLast(side.count))
            if directions[first] != nil { return [first, side] }
        }
        return []
    }

    private static func place(_ words: [String]) -> CaptionPlace? {
        let named = words.compactMap { directions[$0] }
        guard !named.isEmpty else { return nil }
        var rows = Set<Int>(), columns = Set<Int>()
        for direction in named {
            switch direction {
            case .left: columns.formUnion([0, 1])
            case .right: columns.formUnion([2, 3])
            case .top: rows.formUnion([0, 1])
            case .bottom: rows.formUnion([2, 3])
            case .middle: rows.formUnion([1, 2])
            case .centre: break
            }
        }
        if named.contains(.centre) {
            // "centre left" means the middle rows, "top centre" the middle columns, "centre" both.
            if rows.isEmpty { rows = [1, 2] }
            if columns.isEmpty { columns = [1, 2] }
        }
        if rows.isEmpty { rows = [0, 1, 2, 3] }
        if columns.isEmpty { columns = [0, 1, 2, 3] }
        var cells: UInt16 = 0
        for row in rows { for column in columns { cells |= 1 << UInt16(4 * row + column) } }
        let left = named.contains(.left), right = named.contains(.right)
        return CaptionPlace(words: words.joined(separator: " "), cells: cells, side: left == right ? nil : left ? .left : .right)
    }
}
