// Near misses: the known word that a mistyped word probably meant.

public enum Spelling {
    /// The known word nearest to `word`, or nil if none is near enough to suggest.
    public static func nearest(to word: String, among known: [String]) -> String? {
        let ranked = known.map { (word: $0, distance: distance(word, $0)) }
        guard let best = ranked.min(by: { ($0.distance, $0.word) < ($1.distance, $1.word) }) else { return nil }
        if best.distance <= max(1, word.count / 3) { return best.word }
        let beginnings = known.filter { word.count >= 3 && $0.hasPrefix(word) }
        return beginnings.count == 1 ? beginnings.first : nil
    }

    /// Levenshtein distance with adjacent swaps counted as one edit (optimal string alignment).
    package static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left), b = Array(right)
        var beforePrevious: [Int] = []
        var previous = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                var best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforePrevious[j - 1] + 1) }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[b.count]
    }
}
