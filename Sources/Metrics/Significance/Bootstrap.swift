// The bootstrap of images, or of groups of images such as patients (Efron 1979): percentile intervals of statistics. Invariant: resample r
// depends on the seed, r and the number of units alone, so that a figure's interval is the same whatever other figures are asked for.
import Randomness

public struct Bootstrap: Sendable {
    public let images: Int, resamples: Int
    public let seed: UInt64
    /// What is drawn: images, or groups.
    public let units: Int
    /// The unit of each image, if units are groups.
    private let unitOfImage: [Int]?

    /// Separates the bootstrap from other uses of a seed.
    private static let stream: UInt64 = 0x626F_6F74

    /// - Parameters:
    ///   - images: how many there are.
    ///   - groups: the group of each image, such as its patient. A resample draws groups and takes all images of each. Nil: every image is
    ///     a group of its own.
    public init<Group: Hashable>(images: Int, groups: [Group]?, resamples: Int = 2000, seed: UInt64 = 0) {
        precondition(groups.map { $0.count == images } ?? true, "\(groups?.count ?? 0) groups, \(images) images")
        (self.images, self.resamples, self.seed) = (images, resamples, seed)
        var numbers: [Group: Int] = [:]
        unitOfImage = groups?.map { group in
            let number = numbers[group] ?? numbers.count
            numbers[group] = number
            return number
        }
        units = groups == nil ? images : numbers.count
    }

    public init(images: Int, resamples: Int = 2000, seed: UInt64 = 0) {
        self.init(images: images, groups: [Int]?.none, resamples: resamples, seed: seed)
    }

    /// Draws patients with all their images; an image of an unknown patient is drawn alone. Where no two images are known to be of one
    /// patient, images are drawn.
    /// - Parameter patients: of each image; nil where it is not known.
    public init(patients: [String?], resamples: Int = 2000, seed: UInt64 = 0) {
        let known = patients.compactMap { $0 }
        let groups = patients.enumerated().map { $1.map(Patient.known) ?? .unknown(image: $0) }
        self.init(images: patients.count, groups: Set(known).count < known.count ? groups : nil, resamples: resamples, seed: seed)
    }

    private enum Patient: Hashable {
        case known(String)
        case unknown(image: Int)
    }

    /// Whether groups are drawn in place of images.
    public var drawsGroups: Bool { unitOfImage != nil }

    /// The units that a resample draws, in order: as many as there are units, with replacement. Units are numbered by first appearance.
    public func draws(resample: Int) -> [Int] {
        var random = SplitMix64(keys: seed, Self.stream, UInt64(resample))
        return (0..<units).map { _ in random.index(below: units) }
    }

    /// How often each image is in a resample.
    func weights(resample: Int, units counts: inout [Double], images weights: inout [Double]) {
        for unit in counts.indices { counts[unit] = 0 }
        var random = SplitMix64(keys: seed, Self.stream, UInt64(resample))
        for _ in 0..<units { counts[random.index(below: units)] += 1 }
        guard let unitOfImage else { return weights = counts }
        for image in weights.indices { weights[image] = counts[unitOfImage[image]] }
    }

    /// The values of statistics in every resample, in order; nil where a resample gives a statistic no value.
    public func distributions(_ statistics: [BootstrapStatistic]) -> [[Double?]] {
        let rows = SummedRows(statistics, images: images)
        var counts = Array(repeating: 0.0, count: units), weights = Array(repeating: 0.0, count: images)
        var values = statistics.map { _ in [Double?]() }
        for index in values.indices { values[index].reserveCapacity(resamples) }
        for resample in 0..<resamples {
            self.weights(resample: resample, units: &counts, images: &weights)
            for (index, value) in rows.values(weights).enumerated() { values[index].append(value) }
        }
        return values
    }

    /// Each statistic with its percentile interval. Nil where the statistic has no value; without interval where there are fewer than two
    /// units, or no resample has a value. Resamples in which the statistic has no value are left out.
    /// - Parameter level: the probability with which the interval shall hold the true value.
    public func estimates(_ statistics: [BootstrapStatistic], level: Double = 0.95) -> [Estimate?] {
        let values = self.values(statistics)
        let distributions = units < 2 ? statistics.map { _ in [] } : self.distributions(statistics)
        return zip(values, distributions).map { value, distribution in
            value.map { Self.estimate($0, distribution, level: level) }
        }
    }

    /// Each statistic of the images themselves, every one counted once.
    func values(_ statistics: [BootstrapStatistic]) -> [Double?] {
        SummedRows(statistics, images: images).values(Array(repeating: 1, count: images))
    }

    /// A statistic with the percentile interval of its distribution.
    static func estimate(_ value: Double, _ distribution: [Double?], level: Double) -> Estimate {
        let sorted = distribution.compactMap { $0 }.sorted()
        guard !sorted.isEmpty else { return Estimate(value: value) }
        let tail = (1 - level) / 2
        return Estimate(
            value: value, low: OrderStatistics.quantile(tail, ofSorted: sorted), high: OrderStatistics.quantile(1 - tail, ofSorted: sorted))
    }
}

/// The columns of statistics side by side, one row for each image, so that one pass over the images gives all sums of a resample.
private struct SummedRows {
    private let statistics: [BootstrapStatistic]
    private let width: Int, rows: [Double]

    init(_ statistics: [BootstrapStatistic], images: Int) {
        for statistic in statistics { precondition(statistic.images == images, "a statistic of \(statistic.images) images, not \(images)") }
        self.statistics = statistics
        let columns = statistics.flatMap(\.columns)
        width = columns.count
        rows = (0..<images).flatMap { image in columns.map { $0[image] } }
    }

    /// The statistics if each image counts with its weight. Sums run over the images in order, whatever the number of columns.
    func values(_ weights: [Double]) -> [Double?] {
        var sums = Array(repeating: 0.0, count: width)
        sums.withUnsafeMutableBufferPointer { sums in
            rows.withUnsafeBufferPointer { rows in
                for (image, weight) in weights.enumerated() where weight != 0 {
                    let start = image * width
                    for column in 0..<sums.count { sums[column] += weight * rows[start + column] }
                }
            }
        }
        var start = 0
        return statistics.map { statistic in
            defer { start += statistic.columns.count }
            return statistic.value(Array(sums[start..<start + statistic.columns.count]))
        }
    }
}
