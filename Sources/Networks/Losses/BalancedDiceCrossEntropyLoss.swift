// The loss of U-Net in the comparisons of UCTransNet and LViT, which call it WeightedDiceBCE: 0.5 dice + 0.5 bce, with
//
// - dice = 1 - mean over images of (2 I + e) / (P + G + e), e = 4e-5, I, P, G the sums of p g, p^2, g (published with both maps halved and
//   e = 1e-5)
// - bce = half the mean of -log p over the batch's foreground plus half the mean of -log(1-p) over its background, logs not below -100; a
//   class without pixels counts 0
import Tensors

public struct BalancedDiceCrossEntropyLoss: FusedLoss {
    public static let name = "balanced-dice+bce", help = "half Dice with squares, half cross entropy with equal classes"
    public let weights: LossWeights

    public init(_ configuration: LossConfiguration) {
        var weights = LossWeights()
        weights.dice = 0.5
        weights.crossEntropy = 0.5
        weights.squares = true
        weights.balanced = true
        weights.smoothing = 4e-5
        self.weights = weights
    }
}
