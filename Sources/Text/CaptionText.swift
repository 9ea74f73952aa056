// White space in captions, and oddities of captions. The manifest keeps captions as written; only the tokenizer normalises them.

/// Something odd in a caption that is worth a line in a report; none of them is an error.
public enum CaptionOddity: String, Sendable, CaseIterable, Comparable {
    case empty
    case leadingBlank
    case trailingBlank
    case doubleBlank
    case noBreakBlank
    case lineBreak
    case controlCharacter
    case doubleFullStop
    case blankBeforePunctuation
    case missingBlankAfterPunctuation
    case wrongCapitals
    case notASCII

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// In words, as in "3 captions with a double full stop".
    public var description: String {
        switch self {
        case .empty: return "no text"
        case .leadingBlank: return "a leading blank"
        case .trailingBlank: return "a trailing blank"
        case .doubleBlank: return "a double blank"
        case .noBreakBlank: return "a no-break blank"
        case .lineBreak: return "a line break"
        case .controlCharacter: return "a control or invisible character"
        case .doubleFullStop: return "a double full stop"
        case .blankBeforePunctuation: return "a blank before punctuation"
        case .missingBlankAfterPunctuation: return "no blank after punctuation"
        case .wrongCapitals: return "capitals where none belong"
        case .notASCII: return "letters beyond ASCII"
        }
    }
}

public enum CaptionText {
    /// The caption with every run of Unicode white space replaced by one blank, and without white space at the ends. Control characters
    /// that BERT's tokenizer does not treat as blanks (U+000B, U+000C, U+0085) are dropped, as in the tokenizer. Nothing else changes.
    public static func normalised(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var pending = false
        for scalar in text.unicodeScalars {
            if isControl(scalar) { continue }
            if scalar.properties.isWhitespace {
                pending = !result.isEmpty
                continue
            }
            if pending { result.append(" ") }
            pending = false
            result.append(scalar)
        }
        return String(result)
    }

    /// Unicode white space that BERT's tokenizer treats as a control character.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0B, 0x0C, 0x85: true
        default: false
        }
    }

    /// The oddities of the caption, each once, in the order of `CaptionOddity.allCases`.
    public static func oddities(_ text: String) -> [CaptionOddity] {
        let scalars = Array(text.unicodeScalars)
        guard scalars.contains(where: { !$0.properties.isWhitespace }) else { return [.empty] }
        var found: Set<CaptionOddity> = []
        if scalars.first?.properties.isWhitespace == true { found.insert(.leadingBlank) }
        if scalars.last?.properties.isWhitespace == true { found.insert(.trailingBlank) }
        for (index, scalar) in scalars.enumerated() {
            let next = index + 1 < scalars.count ? scalars[index + 1] : nil
            check(scalar, next, &found)
        }
        if hasWrongCapitals(scalars) { found.insert(.wrongCapitals) }
        return CaptionOddity.allCases.filter(found.contains)
    }

    private static func check(_ scalar: Unicode.Scalar, _ next: Unicode.Scalar?, _ found: inout Set<CaptionOddity>) {
        let isBlank = scalar.properties.isWhitespace
        switch scalar.value {
        case _ where isLineBreak(scalar): found.insert(.lineBreak)
        case 0xA0, 0x202F, 0x2007: found.insert(.noBreakBlank)
        default:
            switch scalar.properties.generalCategory {
            case .control where scalar != "\t", .format, .privateUse, .unassigned: found.insert(.controlCharacter)
            default: if scalar.value > 127 && !isBlank { found.insert(.notASCII) }
            }
        }
        guard let next else { return }
        if isBlank && next.properties.isWhitespace && !isLineBreak(scalar) && !isLineBreak(next) { found.insert(.doubleBlank) }
        if isBlank && (next == "." || next == ",") { found.insert(.blankBeforePunctuation) }
        if scalar == "." && next == "." { found.insert(.doubleFullStop) }
        if (scalar == "," || scalar == ".") && next.properties.isAlphabetic { found.insert(.missingBlankAfterPunctuation) }
    }

    private static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x0D, 0x2028, 0x2029, 0x85: return true
        default: return false
        }
    }

    /// Capitals within a word, or a long word all in capitals. Short words in capitals (CT, COVID) are names. A capital at the beginning of
    /// a word is correct for German nouns and for names.
    private static func hasWrongCapitals(_ scalars: [Unicode.Scalar]) -> Bool {
        for word in scalars.split(whereSeparator: { $0.properties.isWhitespace }) {
            let letters = word.filter(\.properties.isAlphabetic)
            let capitals = letters.count(where: \.properties.isUppercase)
            if zip(letters, letters.dropFirst()).contains(where: { $0.properties.isLowercase && $1.properties.isUppercase }) { return true }
            if capitals == letters.count && capitals > 5 { return true }
        }
        return false
    }
}
