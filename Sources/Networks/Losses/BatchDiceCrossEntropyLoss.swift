// The loss that Swin-Unet was trained with: 0.6 dice + 0.4 bce, with
//
// - dice = 1 - (2 I + e) / (P + G + e), e = 1e-5, I, P, G the sums of p g, p^2, g over the whole batch
// - bce = mean of -g log p - (1-g) log(1-p), logs not below -100
//
// The published form is for a softmax over several classes. With a single class there is no softmax, so the foreground's probability is
// used.
import Tensors

public struct BatchDiceCrossEntropyLoss: FusedLoss {
    public static let name = "batch-dice+bce", help = "0.6 Dice of the whole batch with squares, 0.4 cross entropy"
    public let weights: LossWeights

    public init(_ configuration: LossConfiguration) {
        var weights = LossWeights()
        weights.dice = 0.6
        weights.crossEntropy = 0.4
        weights.squares = true
        weights.acrossBatch = true
        weights.smoothing = 1e-5
        self.weights = weights
    }
}
