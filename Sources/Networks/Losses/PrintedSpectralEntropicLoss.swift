// The Spectral-Entropic Uncertainty loss as the text of the UA-VLS paper prints it, where its released code differs (`seu`;
// docs/models/ua-vls.md, "Loss"): eq. 27 takes the sums of the Dice quotient over the whole batch, eq. 29 sums the entropy over both
// classes.
import Tensors

public struct PrintedSpectralEntropicLoss: FusedLoss {
    public static let name = "seu-paper"
    public static let help = "seu as the paper prints it (Dice of the batch's sums, entropy of both classes)"
    public let weights: LossWeights

    public init(_ configuration: LossConfiguration) {
        var weights = LossWeights()
        weights.dice = 1
        weights.acrossBatch = true
        weights.spectral = configuration.spectralWeight
        weights.entropy = configuration.entropyWeight
        weights.twoClass = true
        self.weights = weights
    }
}
