// Summary figures of a list of numbers, and the counts for a histogram.

/// The spread of a non-empty list.
public struct Distribution: Codable, Sendable, Equatable {
    public let minimum: Double, mean: Double, median: Double, maximum: Double
    /// The standard deviation of the list itself (divided by n, not n - 1).
    public let standardDeviation: Double
    /// Percentiles, interpolated linearly between neighbours (NumPy's default).
    public let p5: Double, p25: Double, p75: Double, p95: Double

    /// Nil for an empty list. The median of an even number of values is the mean of the middle two.
    public init?(_ values: [Double]) {
        guard let first = values.first else { return nil }
        let sorted = values.sorted()
        minimum = sorted.first ?? first
        maximum = sorted.last ?? first
        let mean = sorted.reduce(0, +) / Double(sorted.count)
        self.mean = mean
        standardDeviation = (sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count)).squareRoot()
        p5 = Self.percentile(5, of: sorted)
        p25 = Self.percentile(25, of: sorted)
        median = Self.percentile(50, of: sorted)
        p75 = Self.percentile(75, of: sorted)
        p95 = Self.percentile(95, of: sorted)
    }

    /// The value below which `percent` of a sorted, non-empty list lie, interpolated linearly between neighbours.
    static func percentile(_ percent: Double, of sorted: [Double]) -> Double {
        let position = percent / 100 * Double(sorted.count - 1), lower = Int(position)
        let upper = min(lower + 1, sorted.count - 1)
        return sorted[lower] + (sorted[upper] - sorted[lower]) * (position - Double(lower))
    }
}

/// Counts of values in bins of equal width that begin at `start`.
public struct Histogram: Codable, Sendable, Equatable {
    public let start: Double, width: Double
    public let counts: [Int]

    /// Values beyond the last bin count in the last bin, values before the first bin in the first.
    public init(_ values: [Double], start: Double, width: Double, bins: Int) {
        self.start = start
        self.width = width
        var counts = [Int](repeating: 0, count: max(bins, 1))
        for value in values { counts[min(max(Int(((value - start) / width).rounded(.down)), 0), counts.count - 1)] += 1 }
        self.counts = counts
    }

    /// One bin for each whole number from the smallest to the largest, at most 200 of them.
    public init(whole values: [Int]) {
        let low = values.min() ?? 0, high = values.max() ?? 0
        self.init(values.map(Double.init), start: Double(low), width: 1, bins: min(high - low + 1, 200))
    }
}
