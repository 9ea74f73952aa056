// The spread of a list of numbers in four figures.

/// Smallest, mean, median and largest of a non-empty list.
public struct Distribution: Codable, Sendable, Equatable {
    public let minimum: Double, mean: Double, median: Double, maximum: Double

    /// Nil for an empty list. The median of an even number of values is the mean of the middle two.
    public init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        minimum = sorted[0]
        maximum = sorted[sorted.count - 1]
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        mean = sorted.reduce(0, +) / Double(sorted.count)
    }
}
