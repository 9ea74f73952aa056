// Splits that keep all samples of a patient in one split: whole groups are assigned to test, val and train, so that each split's size is as
// near to its share as any choice of groups can make it. Invariant: a pure function of the ids' groups, the shares and the seed.
import Randomness

package struct GroupedSplit {
    /// By id.
    private(set) var splits: [String: Split] = [:]
    private(set) var groupCount = 0
    /// Ids whose names contain no subject; they are grouped by name.
    private(set) var unnamed: [String] = []

    /// - Parameter shares: only splits that are to have samples.
    /// - Throws: `.noSubjects` if no name contains one, `.tooFewSubjects` if there are fewer groups than splits.
    init(_ ids: [String], by kind: SubjectKind, shares: [(split: Split, share: Double)], seed: UInt64) throws(DatasetError) {
        unnamed = ids.filter { kind.name(in: $0) == nil }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        if unnamed.count == ids.count { throw .noSubjects(kind: kind, example: unnamed.first ?? "") }
        let wanted = shares.count { $0.share > 0 }
        try deal(ids, kind.group, shares, seed) { .tooFewSubjects(kind: kind, count: $0, splits: wanted) }
    }

    /// Groups by a column of the caption table.
    init(_ ids: [String], by groups: ColumnGroups, shares: [(split: Split, share: Double)], seed: UInt64) throws(DatasetError) {
        let wanted = shares.count { $0.share > 0 }
        try deal(ids, groups.group, shares, seed) { .tooFewGroups(column: groups.column, count: $0, splits: wanted) }
    }

    private mutating func deal(
        _ ids: [String], _ group: (String) -> String, _ shares: [(split: Split, share: Double)], _ seed: UInt64,
        tooFew: (Int) -> DatasetError
    ) throws(DatasetError) {
        var groups = Dictionary(grouping: ids, by: group).sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
        groupCount = groups.count
        let wanted = shares.filter { $0.share > 0 }
        if groups.count < wanted.count { throw tooFew(groups.count) }
        var random = SplitMix64(seed: seed, stream: 0x9209)
        random.shuffle(&groups)
        let targets = SplitPlan.counts(ids.count, wanted.map(\.share))
        // The smallest splits choose first; the largest takes the rest.
        let order = wanted.indices.sorted { (wanted[$0].share, wanted[$1].split) < (wanted[$1].share, wanted[$0].split) }
        for (position, index) in order.dropLast().enumerated() {
            let others = order.count - position - 1
            let chosen = Self.nearest(groups.map(\.count), to: targets[index], leaving: others)
            for place in chosen { for id in groups[place] { splits[id] = wanted[index].split } }
            groups = groups.enumerated().filter { !chosen.contains($0.offset) }.map(\.element)
        }
        if let last = order.last { for id in groups.joined() { splits[id] = wanted[last].split } }
    }

    /// The positions of the sizes whose sum is nearest to `target`: at least one position, and at least `leaving` are left over. Of equal
    /// sums the earliest positions.
    package static func nearest(_ sizes: [Int], to target: Int, leaving: Int) -> Set<Int> {
        let total = sizes.reduce(0, +), none = Int.max
        // first[s]: the position of the size that first reached the sum s. Going back from a sum therefore meets ever earlier positions.
        var first = [Int](repeating: none, count: total + 1)
        first[0] = -1
        var reach = 0
        for (index, size) in sizes.enumerated() {
            reach += size
            for sum in stride(from: reach, through: size, by: -1) where first[sum] == none && first[sum - size] < index {
                first[sum] = index
            }
        }
        func parts(_ sum: Int) -> Set<Int> {
            var parts: Set<Int> = [], rest = sum
            while rest > 0 {
                parts.insert(first[rest])
                rest -= sizes[first[rest]]
            }
            return parts
        }
        for distance in 0...max(total, target) {
            for sum in [target - distance, target + distance] where sum > 0 && sum <= total && first[sum] != none {
                let found = parts(sum)
                if sizes.count - found.count >= leaving { return found }
            }
        }
        return Set(sizes.indices.prefix(1))
    }
}
