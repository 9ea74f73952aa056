// What UA-VLS and Ariadne's Thread share: the ConvNeXt, the head, and three decoder stages. In each stage the text guides the feature map
// before it is upsampled. The two networks differ in the guide layer. Not for networks in which text and image meet elsewhere.
import Tensors

/// A layer in which the text changes a feature map.
protocol GuideLayer {
    /// x [B,L,C], a feature map as a sequence, text [B,N,D] -> [B,L,C].
    func callAsFunction(_ x: Tensor, text: Tensor, _ tape: Tape, _ positions: PositionTables) -> Tensor
}

/// One decoder stage: the guide layer, then the up block.
struct GuidedStage {
    let name: String
    private let guide: (any GuideLayer)?
    private let up: UpBlock

    /// - Parameter guide: nil if no text reaches the image.
    init(_ scope: Scope, input: Int, output: Int, guide: (any GuideLayer)?) {
        name = scope.prefix
        self.guide = guide
        up = UpBlock(scope("decoder"), input: input, output: output)
    }

    /// x [B,H,W,input], skip [B,2H,2W,output] -> [B,2H,2W,output].
    func callAsFunction(_ x: Tensor, skip: Tensor, text: Tensor?, _ tape: Tape, _ positions: PositionTables) -> Tensor {
        guard let guide, let text else { return up(x, skip: skip, tape) }
        let sequence = tape.reshape(x, [x.shape[0], x.shape[1] * x.shape[2], x.channels])
        let guided = tape.reshape(guide(sequence, text: text, tape, positions), x.shape)
        return up(tape.tap(name + ".guide_layer", guided), skip: skip, tape)
    }
}

struct GuidedNetwork {
    let encoder: ConvNeXt
    private let stages: [GuidedStage]
    private let head: Head
    private let positions: PositionTables

    /// - Parameter guide: creates the guide layer of a stage, counted from the deepest, with its scope and its channels.
    init(
        _ root: Scope, _ configuration: ConvNeXtConfiguration,
        guide: (_ stage: Int, _ scope: Scope, _ channels: Int) -> (any GuideLayer)?
    ) {
        let widths = configuration.widths, width = widths[3]
        positions = PositionTables(backend: root.store.backend)
        encoder = ConvNeXt(root("encoder.model"), configuration)
        // Every published checkpoint has it, but nothing uses it: accepted and kept.
        _ = root("encoder.model.layernorm").parameter("weight", [width], role: .unused, .constant(1))
        _ = root("encoder.model.layernorm").parameter("bias", [width], role: .unused, .constant(0))
        _ = root("encoder.project_head").parameter("weight", [width, width], role: .unused, .fan(width))
        _ = root("encoder.project_head").parameter("bias", [width], role: .unused, .fan(width))
        stages = Self.stageNames.enumerated().map { index, name in
            let scope = root(name), input = widths[3 - index]
            return GuidedStage(
                scope, input: input, output: widths[2 - index], guide: guide(index, scope("guide_layer"), input))
        }
        head = Head(root, input: widths[0], channels: widths[0] * 4)
    }

    private static let stageNames = ["decoder16", "decoder8", "decoder4"]

    /// The cross-attention of each stage.
    /// - Parameter mixing: name within a guide layer of the weight that mixes the tokens to text positions; nil for none.
    static func textAttention(heads: Int, mixing: String?) -> [TextAttention] {
        stageNames.map { stage in
            let layer = stage + ".guide_layer."
            return TextAttention(
                stage: stage, heads: heads, queries: layer + "cross_attn.query", keys: layer + "cross_attn.key",
                mixing: mixing.map { layer + $0 })
        }
    }

    /// image [B,H,W,3] normalised, text [B,N,D] -> logits [B,H,W].
    /// Taps: `image`, `encoder.stages.0` to `.3`, and for each stage its guide layer and its output, such as `decoder16.guide_layer`,
    /// `decoder16`.
    func logits(_ image: Tensor, text: Tensor?, _ tape: Tape) -> Tensor {
        let features = encoder(tape.tap("image", image), tape)
        var map = features[3]
        for (index, stage) in stages.enumerated() {
            map = tape.tap(stage.name, stage(map, skip: features[2 - index], text: text, tape, positions))
        }
        return head.logits(map, tape)
    }

    /// Multiplications and additions of one image's forward pass, computed from the sizes alone.
    /// - Parameter guide: pairs of a multiplication and an addition in a stage's guide layer, given its channels and positions; nil without
    ///   a guide layer.
    static func arithmetic(
        _ encoder: ConvNeXtConfiguration, imageSize: Int, guide: (_ stage: Int, _ channels: Int, _ positions: Int) -> Int?
    ) -> [ModuleArithmetic] {
        let widths = encoder.widths
        /// Pixels of a stage's feature map.
        func grid(_ stage: Int) -> Int {
            let side = imageSize / (4 << stage)
            return side * side
        }
        var image = grid(0) * 48 * widths[0]
        for (stage, width) in widths.enumerated() {
            if stage > 0 { image += grid(stage) * 4 * widths[stage - 1] * width }
            image += encoder.depths[stage] * grid(stage) * (49 * width + 8 * width * width)
        }
        var modules = [ModuleArithmetic(["encoder.model"], products: image)]
        for (index, name) in stageNames.enumerated() {
            let input = widths[3 - index], output = widths[2 - index], positions = grid(3 - index)
            if let products = guide(index, input, positions) {
                modules.append(ModuleArithmetic([name + ".guide_layer"], products: products))
            }
            modules.append(
                ModuleArithmetic(
                    [name + ".decoder"],
                    products: positions * input * 4 * output + 4 * positions * 9 * (2 * output * output + output * output)))
        }
        let head = grid(0) * 9 * widths[0]
        modules.append(
            ModuleArithmetic(
                ["decoder1", "out"], products: head * 4 * widths[0] + imageSize * imageSize * widths[0] / 4, computed: head * 16))
        return modules
    }
}
