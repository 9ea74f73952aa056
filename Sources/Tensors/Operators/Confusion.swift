// Counts of right and wrong pixels, which metrics are made of.

public struct Confusion: Sendable, Equatable { public let truePositive, falsePositive, falseNegative, trueNegative: Int }

/// What a device does for it.
protocol ConfusionDevice {
    func confusion(_ p: Tensor, _ target: ByteTensor, threshold: Float) -> [Confusion]
}

extension Backend {
    /// Of each image; waits for the device. Predictions [B, H, W], targets uint8 [B, H, W] of 0 and 1.
    public func confusion(_ p: Tensor, _ target: ByteTensor, threshold: Float) -> [Confusion] {
        perform("losses", [p]) { (device: any ConfusionDevice) in device.confusion(p, target, threshold: threshold) }
    }
}
