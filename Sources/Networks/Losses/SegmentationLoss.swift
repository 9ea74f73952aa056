// The Spectral-Entropic Uncertainty loss (eqs. 26-29; MODEL.md section 6) and the losses it is compared with.
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

    public var isFinite: Bool { total.isFinite }
}

public struct SegmentationLoss: Sendable {
    public let configuration: LossConfiguration
    /// Smoothing of the Dice quotient.
    private let smoothing = 1e-6

    public init(_ configuration: LossConfiguration = LossConfiguration()) { self.configuration = configuration }

    /// Evaluates the loss of probabilities p [B,H,W] against a 0/1 target [B,H,W]; with a training tape, also leaves dL/dp in p, from where
    /// `tape.backward()` takes it.
    ///
    /// - dice = 1 - mean over images of (2 I + e) / (P + G + e), e = 1e-6, I, P, G the sums of p g, p, g
    /// - spectral = mean of (|F p| - |F g|)^2 over the orthonormal spectrum; the gradient of |z| at 0 is 0
    /// - entropy = mean of -p log(p + 1e-8)
    public func evaluate(_ p: Tensor, target: ByteTensor, tape: Tape) -> LossTerms {
        precondition(p.shape == target.shape, "loss: probabilities \(p.shape), target \(target.shape)")
        let backend = tape.backend
        let gradient = tape.isTraining && p.requiresGradient ? backend.zeros(p.shape) : nil
        let count = Double(p.count)
        var terms = LossTerms()

        func addDice() {
            let sums = backend.diceSums(p, target), batch = Double(sums.count)
            let quotients = sums.map { (numerator: 2 * $0.intersection + smoothing, denominator: $0.prediction + $0.target + smoothing) }
            let value = 1 - quotients.reduce(0) { $0 + $1.numerator / $1.denominator } / batch
            if let gradient {
                backend.diceGradient(
                    target, targetFactors: quotients.map { Float(-2 / (batch * $0.denominator)) },
                    constants: quotients.map { Float($0.numerator / (batch * $0.denominator * $0.denominator)) }, accumulateInto: gradient)
            }
            terms.dice = value
            terms.total += value
        }
        func addCrossEntropy() {
            let value = backend.binaryCrossEntropy(p, target) / count
            if let gradient { backend.binaryCrossEntropyGradient(p, target, factor: Float(1 / count), accumulateInto: gradient) }
            terms.crossEntropy = value
            terms.total += value
        }

        switch configuration.kind {
        case .dice: addDice()
        case .bce: addCrossEntropy()
        case .diceBCE:
            addDice()
            addCrossEntropy()
        case .seu:
            addDice()
            let spectralFactor = configuration.spectralWeight / Float(count)
            let spectral = backend.spectralDistance(p, target, factor: spectralFactor, accumulateInto: gradient) / count
            terms.spectral = spectral
            terms.total += Double(configuration.spectralWeight) * spectral
            let twoClass = configuration.entropy == .twoClass
            let entropy = backend.entropy(p, twoClass: twoClass) / count
            if let gradient {
                backend.entropyGradient(p, twoClass: twoClass, factor: configuration.entropyWeight / Float(count), accumulateInto: gradient)
            }
            terms.entropy = entropy
            terms.total += Double(configuration.entropyWeight) * entropy
        }
        if let gradient { tape.start(gradient, at: p) }
        return terms
    }
}
