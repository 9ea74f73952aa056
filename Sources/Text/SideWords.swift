// The words for the two sides of one direction, what each becomes when the sides are exchanged, and the words that cannot be mirrored.
// They are from the captions of QaTa-COV19, MosMedData+ and Kvasir-SEG (docs/guide/augmentation.md), including typing errors.

struct SideWords: Sendable {
    /// Pairs of opposite stems.
    private let stems: [(String, String)]
    /// Endings that may follow a stem within one word: right-most, left-ward.
    private let endings: [String]
    /// Words that may precede a stem if a blank was forgotten: lower-right.
    private let beginnings: [String]
    /// Words for a side or a turn that have no opposite word.
    private let refused: Set<String>
    /// Usual words that only look like a misspelt stem.
    private let innocent: Set<String>

    static let horizontal = SideWords(
        stems: [("left", "right")], endings: ["", "most", "ward", "wards", "hand", "handed", "side", "sided"],
        beginnings: ["upper", "lower", "middle", "mid", "top", "bottom", "center", "centre", "central"],
        refused: turns.union([
            "upright", "heart", "cardiac", "aorta", "aortic", "liver", "hepatic", "spleen", "splenic", "stomach", "gastric", "lingula",
            "lingular",
            "appendix", "cecum", "caecum", "sigmoid", "ascending", "descending", "dextrocardia",
        ]),
        innocent: [
            "eight", "light", "bright", "slight", "night", "might", "tight", "sight", "fight", "height", "weight", "lift", "loft", "lest",
            "lent", "let", "felt",
        ])

    static let vertical = SideWords(
        stems: [("upper", "lower"), ("top", "bottom"), ("above", "below")], endings: ["", "most", "side", "sided"],
        beginnings: ["left", "right", "middle", "mid", "center", "centre", "central"],
        refused: turns.union([
            "up", "down", "upward", "upwards", "downward", "downwards", "upright", "upside", "under", "underneath", "beneath", "over",
            "superior",
            "inferior", "anterior", "posterior", "ventral", "dorsal", "cranial", "caudal", "apex", "apical", "basal", "base", "bases",
            "basilar",
            "diaphragm", "lobe", "lobes",
        ]),
        innocent: ["flower", "slower", "tower", "power", "supper", "abode"])

    private static let turns: Set<String> = ["clock", "clockwise", "counterclockwise", "anticlockwise"]

    /// A lower-case word after the sides were exchanged: the same word if it names no side; nil if it may name a side in an unknown way.
    func swapped(_ word: String) -> String? {
        if refused.contains(word) { return nil }
        if let known = knownForm(of: word) { return known }
        if innocent.contains(word) { return word }
        for (first, second) in stems {
            for stem in [first, second] where stem.count > 3 && (word.contains(stem) || Self.isOneErrorFrom(word, stem)) { return nil }
        }
        return word
    }

    /// Whether a lower-case word surely names a side of this direction.
    func names(_ word: String) -> Bool { !refused.contains(word) && knownForm(of: word) != nil }

    private func knownForm(of word: String) -> String? {
        for (first, second) in stems {
            for (from, to) in [(first, second), (second, first)] {
                // The search through characters is slow, and most words hold no stem.
                guard Self.holds(from.utf8, word.utf8), let range = word.firstRange(of: from) else { continue }
                let before = String(word[..<range.lowerBound]), after = String(word[range.upperBound...])
                if endings.contains(after), before.isEmpty || beginnings.contains(before) { return before + to + after }
                // upperleft: a word for the other direction follows.
                if before.isEmpty, beginnings.contains(where: { after == $0 || after == $0 + "most" }) { return to + after }
            }
        }
        return nil
    }

    private static func holds(_ stem: String.UTF8View, _ word: String.UTF8View) -> Bool {
        var rest = word[...]
        while rest.count >= stem.count {
            if rest.starts(with: stem) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// Whether one added, dropped or replaced letter, or two exchanged neighbours, turn one word into the other. Words of two letters are
    /// not compared.
    private static func isOneErrorFrom(_ word: String, _ stem: String) -> Bool {
        let left = Array(word), right = Array(stem)
        guard left.count > 2, abs(left.count - right.count) <= 1, left != right else { return false }
        var start = 0
        while start < min(left.count, right.count), left[start] == right[start] { start += 1 }
        var leftEnd = left.count, rightEnd = right.count
        while leftEnd > start, rightEnd > start, left[leftEnd - 1] == right[rightEnd - 1] {
            leftEnd -= 1
            rightEnd -= 1
        }
        if max(leftEnd - start, rightEnd - start) <= 1 { return true }
        // Two neighbouring letters are exchanged.
        return leftEnd - start == 2 && rightEnd - start == 2 && left[start] == right[start + 1] && left[start + 1] == right[start]
    }
}
