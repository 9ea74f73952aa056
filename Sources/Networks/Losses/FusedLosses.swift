// The losses that a device computes in one call from probabilities (`Backend.segmentationLoss`): the Spectral-Entropic Uncertainty loss of
// UA-VLS (eqs. 26-29; docs/models/ua-vls.md, "Loss") and the losses it is compared with. All are weighted sums of four parts, which these
// losses use in the following forms:
//
// - dice = 1 - mean over images of (2 I + e) / (P + G + e), e = 1e-6, I, P, G the sums of p g, p, g; or 1 - that quotient of the whole
//   batch's sums
// - spectral = mean of (|F p| - |F g|)^2 over the orthonormal spectrum; the gradient of |z| at 0 is 0
// - entropy = mean of -p log(p + 1e-8), or of both classes' terms
// - bce = mean of -g log p - (1-g) log(1-p), logs not below -100
import Tensors

/// The form of the entropy in the uncertainty term, for one sigmoid channel.
public enum EntropyForm: String, Codable, Sendable, CaseIterable {
    /// -p log p, as published.
    case published
    /// -p log p - (1-p) log(1-p).
    case twoClass = "two-class"
}

public protocol FusedLoss: Loss {
    var weights: LossWeights { get }
}

extension FusedLoss {
    public var termCount: Int { LossWeights.Term.allCases.count }

    public var parts: [(name: String, place: Int)] {
        let all: [(String, LossWeights.Term, Float)] = [
            ("dice", .dice, weights.dice), ("spectral", .spectral, weights.spectral), ("entropy", .entropy, weights.entropy),
            ("bce", .crossEntropy, weights.crossEntropy),
        ]
        return all.filter { $0.2 != 0 }.map { ($0.0, $0.1.rawValue) }
    }

    public func enqueue(_ logits: Tensor, target: ByteTensor, tape: Tape, terms: Tensor, weight: Float) {
        enqueue(probabilities: tape.activate(.sigmoid, logits), target: target, tape: tape, terms: terms, weight: weight)
    }

    package func enqueue(probabilities p: Tensor, target: ByteTensor, tape: Tape, terms: Tensor, weight: Float = 1) {
        precondition(p.shape == target.shape, "loss: probabilities \(p.shape), target \(target.shape)")
        let gradient = tape.mode.recordsGradients && p.requiresGradient ? tape.backend.empty(p.shape) : nil
        tape.backend.segmentationLoss(p, target, weights: weights, terms: terms, gradient: gradient)
        guard let gradient else { return }
        if weight != 1 { tape.backend.scale(gradient, by: weight, into: gradient) }
        tape.start(gradient, at: p)
    }

    /// The same, but waits for the result.
    package func evaluate(probabilities p: Tensor, target: ByteTensor, tape: Tape) -> LossTerms {
        let terms = tape.backend.zeros([termCount])
        enqueue(probabilities: p, target: target, tape: tape, terms: terms)
        return LossTerms(tape.backend.values(terms), parts: parts)
    }
}

public struct SpectralEntropicLoss: FusedLoss {
    public static let name = "seu", help = "Dice + spectral + entropy terms"
    public let weights: LossWeights

    public init(_ configuration: LossConfiguration) {
        var weights = LossWeights()
        weights.dice = 1
        weights.spectral = configuration.spectralWeight
        weights.entropy = configuration.entropyWeight
        weights.twoClass = configuration.entropy == .twoClass
        self.weights = weights
    }
}

public struct DiceLoss: FusedLoss {
    public static let name = "dice", help = "Dice"
    public let weights: LossWeights

    public init(_ configuration: LossConfiguration) {
        var weights = LossWeights()
        weights.dice = 1
        self.weights = weights
    }
}

public struct CrossEntropyLoss: FusedLoss {
    public static let name = "bce", help = "binary cross entropy"
    public let weights: LossWeights

    public init(_ configuration: LossConfiguration) {
        var weights = LossWeights()
        weights.crossEntropy = 1
        self.weights = weights
    }
}

public struct DiceCrossEntropyLoss: FusedLoss {
    public static let name = "dice+bce", help = "the sum of both"
    public let weights: LossWeights

    public init(_ configuration: LossConfiguration) {
        var weights = LossWeights()
        weights.dice = 1
        weights.crossEntropy = 1
        self.weights = weights
    }
}
