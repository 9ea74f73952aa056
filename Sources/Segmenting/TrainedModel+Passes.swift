// Passes of a trained network, from images to probabilities on the host: at a temperature if there is one, with dropout if it is asked for.
// Invariant: every probability that leaves here is a number.
import Networks
import Tensors
import Training

extension TrainedModel {
    /// Probabilities [B,H,W] of images uint8 [B,H,W,C].
    /// - Parameter dropoutSeed: of a pass with dropout; nil for one without.
    /// - Throws: `noDropout` where such a pass drops nothing.
    package func probabilities(_ images: ByteTensor, text: Tensor?, dropoutSeed: UInt64? = nil) throws(SegmentingError) -> [Float] {
        let tape = network.tape(dropoutSeed == nil ? .inference : .sampling, dropoutSeed: dropoutSeed ?? 0)
        let output = network(images, text: text, tape)
        if dropoutSeed != nil, !tape.drops { throw .noDropout(checkpoint: checkpoint, model: network.descriptor.name) }
        return try probabilities(output, tape, arrays: [])
    }

    /// Probabilities [B,H,W] of images that are the network's input already, float32 [B,H,W,3].
    /// - Parameter arrays: files whose values go into the network as they are.
    func probabilities(normalised images: Tensor, text: Tensor?, arrays: [String]) throws(SegmentingError) -> [Float] {
        let tape = network.tape(.inference)
        return try probabilities(
            network(ModelInput(images: images, text: text.map { TextInput(features: $0) }), tape), tape, arrays: arrays)
    }

    /// Logits [B,H,W] of images uint8 [B,H,W,C], whatever the temperature.
    func logits(_ images: ByteTensor, text: Tensor?) throws(SegmentingError) -> [Float] {
        try values(network(images, text: text, network.tape(.inference)).logits, arrays: [])
    }

    private func probabilities(_ output: ModelOutput, _ tape: Tape, arrays: [String]) throws(SegmentingError) -> [Float] {
        guard let temperature else { return try values(output.probabilities(tape), arrays: arrays) }
        return try values(output.logits, arrays: arrays).map { temperature.probability(logit: $0) }
    }

    private func values(_ tensor: Tensor, arrays: [String]) throws(SegmentingError) -> [Float] {
        let backend = network.backend
        try SegmentingError.wrapping { () throws(TrainingError) in
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
        }
        let values = backend.values(tensor)
        guard values.allSatisfy(\.isFinite) else { throw .notFinite(checkpoint: checkpoint, arrays: arrays) }
        return values
    }
}
