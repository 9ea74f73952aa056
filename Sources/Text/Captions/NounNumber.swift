// Singular and plural of English nouns by the regular rules, and the few irregular ones of medical captions. Lower case in, lower case out.

enum NounNumber {
    private static let irregular: [String: String] = [
        "nucleus": "nuclei", "focus": "foci", "metastasis": "metastases", "nevus": "nevi", "diverticulum": "diverticula",
    ]
    private static let irregularPlurals = Dictionary(irregular.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })

    /// The singular; the word itself if it is none that these rules read as a plural.
    static func singular(_ word: String) -> String {
        if let known = irregularPlurals[word] { return known }
        if irregular[word] != nil || word.count < 4 { return word }
        if word.hasSuffix("ies") { return word.dropLast(3) + "y" }
        for ending in ["sses", "shes", "ches", "xes"] where word.hasSuffix(ending) { return String(word.dropLast(2)) }
        if word.hasSuffix("s"), !["ss", "us", "is"].contains(where: word.hasSuffix) { return String(word.dropLast()) }
        return word
    }

    static func plural(_ word: String) -> String {
        if isPlural(word) { return word }
        if let known = irregular[word] { return known }
        if word.hasSuffix("y"), let before = word.dropLast().last, !"aeiou".contains(before) { return word.dropLast() + "ies" }
        if ["s", "x", "sh", "ch"].contains(where: word.hasSuffix) { return word + "es" }
        return word + "s"
    }

    static func isPlural(_ word: String) -> Bool { singular(word) != word }
}
