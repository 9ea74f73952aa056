// Which split each sample gets where its source does not say, or says only train and test. Never at random unless asked: `--split` and a seed.
// Invariant: a pure function of the ids, the known splits, the shares and the seed.

/// The shares of `--split 80/10/10`.
public struct SplitShares: Sendable, Equatable {
    public let text: String
    let train: Double, val: Double, test: Double

    /// Three numbers with slashes between them; train must have some.
    public init(_ text: String) throws(DatasetError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Double($0.trimmingCharacters()) ?? -1 }
        guard parts.count == 3, parts.allSatisfy({ $0 >= 0 && $0.isFinite }), parts[0] > 0 else { throw .badRatios(text) }
        self.text = text
        (train, val, test) = (parts[0], parts[1], parts[2])
    }
}

extension Substring {
    fileprivate func trimmingCharacters() -> String { String(self).trimmingBlanks() }
}

struct SplitPlan {
    /// By id.
    private(set) var splits: [String: Split] = [:]
    /// A sentence for the summary.
    private(set) var source: String

    /// - Parameters:
    ///   - known: id and the split that the source gives; `origin` says in words what the source is.
    init(_ known: [(id: String, split: Split?)], origin: String, shares: SplitShares?, seed: UInt64) throws(DatasetError) {
        for (id, split) in known { if let split { splits[id] = split } }
        let open = known.filter { $0.split == nil }.map(\.id)
        let present = Set(splits.values)
        guard let shares else {
            if let first = open.first { throw .noSplit(count: open.count, of: known.count, example: first) }
            source = origin
            return
        }
        let drawn = "--split \(shares.text) with seed \(seed)"
        if !open.isEmpty {
            Self.draw(open, [(.train, shares.train), (.val, shares.val), (.test, shares.test)], seed, into: &splits)
            source = open.count == known.count ? "drawn by \(drawn)" : "\(origin); \(open.count) samples without one drawn by \(drawn)"
        } else if !present.contains(.val), present.contains(.train) {
            let training = known.filter { $0.split == .train }.map(\.id)
            Self.draw(training, [(.train, shares.train), (.val, shares.val)], seed, into: &splits)
            source = "\(origin), which has no validation split: val drawn from train by \(drawn)"
        } else {
            throw .splitNotNeeded(source: origin)
        }
    }

    private static func draw(_ ids: [String], _ shares: [(split: Split, share: Double)], _ seed: UInt64, into splits: inout [String: Split]) {
        var order = ids.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var random = SeededRandom(seed: seed, stream: 0x5911)
        random.shuffle(&order)
        var start = 0
        for (part, count) in zip(shares, counts(order.count, shares.map(\.share))) {
            for id in order[start..<start + count] { splits[id] = part.split }
            start += count
        }
    }

    /// Whole numbers in the given shares that add up to `total`: rounded down, the rest to the largest remainders.
    static func counts(_ total: Int, _ shares: [Double]) -> [Int] {
        let sum = shares.reduce(0, +)
        let exact = shares.map { Double(total) * $0 / sum }
        var counts = exact.map { Int($0.rounded(.down)) }
        let byRemainder = exact.indices.sorted { exact[$0] - exact[$0].rounded(.down) > exact[$1] - exact[$1].rounded(.down) }
        for index in byRemainder.prefix(total - counts.reduce(0, +)) { counts[index] += 1 }
        return counts
    }
}
