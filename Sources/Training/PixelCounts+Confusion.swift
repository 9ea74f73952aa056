// Counts of pixels as a device returns them, for metrics.
import Metrics
import Tensors

extension PixelCounts {
    public init(_ confusion: Confusion) {
        self.init(
            truePositive: confusion.truePositive, falsePositive: confusion.falsePositive, falseNegative: confusion.falseNegative,
            trueNegative: confusion.trueNegative)
    }
}
