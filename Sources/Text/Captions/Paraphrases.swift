// Other sentences with a caption's meaning, for the uncertainty of a prediction over ways to say the same.
// Invariants: deterministic; no paraphrase equals the caption or another one; each keeps left, right, every number and every position.

public enum Paraphrases {
    /// Up to `limit` paraphrases of an English caption, those with the fewest changes first: each rule alone, then each rule with the next
    /// one, with the next two, and so on, in a circle, so that no rule is in more of them than another.
    /// - Returns: fewer, or none, where the rules know too few words of the caption; n rules give at most n(n - 1) + 1.
    public static func of(_ caption: String, limit: Int) -> [String] {
        let original = CaptionPieces(caption)
        let rules = ParaphraseRule.all.filter { $0.apply(to: original) != nil }
        var results: [String] = []
        var seen: Set<String> = [key(caption)]
        for size in stride(from: 1, through: rules.count, by: 1) {
            for start in rules.indices {
                if results.count >= limit { return results }
                let chosen = (start..<start + size).map { $0 % rules.count }.sorted()
                // A rule may find nothing left to change after another one.
                let text = chosen.reduce(original) { rules[$1].apply(to: $0) ?? $0 }.text
                if seen.insert(key(text)).inserted { results.append(text) }
            }
        }
        return results
    }

    /// What a tokenizer without capitals does not distinguish.
    private static func key(_ text: String) -> String { CaptionText.normalised(text).lowercased() }
}
