// Cells that say that there is no value: "nan", "N/A", "None", "-". Spreadsheets and data frames write such words for empty cells, and no
// caption, image or split has such a name. Not for texts that merely contain one of these words.

public enum MissingValue {
    /// The words of pandas, R, SQL, spreadsheets and people, in lower case.
    private static let words: Set<String> = [
        "nan", "-nan", "+nan", "nan.0", "na", "n/a", "n.a.", "n.a", "n\\a", "#n/a", "#n/a n/a", "#na", "<na>", "<nan>", "[nan]", "none",
        "<none>", "(none)", "null", "<null>",
        "(null)", "[null]", "nil", "nat", "\\n", "undefined", "missing", "(missing)", "<missing>", "empty", "(empty)", "<empty>", "(blank)",
        "not available",
        "not applicable", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity", "#null!",
        "#ref!",
        "#value!", "#div/0!", "#name?", "#num!", "tbd", "todo",
        // The same words in other languages.
        "#nv", "#n/d", "#nd", "#i/t", "k.a.", "k. a.", "k.a", "keine angabe", "keine angaben", "keine", "kein", "entfällt",
        "nicht verfügbar", "nicht vorhanden", "n.v.", "n. v.",
        "n.d.", "n. d.", "n/d", "s/o", "s.o.", "sin datos", "no disponible", "ninguno", "ninguna", "aucun", "aucune", "non disponible",
        "nessuno", "nessuna", "nenhum", "nenhuma",
        "brak", "brak danych", "нет", "нет данных", "无", "無", "なし", "없음",
    ]

    /// What a spreadsheet shows if a formula failed, in any language: "#BEZUG!", "#VALEUR!", "#NAZWA?".
    private static func isCellError(_ text: String) -> Bool {
        guard text.first == "#", let last = text.last, "!?".contains(last), text.count > 2 else { return false }
        return text.dropFirst().dropLast().allSatisfy { $0.isUppercase || $0 == "/" || $0 == "0" }
    }

    /// The word for a missing value, without surrounding blanks and invisible characters, if it fills the whole cell. Nil for a value and
    /// for an empty cell. A text without any letter or digit ("-", "?", "...") also counts as such a word.
    public static func word(in text: String) -> String? {
        let plain = InvisibleText.removed(from: text)
        if plain.isEmpty { return nil }
        if words.contains(plain.lowercased()) || isCellError(plain) { return plain }
        // Marks count as letters: a script may write a vowel as a mark.
        let speaks = plain.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber,
                .otherNumber:
                true
            default: false
            }
        }
        return speaks ? nil : plain
    }

    /// A caption cell: the text as written, or an empty text and the word for a missing value.
    static func caption(_ text: String) -> (text: String, word: String?) {
        if let word = word(in: text) { return ("", word) }
        return (InvisibleText.removed(from: text).isEmpty ? "" : text, nil)
    }
}

/// Invisible characters that copying from web pages and documents leaves in names: byte order marks, zero-width blanks, no-break blanks.
public enum InvisibleText {
    /// The text without them and without blanks at the ends; every other kind of blank becomes a plain one.
    public static func removed(from text: String) -> String {
        var result = String.UnicodeScalarView()
        var pending: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            if isInvisible(scalar) { continue }
            if scalar.properties.isWhitespace {
                if !result.isEmpty { pending.append(" ") }
                continue
            }
            result.append(contentsOf: pending)
            pending.removeAll()
            result.append(scalar)
        }
        return String(result)
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 32 && !scalar.properties.isWhitespace || scalar.value == 127 }
        switch scalar.properties.generalCategory {
        case .format: return true
        case .control: return !scalar.properties.isWhitespace
        default: return false
        }
    }
}
