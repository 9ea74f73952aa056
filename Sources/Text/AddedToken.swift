// Tokens that Hugging Face's tokenizers look for in a text before WordPiece: those of added_tokens.json, tokenizer_config.json and
// tokenizer.json, and the special ones. AddedTokenReader reads them.
// Not for the pieces of words. Invariant: of overlapping matches the leftmost is used, at the same start the longest; matches do not
// overlap.

/// A token that is matched in a text as a whole, whatever WordPiece would make of it.
public struct AddedToken: Sendable, Hashable {
    public let content: String
    public let id: Int32
    /// Matches only if no letter or digit is next to it.
    public let singleWord: Bool
    /// If true, the token's normalised content is looked for in the normalised text (lower-cased, if the vocabulary is). If false, the
    /// content is looked for in the text as written.
    public let normalized: Bool
    public let special: Bool

    public init(content: String, id: Int32, singleWord: Bool = false, normalized: Bool = true, special: Bool = false) {
        self.content = content
        self.id = id
        self.singleWord = singleWord
        self.normalized = normalized
        self.special = special
    }

    /// One of BERT's own special tokens, with the options that every BERT uses.
    var isUsual: Bool { Vocabulary.specials.contains(content) && !singleWord && !normalized }
}

/// Finds added tokens in UTF-8.
struct AddedTokenMatcher: Sendable {
    enum Segment: Equatable {
        case text(Range<Int>)
        case token(Int32)
    }

    private struct Pattern {
        let bytes: [UInt8]
        let id: Int32
        let singleWord: Bool
    }

    /// By first byte, longest first.
    private let patterns: [UInt8: [Pattern]]
    var isEmpty: Bool { patterns.isEmpty }

    /// - Parameter tokens: each with the text to look for, which is not empty.
    init(_ tokens: [(pattern: String, token: AddedToken)]) {
        var patterns: [UInt8: [Pattern]] = [:]
        for (text, token) in tokens {
            let bytes = Array(text.utf8)
            guard let first = bytes.first else { continue }
            patterns[first, default: []].append(Pattern(bytes: bytes, id: token.id, singleWord: token.singleWord))
        }
        self.patterns = patterns.mapValues { $0.sorted { $0.bytes.count > $1.bytes.count } }
    }

    /// The text split at its added tokens, in order.
    func segments(of bytes: [UInt8]) -> [Segment] {
        var result: [Segment] = []
        var textStart = 0, position = 0
        while position < bytes.count {
            guard let found = patterns[bytes[position]]?.first(where: { Self.matches($0.bytes, bytes, at: position) }) else {
                position += 1
                continue
            }
            let end = position + found.bytes.count
            // A refused match still covers its text: shorter tokens within it are not looked for.
            if !found.singleWord || Self.standsAlone(bytes, position, end) {
                if textStart < position { result.append(.text(textStart..<position)) }
                result.append(.token(found.id))
                textStart = end
            }
            position = end
        }
        if textStart < bytes.count { result.append(.text(textStart..<bytes.count)) }
        return result
    }

    private static func matches(_ pattern: [UInt8], _ bytes: [UInt8], at position: Int) -> Bool {
        pattern.count <= bytes.count - position && pattern.indices.allSatisfy { bytes[position + $0] == pattern[$0] }
    }

    private static func standsAlone(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
        var before = start - 1
        while before > 0 && bytes[before] & 0xC0 == 0x80 { before -= 1 }
        let left = before < 0 ? nil : String(decoding: bytes[before..<start], as: UTF8.self).unicodeScalars.last
        let right = String(decoding: bytes[end..<min(end + 4, bytes.count)], as: UTF8.self).unicodeScalars.first
        return !(left.map(isWordScalar) ?? false) && !(right.map(isWordScalar) ?? false)
    }

    /// What regular expressions call a word character.
    private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.properties.isAlphabetic || scalar.value == 0x200C || scalar.value == 0x200D { return true }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return false
        }
    }
}
