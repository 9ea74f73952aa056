// Two runs on the same images: the mean difference of a score with its interval, the bootstrap's p, and the signed-rank test. Invariant:
// images are resampled in pairs, with the same draws as the intervals of single figures.

public struct PairedComparison: Sendable, Equatable, Codable {
    /// Images that have both values.
    public let images: Int
    /// The mean of value less reference, with its percentile interval.
    public let difference: Estimate
    /// Two-sided: twice the smaller share of resamples whose difference is at most 0, or at least 0, each with 1 added above and below
    /// (Davison and Hinkley 1997), at most 1. Nil for fewer than two units.
    public let p: Double?
    public let signedRanks: SignedRankTest

    /// Nil if no image has both values.
    /// - Parameters:
    ///   - values: of the run, one for each image.
    ///   - reference: of the run that it is compared with.
    ///   - bootstrap: of as many images; its groups are drawn whole. The signed-rank test does not know groups: it takes images as
    ///     independent.
    public init?(_ values: [Double?], against reference: [Double?], bootstrap: Bootstrap, level: Double = 0.95) {
        let differences = BootstrapStatistic.differences(values, reference)
        guard let compared = bootstrap.difference(.mean(differences), level: level) else { return nil }
        images = differences.count { $0 != nil }
        (difference, p) = compared
        signedRanks = SignedRankTest(differences)
    }
}

extension Bootstrap {
    /// A statistic that is 0 if two runs do not differ, such as `BootstrapStatistic.difference`, with its interval and two-sided p
    /// (`PairedComparison.p`). Nil if it has no value.
    public func difference(_ statistic: BootstrapStatistic, level: Double = 0.95) -> (estimate: Estimate, p: Double?)? {
        guard let value = values([statistic])[0] else { return nil }
        let distribution = units < 2 ? [] : distributions([statistic])[0].compactMap { $0 }
        let estimate = Self.estimate(value, distribution, level: level)
        guard !distribution.isEmpty else { return (estimate, nil) }
        let below = distribution.count { $0 <= 0 }, above = distribution.count { $0 >= 0 }
        return (estimate, min(1, 2 * Double(min(below, above) + 1) / Double(distribution.count + 1)))
    }
}
