// UA-VLS: ConvNeXt image encoder, three text-guided decoder stages, head (docs/models/ua-vls.md). The text input is the frozen features of
// TextEncoder.
import Tensors

public final class UAVLS: SegmentationModel, HasConvNeXt {
    public let configuration: Configuration
    public let specification: ModelSpecification
    public let activations: NumberFormat
    public let parameters: ParameterStore
    public var descriptor: ModelDescriptor { Self.descriptor }
    var imageEncoder: ConvNeXtConfiguration { configuration.encoder }
    private let network: GuidedNetwork

    /// Builds the network with the published initialisation.
    public init(_ configuration: Configuration, _ setup: ModelSetup) {
        self.configuration = configuration
        specification = configuration.specification
        activations = setup.activations
        parameters = ParameterStore(backend: setup.backend)
        let root = Scope(store: parameters, prefix: "")
        network = GuidedNetwork(root, configuration.encoder) { stage, scope, channels in
            configuration.textGuidance
                ? MoDAB(
                    scope, channels: channels, tokens: configuration.tokens, textPositions: configuration.mixedPositions(stage),
                    configuration: configuration)
                : nil
        }
        parameters.build(setup)
    }

    /// The published network.
    public convenience init(_ setup: ModelSetup) { self.init(Configuration(), setup) }

    public var textAttention: [TextAttention] {
        guard configuration.textGuidance, configuration.fusion == .attention else { return [] }
        return GuidedNetwork.textAttention(
            heads: MoDAB.heads, mixing: configuration.layers == .released ? "text_project.2.out_proj.weight" : nil)
    }

    /// Taps: `image`, `encoder.stages.0` to `.3`, and for each decoder stage its guide layer, the queries and keys of its cross-attention
    /// and its output, such as `decoder16.guide_layer`, `decoder16.guide_layer.cross_attn.query` and `decoder16`.
    public func callAsFunction(_ input: ModelInput, _ tape: Tape) -> ModelOutput {
        precondition(tape.activations == activations, "a \(tape.activations) pass of a \(activations) model")
        let text = input.text?.features, image = tape.convert(input.images, to: activations)
        precondition(
            !configuration.textGuidance || text?.shape == [image.shape[0], configuration.tokens, configuration.textWidth],
            "text features \(String(describing: text?.shape))")
        return ModelOutput(logits: network.logits(image, text: text, tape), taps: tape.tapped)
    }

    /// The four stage outputs of the image encoder, for checks and explanations.
    public func imageFeatures(normalised: Tensor, tape: Tape) -> [Tensor] { network.encoder(normalised, tape) }
}
