// Explains single samples with a trained model: one pass with gradients for the activation maps and the attention, and one pass for each
// changed caption.
import Imaging
import Networks
import Segmenting
import Tensors
import Text

/// What the activation maps explain, before an image is known.
public enum TargetChoice: Sendable, Equatable {
    case prediction
    /// The sample's true mask.
    case truth
    /// A pixel of the original image.
    case point(column: Int, row: Int)
}

public struct Explainer {
    public let model: TrainedModel
    public let methods: [ActivationMethod]
    public let taps: [FeatureTap]
    public let target: TargetChoice
    /// Whether effects of words and attention are computed, where the network reads text.
    public let explainsWords: Bool
    private let predictor: Predictor

    /// - Parameter names: of feature maps; empty for the last one of each size.
    /// - Throws: `.unknownTap`.
    public init(
        _ model: TrainedModel, taps names: [String] = [], methods: [ActivationMethod] = [.gradCAM], target: TargetChoice = .prediction,
        explainsWords: Bool = true
    ) throws(ExplainingError) {
        self.model = model
        self.methods = methods
        self.target = target
        self.explainsWords = explainsWords && model.captions != nil
        predictor = Predictor(model: model)
        let all = Self.taps(of: model)
        taps =
            try names.isEmpty
            ? FeatureTap.usual(all)
            : names.map { name throws(ExplainingError) in
                guard let tap = all.first(where: { $0.name == name }) else { throw .unknownTap(name: name, known: all.map(\.name)) }
                return tap
            }
    }

    /// The feature maps of a model at its image size, in the order of the pass.
    public static func taps(of model: TrainedModel) -> [FeatureTap] {
        let network = model.network, backend = network.backend, size = model.imageSize
        let text = network.specification.text.map { TextInput(features: backend.zeros([1, $0.tokens, $0.width])) }
        return FeatureTap.all(
            network, ModelInput(images: backend.zeros([1, size, size, 3], format: network.activations), text: text))
    }

    /// Throws if the target is not in the sample's image, before anything is computed.
    public func check(_ sample: ExplanationSample) throws(ExplainingError) {
        var ignored: [String] = []
        _ = try target(of: sample, &ignored)
    }

    public func explain(_ sample: ExplanationSample) throws(ExplainingError) -> Explanation {
        var notes = sample.notes
        let network = model.network, backend = model.backend, size = model.imageSize
        let images = backend.bytes(sample.input.pixels, [1, size, size, sample.input.channels])
        let features = try self.features(sample.caption, &notes)
        let stages = explainsWords ? network.textAttention : []
        let input = ModelInput(
            images: network.image.normalised(images, activations: network.activations, on: backend),
            text: features.map { TextInput(features: $0) })
        let (target, words) = try self.target(of: sample, &notes)
        let pass = try ActivationPass(
            network, input, taps: taps.map(\.name), target: target, keeping: Set(stages.flatMap { [$0.queries, $0.keys] }))
        guard pass.logits.allSatisfy(\.isFinite) else {
            throw .segmenting(.notFinite(checkpoint: model.checkpoint, arrays: []))
        }
        if case .prediction = target, !pass.logits.contains(where: { $0 > 0 }) {
            notes.append("\(sample.id): nothing is predicted; the maps explain the pixel with the largest probability")
        }
        // By the same pass as those of changed captions, so that nothing but the caption differs.
        let probabilities = try probabilities(images, features)
        let activations = taps.flatMap { tap in
            methods.compactMap { method in
                pass.features[tap.name].map { Explanation.Activation(tap: tap, method: method, map: method.map($0)) }
            }
        }
        return Explanation(
            sample: sample, probabilities: probabilities, target: words, activations: activations, words: self.words(of: sample),
            effects: try explainsWords ? effects(sample, images, probabilities) : [],
            attention: stages.compactMap { $0.weights(in: pass, of: network) }, notes: notes)
    }

    private func features(_ caption: String?, _ notes: inout [String]) throws(ExplainingError) -> Tensor? {
        guard let caption else { return nil }
        return try ExplainingError.wrapping { () throws(SegmentingError) in try predictor.features(of: .caption(caption), notes: &notes) }
    }

    /// The target in the network's pixels, and in words.
    private func target(of sample: ExplanationSample, _ notes: inout [String]) throws(ExplainingError) -> (ExplanationTarget, String) {
        switch target {
        case .prediction: return (.prediction, "the mean logit of the predicted mask")
        case .truth:
            guard let truth = sample.truth, truth.pixels.contains(where: { $0 != 0 }) else {
                notes.append("\(sample.id): its true mask is empty; the maps explain the prediction")
                return (.prediction, "the mean logit of the predicted mask")
            }
            return (.mask(truth), "the mean logit of the true mask")
        case .point(let column, let row):
            let width = sample.originalWidth, height = sample.originalHeight, size = model.imageSize
            guard (0..<width).contains(column), (0..<height).contains(row) else {
                throw .pointOutside(column: column, row: row, id: sample.id, width: width, height: height)
            }
            return (
                .point(column: (2 * column + 1) * size / (2 * width), row: (2 * row + 1) * size / (2 * height)),
                "the logit at column \(column), row \(row)"
            )
        }
    }

    private func words(of sample: ExplanationSample) -> [Explanation.Word] {
        guard explainsWords, let caption = sample.caption, let reading = model.captions else { return [] }
        let words = CaptionWords(caption)
        let ranges = words.tokenRanges(reading.pieces, length: reading.length)
        return zip(words.words, ranges).map { Explanation.Word(word: $0, tokens: $1) }
    }

    /// Each word left out, then the variants of the whole caption.
    private func effects(
        _ sample: ExplanationSample, _ images: ByteTensor, _ original: ProbabilityMap
    ) throws(ExplainingError) -> [WordEffect] {
        guard let caption = sample.caption else { return [] }
        let words = CaptionWords(caption)
        var effects: [WordEffect] = [], ignored: [String] = []
        func add(_ change: WordEffect.Change, _ caption: String, unchanged: UnchangedCaption? = nil) throws(ExplainingError) {
            let map = unchanged == nil ? try probabilities(images, try features(caption, &ignored)) : original
            effects.append(
                WordEffect(
                    change, caption: caption, unchanged: unchanged, probabilities: map, original: original, truth: sample.truth?.pixels))
        }
        for (index, word) in words.words.enumerated() { try add(.without(word), words.without(index)) }
        for (variant, varied) in sample.variants { try add(.variant(variant), varied.caption, unchanged: varied.unchanged) }
        return effects
    }

    private func probabilities(_ images: ByteTensor, _ text: Tensor?) throws(ExplainingError) -> ProbabilityMap {
        let values = try ExplainingError.wrapping { () throws(SegmentingError) in try model.probabilities(images, text: text) }
        let size = model.imageSize
        return ProbabilityMap(width: size, height: size, values: values)
    }
}
