// The loss of a network's output: the one that a configuration names, of the result and of supervised branches, and its terms read back.
import Tensors

public struct SegmentationLoss: Sendable {
    public let configuration: LossConfiguration
    private let loss: any Loss

    /// An unknown name is a mistake of the caller: names are checked where they come in (`Losses.names`).
    public init(_ configuration: LossConfiguration = LossConfiguration()) {
        self.configuration = configuration
        guard let type = Losses.all.first(where: { $0.name == configuration.name }) else {
            preconditionFailure("no loss \(configuration.name)")
        }
        loss = type.init(configuration)
    }

    /// Room for the numbers of `enqueue`.
    public func terms(on backend: any Backend) -> Tensor { backend.zeros([loss.termCount]) }

    /// From these numbers.
    public func terms(_ values: [Float]) -> LossTerms { LossTerms(values, parts: loss.parts) }

    /// Asks for the loss of a network's output against a 0/1 target [B,H,W]: its terms go to `terms`; with a tape that records, also leaves
    /// the first gradients, from where `tape.backward()` takes them. Auxiliary outputs count with their weights, in the terms and in the
    /// gradients.
    public func enqueue(_ output: ModelOutput, target: ByteTensor, tape: Tape, terms: Tensor) {
        loss.enqueue(output.logits, target: target, tape: tape, terms: terms, weight: 1)
        for branch in output.auxiliary {
            let own = self.terms(on: tape.backend)
            loss.enqueue(branch.logits, target: target, tape: tape, terms: own, weight: branch.weight)
            tape.backend.accumulate(own, scale: branch.weight, into: terms)
        }
    }

    /// The same, waited for.
    public func evaluate(_ output: ModelOutput, target: ByteTensor, tape: Tape) -> LossTerms {
        let terms = terms(on: tape.backend)
        enqueue(output, target: target, tape: tape, terms: terms)
        return self.terms(tape.backend.values(terms))
    }
}
