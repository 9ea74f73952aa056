// Which split each sample gets where its source does not say, or says only train and test. Never at random unless asked: `--split` and a
// seed. Invariant: a pure function of the ids, the known splits, the shares and the seed.
import Randomness

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
    private(set) var source = ""

    /// - Parameters:
    ///   - known: ids and the splits that the source gives; `origin` names the source.
    ///   - groupBy: draws splits of whole patients or studies. It replaces the source's splits, except a test split that has no validation
    ///     split beside it and shares no subject with train.
    ///   - groups: the table's own column of patients. If the user asked for it, it works as `groupBy` and takes precedence over names; if
    ///     it was found by its name, it only keeps groups whole among the samples that are drawn.
    init(
        _ known: [(id: String, split: Split?)], origin: String, shares: SplitShares?, seed: UInt64, groupBy: SubjectKind? = nil,
        groups: ColumnGroups? = nil
    ) throws(DatasetError) {
        for (id, split) in known { if let split { splits[id] = split } }
        if let dealing = groups.flatMap({ $0.isAsked ? Dealing.column($0) : nil }) ?? groupBy.map(Dealing.names) {
            source = ""
            guard let shares else { throw groupBy.map(DatasetError.groupingNeedsShares) ?? .groupColumnNeedsShares(groups?.column ?? "") }
            try drawGroups(known, origin, shares, seed, dealing)
            return
        }
        let open = known.filter { $0.split == nil }.map(\.id)
        let present = Set(splits.values)
        guard let shares else {
            if let first = open.first { throw .noSplit(count: open.count, of: known.count, example: first, isKvasir: false) }
            source = origin
            return
        }
        let drawn = "--split \(shares.text) with seed \(seed)"
        if open.count == known.count, let groups,
            try drawFound(groups, open, [(.train, shares.train), (.val, shares.val), (.test, shares.test)], seed)
        {
            source = "\(groups.count(open)) whole groups of the column \(groups.column), drawn by \(drawn)"
        } else if !open.isEmpty {
            Self.draw(open, [(.train, shares.train), (.val, shares.val), (.test, shares.test)], seed, into: &splits)
            source = open.count == known.count ? "drawn by \(drawn)" : "\(origin); \(open.count) samples without one drawn by \(drawn)"
        } else if !present.contains(.val), present.contains(.train) {
            let training = known.filter { $0.split == .train }.map(\.id)
            if let groups, try drawFound(groups, training, [(.train, shares.train), (.val, shares.val)], seed) {
                source =
                    "\(origin), which has no validation split: val drawn from train in whole groups of the column "
                    + "\(groups.column) by \(drawn)"
                return
            }
            Self.draw(training, [(.train, shares.train), (.val, shares.val)], seed, into: &splits)
            source = "\(origin), which has no validation split: val drawn from train by \(drawn)"
        } else {
            throw .splitNotNeeded(source: origin, known: Split.allCases.filter(present.contains))
        }
    }

    /// The source of a sample's patient or study.
    private enum Dealing {
        case names(SubjectKind)
        case column(ColumnGroups)

        func subject(of id: String) -> String? {
            switch self {
            case .names(let kind): kind.name(in: id)
            case .column(let groups): groups.byID[id]
            }
        }
    }

    private mutating func drawGroups(
        _ known: [(id: String, split: Split?)], _ origin: String, _ shares: SplitShares, _ seed: UInt64, _ dealing: Dealing
    ) throws(DatasetError) {
        let present = Set(splits.values)
        // A test split without a validation split is the published one: it stays, unless it shares a subject with train.
        func subjects(_ split: Split) -> Set<String> { Set(known.filter { $0.split == split }.compactMap { dealing.subject(of: $0.id) }) }
        let keepsTest = present == [.train, .test] && splits.count == known.count && subjects(.train).isDisjoint(with: subjects(.test))
        let open = known.filter { !keepsTest || $0.split == .train }.map(\.id)
        let wanted: [(split: Split, share: Double)] =
            [(.train, shares.train), (.val, shares.val)] + (keepsTest ? [] : [(.test, shares.test)])
        let drawn: GroupedSplit
        switch dealing {
        case .names(let kind):
            drawn = try GroupedSplit(open, by: kind, shares: wanted, seed: seed)
            let plural = kind == .patient ? "patients" : "studies"
            source =
                "whole \(plural) (\(drawn.groupCount) groups by name) drawn by --split \(shares.text) --group-by \(kind.rawValue) with "
                + "seed \(seed)"
        case .column(let groups):
            drawn = try GroupedSplit(open, by: groups, shares: wanted, seed: seed)
            source = "\(drawn.groupCount) whole groups of the column \(groups.column), drawn by --split \(shares.text) with seed \(seed)"
        }
        splits.merge(drawn.splits) { $1 }
        if keepsTest { source += "; test as in \(origin)" } else if !present.isEmpty { source += ", in place of the splits of \(origin)" }
        if case .names(let kind) = dealing, let first = drawn.unnamed.first {
            source +=
                "; \(drawn.unnamed.count) names contain no \(kind.rawValue) (such as \"\(first)\"): those that differ only in their last "
                + "number stay together"
        }
    }

    /// Draws whole groups of a column that was found by its name. Returns false, and changes nothing, if there are too few groups for the
    /// splits or each group is one sample.
    private mutating func drawFound(
        _ groups: ColumnGroups, _ ids: [String], _ shares: [(split: Split, share: Double)], _ seed: UInt64
    ) throws(DatasetError) -> Bool {
        let count = groups.count(ids)
        guard count < ids.count, count >= shares.count(where: { $0.share > 0 }) else { return false }
        splits.merge(try GroupedSplit(ids, by: groups, shares: shares, seed: seed).splits) { $1 }
        return true
    }

    private static func draw(_ ids: [String], _ shares: [(split: Split, share: Double)], _ seed: UInt64, into splits: inout [String: Split])
    {
        var order = ids.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var random = SplitMix64(seed: seed, stream: 0x5911)
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
