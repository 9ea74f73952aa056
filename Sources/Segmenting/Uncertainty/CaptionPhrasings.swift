// The captions of one image: the one that it is asked with, the others that the dataset has, and paraphrases by rule.
// Invariants: the first is the caption itself; no two are equal for a tokenizer without capitals; the order depends on the texts alone.
import Text

enum CaptionPhrasings {
    /// The most paraphrases of a caption.
    static let paraphrases = 8

    /// - Parameter others: captions that the dataset has for the same image, in its order.
    static func of(_ caption: String, others: [String]) -> [String] {
        var seen: Set<String> = [], result: [String] = []
        for text in [caption] + others + Paraphrases.of(caption, limit: paraphrases)
        where seen.insert(CaptionText.normalised(text).lowercased()).inserted {
            result.append(text)
        }
        return result
    }
}
