// The terms of a segmentation loss and their gradient in one go, which losses in Networks are made of; equations with `FusedLoss` there.

/// Weights of a segmentation loss's parts; a part of weight 0 is not computed.
public struct LossWeights: Sendable, Equatable {
    public var dice: Float = 0, crossEntropy: Float = 0, spectral: Float = 0, entropy: Float = 0
    /// Entropy over both classes instead of -p log p.
    public var twoClass = false
    /// The Dice quotient's denominator sums the squares of predictions instead of the predictions.
    public var squares = false
    /// One Dice quotient of the sums over the whole batch in place of the mean of each image's.
    public var acrossBatch = false
    /// Cross entropy as half the mean over the batch's foreground plus half the mean over its background; a class without pixels counts 0.
    public var balanced = false
    /// Added to numerator and denominator of the Dice quotient.
    public var smoothing: Double = 1e-6

    public init() {}

    /// Places of a loss's terms in a tensor: the weighted sum, then the parts without their weights.
    public enum Term: Int, CaseIterable, Sendable { case total, dice, crossEntropy, spectral, entropy }

    func total(_ parts: [Term: Double]) -> Double {
        Double(dice) * (parts[.dice] ?? 0) + Double(crossEntropy) * (parts[.crossEntropy] ?? 0) + Double(spectral) * (parts[.spectral] ?? 0)
            + Double(entropy) * (parts[.entropy] ?? 0)
    }
}

/// What a device may do for it in one pass; others compute it on the host.
protocol SegmentationLossDevice {
    /// Writes the loss's terms (`LossWeights.Term`) and, where `gradient` is given, the gradient of their weighted sum.
    func segmentationLoss(_ p: Tensor, _ target: ByteTensor, weights: LossWeights, terms: Tensor, gradient: Tensor?)
}

extension Backend {
    /// Writes the loss's terms (`LossWeights.Term`) and, where `gradient` is given, the gradient of their weighted sum. Probabilities
    /// p [B, H, W], target uint8 [B, H, W] of 0 and 1.
    public func segmentationLoss(_ p: Tensor, _ target: ByteTensor, weights: LossWeights, terms: Tensor, gradient: Tensor?) {
        measured("losses", [p, p, p] + (gradient.map { [$0, $0, $0] } ?? [])) {
            if let device = capability((any SegmentationLossDevice).self) {
                device.segmentationLoss(p, target, weights: weights, terms: terms, gradient: gradient)
            } else {
                hostSegmentationLoss(p, target, weights: weights, terms: terms, gradient: gradient)
            }
        }
    }
}
