// Deals groups of samples to folds, so that every fold holds as many samples of each stratum as the others: the greedy rule of
// scikit-learn's StratifiedGroupKFold. Groups are never parted. Not for the order of the groups, which the caller shuffles, nor for files.
// Invariant: a pure function of the counts and their order.

package enum FoldDealing {
    /// - Parameters:
    ///   - counts: for each group, its number of samples in each stratum.
    ///   - folds: at least one, and at most as many as there are groups.
    /// - Returns: the fold of each group, from 0.
    package static func deal(_ counts: [[Int]], folds: Int) -> [Int] {
        let strata = counts.first?.count ?? 0
        let totals = (0..<strata).map { stratum in Double(counts.reduce(0) { $0 + $1[stratum] }) }
        var dealt = [[Double]](repeating: [Double](repeating: 0, count: strata), count: folds)
        var result = [Int](repeating: 0, count: counts.count)
        // Groups that hold one stratum alone, and large ones, are dealt first: the later ones level what these leave.
        let uneven = counts.map { deviation($0.map(Double.init)) }
        for group in counts.indices.sorted(by: { (uneven[$1], $0) < (uneven[$0], $1) }) {
            let fold = best(for: counts[group], dealt, totals)
            for stratum in 0..<strata { dealt[fold][stratum] += Double(counts[group][stratum]) }
            result[group] = fold
        }
        return result
    }

    /// The fold that is the most even with the group added; of equally good ones the one with the fewest samples, then the first.
    private static func best(for group: [Int], _ dealt: [[Double]], _ totals: [Double]) -> Int {
        var best = 0, least = Double.infinity, fewest = Double.infinity
        for fold in dealt.indices {
            var spread = 0.0
            for stratum in totals.indices where totals[stratum] > 0 {
                spread += deviation(
                    dealt.indices.map { (dealt[$0][stratum] + ($0 == fold ? Double(group[stratum]) : 0)) / totals[stratum] })
            }
            spread /= Double(max(1, totals.count))
            let samples = dealt[fold].reduce(0, +)
            // Equal up to rounding, as NumPy's isclose.
            let isEqual = least.isFinite && abs(spread - least) <= 1e-8 + 1e-5 * abs(least)
            if spread < least || (isEqual && samples < fewest) { (best, least, fewest) = (fold, spread, samples) }
        }
        return best
    }

    /// The standard deviation (n).
    private static func deviation(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(max(1, values.count))
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))).squareRoot()
    }

    /// Classes of about equal size, by value: 0 holds the smallest values.
    /// - Returns: each id's class; of equal values the ids decide.
    package static func strata(_ samples: [(id: String, value: Double)], count: Int) -> [String: Int] {
        let sorted = samples.sorted { $0.value != $1.value ? $0.value < $1.value : $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
        return Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1.id, $0 * count / sorted.count) })
    }
}
