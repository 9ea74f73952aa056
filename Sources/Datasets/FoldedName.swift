// A name reduced to what a reader sees: without invisible characters, with one kind of blank, dash and letter form, in small letters.
// Used only after exact names found no match, and the match is then reported. (Swift's own comparison already treats É and E+´ as equal.)
import Foundation

enum FoldedName {
    static func key(_ name: String) -> String {
        var folded = ""
        for scalar in name.precomposedStringWithCompatibilityMapping.unicodeScalars {
            let properties = scalar.properties
            // Zero-width blanks and joiners, byte order marks, soft hyphens, direction marks, control characters.
            if properties.isDefaultIgnorableCodePoint || [.format, .control].contains(properties.generalCategory) { continue }
            if properties.isWhitespace {
                if folded.last != " ", !folded.isEmpty { folded += " " }
            } else if properties.generalCategory == .dashPunctuation {
                folded += "-"
            } else {
                folded.unicodeScalars.append(scalar)
            }
        }
        return folded.trimmingBlanks().lowercased()
    }

    /// Whether a name holds invisible characters. ASCII names, which are nearly all, are decided at once.
    static func hasUnseen(_ name: String) -> Bool {
        !name.utf8.allSatisfy { $0 < 128 }
            && name.unicodeScalars.contains { $0.properties.isDefaultIgnorableCodePoint || $0.properties.generalCategory == .format }
    }

    /// The values of the only name that folds to the same as `name`; nil if there is no such name or more than one.
    static func only<Value>(_ name: String, in byKey: [String: [(name: String, value: Value)]]) -> Value? {
        guard let found = byKey[key(name)], Set(found.map(\.name)).count == 1 else { return nil }
        return found[0].value
    }
}
