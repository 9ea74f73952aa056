// UA-VLS: ConvNeXt image encoder, three text-guided decoder stages, head (docs/models/ua-vls.md). Text arrives as frozen features
// (TextEncoder).
import Tensors

public final class UAVLS: SegmentationModel {
    public let configuration: Configuration
    public let specification: ModelSpecification
    public let activations: NumberFormat
    public let parameters: ParameterStore
    public var descriptor: ModelDescriptor { Self.descriptor }
    private let encoder: ConvNeXt
    private let stages: [(name: String, stage: DecoderStage)]
    private let head: Head
    private let positions: PositionTables

    /// Builds the network with the published initialisation.
    public init(_ configuration: Configuration, _ setup: ModelSetup) {
        self.configuration = configuration
        specification = configuration.specification
        activations = setup.activations
        parameters = ParameterStore(backend: setup.backend)
        positions = PositionTables(backend: setup.backend)
        let root = Scope(store: parameters, prefix: "")
        let widths = configuration.encoder.widths
        encoder = ConvNeXt(root("encoder.model"), configuration.encoder)
        // In every published checkpoint, used by nothing: accepted and kept.
        let width = widths[3]
        _ = root("encoder.model.layernorm").parameter("weight", [width], role: .unused, .constant(1))
        _ = root("encoder.model.layernorm").parameter("bias", [width], role: .unused, .constant(0))
        _ = root("encoder.project_head").parameter("weight", [width, width], role: .unused, .fan(width))
        _ = root("encoder.project_head").parameter("bias", [width], role: .unused, .fan(width))
        stages = ["decoder16", "decoder8", "decoder4"].enumerated().map { index, name in
            (
                name,
                DecoderStage(
                    root(name), input: widths[3 - index], output: widths[2 - index], textPositions: configuration.textPositions[index],
                    configuration: configuration)
            )
        }
        head = Head(root, input: widths[0], channels: widths[0] * 4)
        parameters.build(setup)
    }

    /// The published network.
    public convenience init(_ setup: ModelSetup) { self.init(Configuration(), setup) }

    /// Taps: `image`, `encoder.stages.0` to `.3`, and of each decoder stage its guide layer and its result, as `decoder16.guide_layer` and
    /// `decoder16`.
    public func callAsFunction(_ input: ModelInput, _ tape: Tape) -> ModelOutput {
        precondition(tape.activations == activations, "a \(tape.activations) pass of a \(activations) model")
        let text = input.text?.features, image = tape.tap("image", tape.convert(input.images, to: activations))
        precondition(
            !configuration.textGuidance || text?.shape == [image.shape[0], configuration.tokens, configuration.textWidth],
            "text features \(String(describing: text?.shape))")
        let features = encoder(image, tape)
        var map = features[3]
        for (index, (name, stage)) in stages.enumerated() {
            map = tape.tap(name, stage(map, skip: features[2 - index], text: text, tape, positions, name: name))
        }
        return ModelOutput(logits: head.logits(map, tape), taps: tape.tapped)
    }

    /// The four stage outputs of the image encoder, for checks and explanations.
    public func imageFeatures(normalised: Tensor, tape: Tape) -> [Tensor] { encoder(normalised, tape) }
}
