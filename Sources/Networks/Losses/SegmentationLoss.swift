// The Spectral-Entropic Uncertainty loss (eqs. 26-29; docs/models/ua-vls.md, "Loss") and the losses it is compared with.
import Tensors

public enum LossKind: String, Codable, Sendable, CaseIterable {
    case seu, dice, bce
    case diceBCE = "dice+bce"
}

/// Which entropy the uncertainty term takes for one sigmoid channel.
public enum EntropyForm: String, Codable, Sendable, CaseIterable {
    /// -p log p, as published.
    case published
    /// -p log p - (1-p) log(1-p).
    case twoClass = "two-class"
}

public struct LossConfiguration: Codable, Sendable, Equatable {
    public var kind = LossKind.seu
    public var spectralWeight: Float = 0.3
    public var entropyWeight: Float = 0.1
    public var entropy = EntropyForm.published
    public init() {}
}

/// The loss and its parts; parts the loss does not use are nil.
public struct LossTerms: Sendable, Equatable {
    public var total = 0.0
    public var dice: Double?
    public var spectral: Double?
    public var entropy: Double?
    public var crossEntropy: Double?
    public init() {}

    /// From the numbers that a backend wrote (`LossWeights.Term`).
    public init(_ values: [Float], of weights: LossWeights) {
        func part(_ term: LossWeights.Term, _ weight: Float) -> Double? { weight == 0 ? nil : Double(values[term.rawValue]) }
        total = Double(values[LossWeights.Term.total.rawValue])
        dice = part(.dice, weights.dice)
        spectral = part(.spectral, weights.spectral)
        entropy = part(.entropy, weights.entropy)
        crossEntropy = part(.crossEntropy, weights.crossEntropy)
    }

    public var isFinite: Bool { total.isFinite }
}

public struct SegmentationLoss: Sendable {
    public let configuration: LossConfiguration
    public let weights: LossWeights

    public init(_ configuration: LossConfiguration = LossConfiguration()) {
        self.configuration = configuration
        var weights = LossWeights()
        switch configuration.kind {
        case .dice: weights.dice = 1
        case .bce: weights.crossEntropy = 1
        case .diceBCE:
            weights.dice = 1
            weights.crossEntropy = 1
        case .seu:
            weights.dice = 1
            weights.spectral = configuration.spectralWeight
            weights.entropy = configuration.entropyWeight
            weights.twoClass = configuration.entropy == .twoClass
        }
        self.weights = weights
    }

    /// Room for the numbers of `enqueue`.
    public func terms(on backend: any Backend) -> Tensor { backend.zeros([LossWeights.Term.allCases.count]) }

    /// Asks for the loss of a network's output against a 0/1 target [B,H,W]: its terms go to `terms`; with a tape that records, also leaves the first
    /// gradients, from where `tape.backward()` takes them. Auxiliary outputs count with their weights, in the terms and in the gradients.
    public func enqueue(_ output: ModelOutput, target: ByteTensor, tape: Tape, terms: Tensor) {
        enqueue(output.probabilities(tape), target: target, tape: tape, terms: terms)
        for branch in output.auxiliary {
            let own = self.terms(on: tape.backend)
            enqueue(tape.activate(.sigmoid, branch.logits), target: target, tape: tape, terms: own, weight: branch.weight)
            tape.backend.accumulate(own, scale: branch.weight, into: terms)
        }
    }

    /// The loss of probabilities p [B,H,W]; the gradient, where there is one, times `weight`.
    ///
    /// - dice = 1 - mean over images of (2 I + e) / (P + G + e), e = 1e-6, I, P, G the sums of p g, p, g
    /// - spectral = mean of (|F p| - |F g|)^2 over the orthonormal spectrum; the gradient of |z| at 0 is 0
    /// - entropy = mean of -p log(p + 1e-8), or of both classes' terms
    /// - cross entropy = mean of -g log p - (1-g) log(1-p), logs not below -100
    func enqueue(_ p: Tensor, target: ByteTensor, tape: Tape, terms: Tensor, weight: Float = 1) {
        precondition(p.shape == target.shape, "loss: probabilities \(p.shape), target \(target.shape)")
        let gradient = tape.mode.recordsGradients && p.requiresGradient ? tape.backend.empty(p.shape) : nil
        tape.backend.segmentationLoss(p, target, weights: weights, terms: terms, gradient: gradient)
        guard let gradient else { return }
        if weight != 1 { tape.backend.scale(gradient, by: weight, into: gradient) }
        tape.start(gradient, at: p)
    }

    /// The same, waited for.
    public func evaluate(probabilities p: Tensor, target: ByteTensor, tape: Tape) -> LossTerms {
        let terms = terms(on: tape.backend)
        enqueue(p, target: target, tape: tape, terms: terms)
        return LossTerms(tape.backend.values(terms), of: weights)
    }

    /// The same of a network's output.
    public func evaluate(_ output: ModelOutput, target: ByteTensor, tape: Tape) -> LossTerms {
        let terms = terms(on: tape.backend)
        enqueue(output, target: target, tape: tape, terms: terms)
        return LossTerms(tape.backend.values(terms), of: weights)
    }
}
