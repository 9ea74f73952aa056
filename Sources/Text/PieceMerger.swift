// Trains a WordPiece vocabulary by merging: words begin as single characters, and the most frequent pair of neighbouring pieces repeatedly
// becomes one piece. On a tie, the pair whose pieces come first in byte order is merged, so the result depends only on the words and their
// counts.
//
// Invariants: pairCounts holds the true count of every pair that occurs. For each of them the queue holds an entry with that count.

/// Merges the most frequent pair of neighbouring pieces repeatedly; on a tie, the pair whose pieces come first in byte order.
struct PieceMerger {
    private struct Pair: Hashable { let left: Int, right: Int }
    private struct Candidate { let count: Int, pair: Pair }

    private(set) var pieces: [String] = []
    private let size: Int
    private var idByPiece: [[UInt8]: Int] = [:]
    private var words: [(pieces: [Int], count: Int)] = []
    private var pairCounts: [Pair: Int] = [:]
    private var wordsByPair: [Pair: Set<Int>] = [:]
    private var touched: Set<Pair> = []
    private var queue: [Candidate] = []

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
        queueTouched()
    }

    /// Merges until every word is one piece or the vocabulary has its size.
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
            touched.insert(pair)
            if sign > 0 {
                wordsByPair[pair, default: []].insert(index)
            } else {
                wordsByPair[pair]?.remove(index)
            }
        }
    }

    /// The most frequent pair whose queue entry still has the current count; outdated entries are dropped.
    private mutating func mostFrequent() -> Pair? {
        while let top = queue.first {
            if pairCounts[top.pair] == top.count { return top.pair }
            popQueue()
        }
        return nil
    }

    // A binary heap, the most frequent pair first. A pair may have several entries with old counts; only the one with the current count is
    // valid.

    private func comesFirst(_ first: Candidate, _ second: Candidate) -> Bool {
        first.count != second.count ? first.count > second.count : isBefore(first.pair, second.pair)
    }

    private mutating func pushQueue(_ candidate: Candidate) {
        queue.append(candidate)
        var child = queue.count - 1
        while child > 0, comesFirst(queue[child], queue[(child - 1) / 2]) {
            queue.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func popQueue() {
        queue.swapAt(0, queue.count - 1)
        queue.removeLast()
        var parent = 0
        while true {
            var best = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < queue.count && comesFirst(queue[child], queue[best]) {
                best = child
            }
            if best == parent { return }
            queue.swapAt(parent, best)
            parent = best
        }
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
        queueTouched()
    }

    private mutating func queueTouched() {
        for pair in touched { if let count = pairCounts[pair] { pushQueue(Candidate(count: count, pair: pair)) } }
        touched.removeAll(keepingCapacity: true)
    }
}
