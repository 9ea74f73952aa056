// The loss of a network's output: the configured loss of the logits and of auxiliary outputs, and its terms, read back from the device.
import Tensors

public struct SegmentationLoss: Sendable {
    public let configuration: LossConfiguration
    private let loss: any Loss

    /// An unknown name is an error of the caller: names are checked where they are read (`Losses.names`).
    public init(_ configuration: LossConfiguration = LossConfiguration()) {
        self.configuration = configuration
        guard let type = Losses.all.first(where: { $0.name == configuration.name }) else {
            preconditionFailure("no loss \(configuration.name)")
        }
        loss = type.init(configuration)
    }

    /// Memory for the numbers of `enqueue`.
    public func terms(on backend: any Backend) -> Tensor { backend.zeros([loss.termCount]) }

    /// The terms from these numbers.
    public func terms(_ values: [Float]) -> LossTerms { LossTerms(values, parts: loss.parts) }

    /// Enqueues the loss of a network's output against a 0/1 target [B,H,W]: its terms go to `terms`. If the tape records, it also stores
    /// the first gradients where `tape.backward()` reads them. Auxiliary outputs count with their weights, in the terms and in the
    /// gradients.
    public func enqueue(_ output: ModelOutput, target: ByteTensor, tape: Tape, terms: Tensor) {
        loss.enqueue(output.logits, target: target, tape: tape, terms: terms, weight: 1)
        for branch in output.auxiliary {
            let own = self.terms(on: tape.backend)
            loss.enqueue(branch.logits, target: target, tape: tape, terms: own, weight: branch.weight)
            tape.backend.accumulate(own, scale: branch.weight, into: terms)
        }
    }

    /// The same, but waits for the result.
    public func evaluate(_ output: ModelOutput, target: ByteTensor, tape: Tape) -> LossTerms {
        let terms = terms(on: tape.backend)
        enqueue(output, target: target, tape: tape, terms: terms)
        return self.terms(tape.backend.values(terms))
    }
}
