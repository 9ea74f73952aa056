// Counts of pixels by predicted and true class; metrics are computed from them.
// Invariant: counts are integers, so sums do not depend on the order or the batch size.

public struct PixelCounts: Codable, Sendable, Equatable {
    public var truePositive = 0, falsePositive = 0, falseNegative = 0, trueNegative = 0

    public init(truePositive: Int = 0, falsePositive: Int = 0, falseNegative: Int = 0, trueNegative: Int = 0) {
        self.truePositive = truePositive
        self.falsePositive = falsePositive
        self.falseNegative = falseNegative
        self.trueNegative = trueNegative
    }

    public static func + (left: PixelCounts, right: PixelCounts) -> PixelCounts {
        PixelCounts(
            truePositive: left.truePositive + right.truePositive, falsePositive: left.falsePositive + right.falsePositive,
            falseNegative: left.falseNegative + right.falseNegative, trueNegative: left.trueNegative + right.trueNegative)
    }

    /// Compares two masks of equal length; any value except 0 is foreground.
    public static func comparing(prediction: some Collection<UInt8>, truth: some Collection<UInt8>) -> PixelCounts {
        var counts = PixelCounts()
        for (predicted, actual) in zip(prediction, truth) {
            switch (predicted != 0, actual != 0) {
            case (true, true): counts.truePositive += 1
            case (true, false): counts.falsePositive += 1
            case (false, true): counts.falseNegative += 1
            case (false, false): counts.trueNegative += 1
            }
        }
        return counts
    }

    public var total: Int { truePositive + falsePositive + falseNegative + trueNegative }
}
