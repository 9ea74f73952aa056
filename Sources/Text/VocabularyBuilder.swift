// A WordPiece vocabulary from captions, for when no pretrained one is given: special tokens, then characters, then pieces merged by
// frequency until every word is whole or the size is reached.
//
// Invariants: the same captions in any order give the same tokens; no caption used for building has an unknown word, except for a
// word of more than 100 characters (BERT never spells those). ASCII letters, digits and signs are always there, so that text typed
// later has few unknown words.

extension Vocabulary {
    /// Builds a vocabulary of at most `size` tokens (more only where the captions' characters alone need more).
    public static func built(from captions: [String], size: Int = 30_522, lowercase: Bool = true) -> Vocabulary {
        let scanner = WordScanner(lowercase: lowercase, specials: specials)
        var counts: [[UInt8]: Int] = [:]
        for caption in captions {
            scanner.scan(caption) { event in
                if case .word(let word, let scalars) = event, scalars <= WordScanner.maximumWordScalars {
                    counts[Array(word), default: 0] += 1
                }
                return true
            }
        }
        var builder = PieceMerger(words: counts, size: size - specials.count)
        builder.mergeAll()
        return Vocabulary(trusted: specials + builder.pieces)
    }
}

/// Merges the most frequent pair of neighbouring pieces, again and again; ties go to the pair whose pieces come first by bytes.
struct PieceMerger {
    private struct Pair: Hashable { let left: Int, right: Int }
    private struct Candidate { let count: Int, pair: Pair }

    private(set) var pieces: [String] = []
    private let size: Int
    private var idByPiece: [[UInt8]: Int] = [:]
    private var words: [(pieces: [Int], count: Int)] = []
    private var pairCounts: [Pair: Int] = [:]
    private var wordsByPair: [Pair: Set<Int>] = [:]

    init(words counts: [[UInt8]: Int], size: Int) {
        self.size = size
        let sorted = counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let always = (33...126).compactMap { Unicode.Scalar($0 as UInt32) }.filter { !$0.properties.isUppercase }
        var scalars = Set(always)
        var inside = Set(always.filter { !ScalarMap.isPunctuation($0) })
        for (word, _) in sorted {
            let all = String(decoding: word, as: UTF8.self).unicodeScalars
            scalars.formUnion(all.prefix(1))
            inside.formUnion(all.dropFirst())
        }
        for scalar in scalars.sorted() { _ = add(String(scalar)) }
        for scalar in inside.sorted() { _ = add("##" + String(scalar)) }
        for (word, count) in sorted {
            var spelled: [Int] = []
            for scalar in String(decoding: word, as: UTF8.self).unicodeScalars {
                spelled.append(add(spelled.isEmpty ? String(scalar) : "##" + String(scalar)))
            }
            words.append((spelled, count))
        }
        for index in words.indices { count(wordAt: index, sign: 1) }
    }

    /// Merges until every word is one piece or the size is reached.
    mutating func mergeAll() {
        while pieces.count < size, let best = mostFrequent() { merge(best) }
    }

    private mutating func add(_ piece: String) -> Int {
        let key = Array(piece.utf8)
        if let id = idByPiece[key] { return id }
        idByPiece[key] = pieces.count
        pieces.append(piece)
        return pieces.count - 1
    }

    private mutating func count(wordAt index: Int, sign: Int) {
        let word = words[index]
        for (left, right) in zip(word.pieces, word.pieces.dropFirst()) {
            let pair = Pair(left: left, right: right)
            let now = pairCounts[pair, default: 0] + sign * word.count
            pairCounts[pair] = now == 0 ? nil : now
            if sign > 0 {
                wordsByPair[pair, default: []].insert(index)
            } else {
                wordsByPair[pair]?.remove(index)
            }
        }
    }

    private func mostFrequent() -> Pair? {
        pairCounts.max { first, second in
            if first.value != second.value { return first.value < second.value }
            return isBefore(second.key, first.key)
        }?.key
    }

    private func isBefore(_ first: Pair, _ second: Pair) -> Bool {
        if first.left != second.left { return pieces[first.left].utf8.lexicographicallyPrecedes(pieces[second.left].utf8) }
        return pieces[first.right].utf8.lexicographicallyPrecedes(pieces[second.right].utf8)
    }

    private mutating func merge(_ pair: Pair) {
        let merged = add(pieces[pair.left] + pieces[pair.right].dropFirst(2))
        for index in (wordsByPair[pair] ?? []).sorted() {
            count(wordAt: index, sign: -1)
            var result: [Int] = []
            for piece in words[index].pieces {
                if piece == pair.right && result.last == pair.left {
                    result[result.count - 1] = merged
                } else {
                    result.append(piece)
                }
            }
            words[index].pieces = result
            count(wordAt: index, sign: 1)
        }
        wordsByPair[pair] = nil
    }
}
