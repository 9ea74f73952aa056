// Which words the captions use. A word is a run of letters and digits, in lower case.

public struct WordCounts: Codable, Sendable, Equatable {
    public struct Entry: Codable, Sendable, Equatable {
        public let word: String
        /// How often the word occurs, and in how many captions.
        public let count: Int, captions: Int
    }

    /// Number of different words in all captions.
    public let distinct: Int
    /// The 30 most frequent words; equally frequent words are in alphabetical order.
    public let frequent: [Entry]
    /// Up to 30 words that occur once; spelling mistakes are often among them.
    public let once: [String]

    public init(_ captions: [String]) {
        var counts: [String: Int] = [:], holders: [String: Int] = [:]
        for caption in captions {
            let words = Self.words(caption)
            for word in words { counts[word, default: 0] += 1 }
            for word in Set(words) { holders[word, default: 0] += 1 }
        }
        distinct = counts.count
        let ordered = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        frequent = ordered.prefix(30).map { Entry(word: $0.key, count: $0.value, captions: holders[$0.key] ?? 0) }
        once = Array(ordered.filter { $0.value == 1 }.map(\.key).prefix(30))
    }

    static func words(_ caption: String) -> [String] {
        caption.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
