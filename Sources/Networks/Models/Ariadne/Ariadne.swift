// Ariadne's Thread (docs/models/ariadne.md): ConvNeXt image encoder, three text-guided decoder stages, head. It differs from UA-VLS only in
// the guide layer. The text input is the frozen features of TextEncoder.
import Tensors

public final class Ariadne: SegmentationModel, HasConvNeXt {
    public let specification: ModelSpecification
    public let activations: NumberFormat
    public let parameters: ParameterStore
    public var descriptor: ModelDescriptor { Self.descriptor }
    let imageEncoder: ConvNeXtConfiguration
    private let network: GuidedNetwork
    private let text: TextShape

    /// Builds the network with PyTorch's initialisation, as published.
    /// - Parameter specification: checked by the descriptor.
    public init(_ specification: ModelSpecification, _ setup: ModelSetup) {
        self.specification = specification
        activations = setup.activations
        parameters = ParameterStore(backend: setup.backend)
        let sizes = Sizes(specification), text = sizes.text
        self.text = text
        imageEncoder = sizes.encoder
        let root = Scope(store: parameters, prefix: "")
        network = GuidedNetwork(root, sizes.encoder) { stage, scope, channels in
            AriadneGuide(
                scope, channels: channels, tokens: text.tokens, textWidth: text.width, textPositions: sizes.textPositions[stage])
        }
        // Every published checkpoint has it, but it gets no gradient: accepted and kept.
        let head = root("text_encoder.project_head"), width = text.width
        for name in ["0", "3"] {
            _ = head(name).parameter("weight", [width, width], role: .unused, .fan(width))
            _ = head(name).parameter("bias", [width], role: .unused, .fan(width))
        }
        _ = head("1").parameter("weight", [width], role: .unused, .constant(1))
        _ = head("1").parameter("bias", [width], role: .unused, .constant(0))
        parameters.build(setup)
    }

    public var textAttention: [TextAttention] {
        GuidedNetwork.textAttention(heads: AriadneGuide.heads, mixing: "text_project.0.weight")
    }

    /// Taps: `image`, `encoder.stages.0` to `.3`, and for each decoder stage the mixed text, the queries and keys of its cross-attention,
    /// its guide layer and its output, such as `decoder16.guide_layer.text_project`, `decoder16.guide_layer.cross_attn.query`,
    /// `decoder16.guide_layer` and `decoder16`.
    public func callAsFunction(_ input: ModelInput, _ tape: Tape) -> ModelOutput {
        precondition(tape.activations == activations, "a \(tape.activations) pass of a \(activations) model")
        let features = input.text?.features, image = tape.convert(input.images, to: activations)
        precondition(
            features?.shape == [image.shape[0], text.tokens, text.width], "text features \(String(describing: features?.shape))")
        return ModelOutput(logits: network.logits(image, text: features, tape), taps: tape.tapped)
    }
}
