// What BERT's basic tokenizer does with one Unicode scalar: drop it, treat it as a blank, make it a separate word, or append it
// (lower-cased, decomposed, without accents) to the current word. Everything that BertTokenizer does before WordPiece depends on the scalar
// alone, except canonical reordering (see `mayReorder`).
//
// Not for splitting text (WordScanner) or for looking up pieces (PieceTrie).
// The rules are those of Hugging Face's BasicTokenizer: clean -> CJK blanks -> lower -> NFD -> drop Mn -> split at punctuation.
import Foundation

/// One step in the treatment of a scalar.
enum ScalarStep: Sendable, Equatable {
    /// Ends the current word.
    case blank
    /// A separate word: punctuation and CJK ideographs.
    case alone(Unicode.Scalar)
    /// Appends a scalar to the current word.
    case letter(Unicode.Scalar)
}

enum ScalarMap {
    /// The steps for one scalar; empty if the scalar is dropped.
    static func steps(for scalar: Unicode.Scalar, lowercase: Bool) -> [ScalarStep] {
        if scalar == "\t" || scalar == "\n" || scalar == "\r" || scalar == " " { return [.blank] }
        if isDropped(scalar) { return [] }
        let ideograph = isIdeograph(scalar)
        if !lowercase { return [step(for: scalar, ideograph: ideograph)] }
        let lowered = scalar.properties.lowercaseMapping
        let decomposed = lowered.decomposedStringWithCanonicalMapping
        return decomposed.unicodeScalars.compactMap { result in
            isAccent(result) ? nil : step(for: result, ideograph: ideograph)
        }
    }

    /// A whole text as BERT normalises it before it splits: cleaned, ideographs between blanks, and on request lower-cased and without
    /// accents.
    static func normalised(_ text: String, lowercase: Bool) -> String {
        let reorders = lowercase && text.unicodeScalars.contains(where: mayReorder)
        let text = reorders ? text.decomposedStringWithCanonicalMapping : text
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let ideograph = isIdeograph(scalar)
            if ideograph { result.append(" ") }
            for step in steps(for: scalar, lowercase: lowercase) {
                switch step {
                case .blank: result.append(" ")
                case .alone(let kept), .letter(let kept): result.append(kept)
                }
            }
            if ideograph { result.append(" ") }
        }
        return String(result)
    }

    /// Spacing marks with a combining class: NFD puts runs of them in canonical order, which no rule for single scalars can do.
    /// A text that contains one is decomposed as a whole before it is split.
    static func mayReorder(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x1715 else { return false }
        return scalar.properties.canonicalCombiningClass != .notReordered && scalar.properties.generalCategory != .nonspacingMark
    }

    static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 33...47, 58...64, 91...96, 123...126: return true
        case 0..<128: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
            .otherPunctuation:
            return true
        default: return false
        }
    }

    private static func step(for scalar: Unicode.Scalar, ideograph: Bool) -> ScalarStep {
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: return .blank
        default: return ideograph || isPunctuation(scalar) ? .alone(scalar) : .letter(scalar)
        }
    }

    /// Control, format, private-use and unassigned scalars, and the replacement character.
    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value == 0xFFFD { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .surrogate, .unassigned: return true
        default: return false
        }
    }

    /// Nonspacing marks. U+1171E was one in the Unicode versions that Hugging Face's tokenizers use; it is a spacing mark in later
    /// versions.
    private static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .nonspacingMark || scalar.value == 0x1171E
    }

    /// The blocks that BERT calls Chinese characters.
    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F, 0x2B820...0x2CEAF,
            0xF900...0xFAFF, 0x2F800...0x2FA1F:
            return true
        default: return false
        }
    }
}
