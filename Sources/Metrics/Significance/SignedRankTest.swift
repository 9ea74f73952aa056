// Wilcoxon's signed-rank test for paired values (Biometrics Bulletin 1945), as `scipy.stats.wilcoxon` computes it by default. Pairs without
// a difference are left out (Wilcoxon's treatment of zeros). Invariant: exchanging the two sides changes neither the statistic nor the
// two-sided p.
import Foundation

public struct SignedRankTest: Sendable, Equatable, Codable {
    public enum Method: String, Sendable, Codable {
        /// The distribution over all choices of signs for the ranks found, ties included.
        case exact
        /// The normal approximation, with the variance corrected for ties.
        case normal
    }

    public enum Alternative: String, Sendable, Codable {
        case twoSided, greater, less
    }

    /// Pairs with a difference, and those without, which are left out.
    public let pairs: Int, zeros: Int
    /// The sums of the ranks of positive and of negative differences.
    public let positiveRanks: Double, negativeRanks: Double
    public let method: Method
    /// The probability of so large a difference if the differences are symmetric around 0. 1 if no pair differs.
    public let p: Double

    /// The test's statistic in its two-sided form: the smaller sum of ranks.
    public var statistic: Double { min(positiveRanks, negativeRanks) }

    /// The size of the effect: (positive - negative) / all ranks, -1 to 1 (matched-pairs rank-biserial correlation, Kerby 2014). 0 if no
    /// pair differs.
    public var rankBiserial: Double {
        let all = positiveRanks + negativeRanks
        return all == 0 ? 0 : (positiveRanks - negativeRanks) / all
    }

    /// - Parameters:
    ///   - differences: value less reference for each pair; pairs without one (nil) are left out. Only exactly equal magnitudes tie.
    ///   - alternative: what is shown if p is small: a difference; positive ones; negative ones.
    ///   - method: nil chooses as SciPy does: exact up to 50 pairs if there are neither ties nor zeros, and up to 13 pairs if there are.
    ///   - continuityCorrection: moves the normal approximation's statistic by 1/2 towards its mean.
    public init(
        _ differences: [Double?], alternative: Alternative = .twoSided, method: Method? = nil, continuityCorrection: Bool = false
    ) {
        let all = differences.compactMap { $0 }, kept = all.filter { $0 != 0 }
        let magnitudes = kept.map { abs($0) }, ranks = RankCorrelation.ranks(magnitudes)
        let ties = RankCorrelation.tiedGroups(magnitudes).map { Double($0.indices.count) }
        let hasTies = ties.contains { $0 > 1 }
        pairs = kept.count
        zeros = all.count - kept.count
        positiveRanks = zip(kept, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
        negativeRanks = zip(kept, ranks).reduce(0) { $0 + ($1.0 < 0 ? $1.1 : 0) }
        self.method = method ?? (all.count <= (hasTies || zeros > 0 ? 13 : 50) ? .exact : .normal)
        guard pairs > 0 else {
            p = 1
            return
        }
        switch self.method {
        case .exact:
            let (below, above) = Self.exactTails(ranks, positive: positiveRanks)
            p = Self.p(below: below, above: above, alternative)
        case .normal:
            let n = Double(pairs)
            let variance = (n * (n + 1) * (2 * n + 1) - ties.reduce(0) { $0 + ($1 * $1 * $1 - $1) } / 2) / 24
            var distance = positiveRanks - n * (n + 1) / 4
            if continuityCorrection {
                switch alternative {
                case .twoSided: distance -= distance == 0 ? 0 : distance > 0 ? 0.5 : -0.5
                case .greater: distance -= 0.5
                case .less: distance += 0.5
                }
            }
            let z = distance / variance.squareRoot()
            p = Self.p(below: Self.normalTail(-z), above: Self.normalTail(z), alternative)
        }
    }

    private static func p(below: Double, above: Double, _ alternative: Alternative) -> Double {
        switch alternative {
        case .twoSided: min(1, 2 * min(below, above))
        case .greater: above
        case .less: below
        }
    }

    /// P(Z >= z) of the standard normal distribution.
    private static func normalTail(_ z: Double) -> Double { erfc(z / 2.0.squareRoot()) / 2 }

    /// The probabilities that the sum of positive ranks is at most, and at least, the one found, if every sign is a fair coin. Doubled
    /// ranks are whole numbers even with ties. Takes time and memory like the square of the pairs, times the pairs.
    private static func exactTails(_ ranks: [Double], positive: Double) -> (below: Double, above: Double) {
        let doubled = ranks.map { Int(2 * $0) }
        let total = doubled.reduce(0, +), found = Int(2 * positive)
        var chances = Array(repeating: 0.0, count: total + 1)
        chances[0] = 1
        var reached = 0
        for rank in doubled {
            reached += rank
            for sum in stride(from: reached, through: 0, by: -1) {
                chances[sum] = (chances[sum] + (sum >= rank ? chances[sum - rank] : 0)) / 2
            }
        }
        return (chances[...found].reduce(0, +), chances[found...].reduce(0, +))
    }
}
