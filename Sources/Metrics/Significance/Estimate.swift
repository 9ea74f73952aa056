// A figure with its interval, and means with their spread. Not for how an interval comes about (Bootstrap.swift). Invariant: low <= high.

/// A statistic and its interval: `{"value", "low", "high"}` in JSON.
public struct Estimate: Sendable, Equatable, Codable {
    public let value: Double
    /// The ends of the interval; nil where there is none, as for a single image.
    public let low: Double?, high: Double?

    public init(value: Double, low: Double? = nil, high: Double? = nil) { (self.value, self.low, self.high) = (value, low, high) }

    /// Always with all three keys; ends that are not there are null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(value, forKey: .value)
        try container.encode(low, forKey: .low)
        try container.encode(high, forKey: .high)
    }

    private enum CodingKeys: String, CodingKey {
        case value, low, high
    }
}

/// Mean and spread of one figure over repeated runs, such as seeds or folds.
public struct RunSpread: Sendable, Equatable, Codable {
    public let runs: Int
    public let mean: Double
    /// The standard deviation of a sample, divided by runs - 1; nil for a single run.
    public let deviation: Double?
    public let lowest: Double, highest: Double

    /// - Parameter values: one for each run; runs without a value (nil) are left out. The result is nil if none has one.
    public init?(_ values: [Double?]) {
        let values = values.compactMap { $0 }
        guard let lowest = values.min(), let highest = values.max() else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        runs = values.count
        deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
        (self.lowest, self.highest) = (lowest, highest)
    }
}
