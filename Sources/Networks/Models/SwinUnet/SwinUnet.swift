// Swin-Unet (docs/models/swinunet.md): a Swin Transformer of four stages as encoder, a mirrored decoder with patch expanding, skip
// connections between them, one logit per pixel. Reads no text.
import Tensors

public final class SwinUnet: SegmentationModel {
    public let specification: ModelSpecification
    public let activations: NumberFormat
    public let parameters: ParameterStore
    public var descriptor: ModelDescriptor { Self.descriptor }

    private struct EncoderStage {
        let blocks: [SwinBlock]
        let merging: PatchMerging?
    }
    private struct DecoderStage {
        let joining: Linear
        let blocks: [SwinBlock]
        let expanding: PatchExpanding?
    }
    private let patchWeight: Parameter, patchBias: Parameter
    private let patchNorm: LayerNorm, encoderNorm: LayerNorm, decoderNorm: LayerNorm
    private let encoder: [EncoderStage]
    private let firstExpanding: PatchExpanding, lastExpanding: PatchExpanding
    private let decoder: [DecoderStage]
    private let outputWeight: Parameter

    /// - Parameter specification: checked by the descriptor.
    public init(_ specification: ModelSpecification, _ setup: ModelSetup) {
        self.specification = specification
        activations = setup.activations
        parameters = ParameterStore(backend: setup.backend)
        let root = Scope(store: parameters, prefix: "swin_unet"), sizes = Sizes(specification), widths = sizes.widths
        func blocks(_ scope: Scope, _ stage: Int) -> [SwinBlock] {
            sizes.dropPaths[stage].enumerated().map { number, rate in
                SwinBlock(
                    scope("blocks.\(number)"),
                    SwinBlockSizes(
                        channels: widths[stage], heads: Sizes.heads[stage], isShifted: number % 2 == 1, dropPath: rate,
                        side: sizes.window))
            }
        }
        // PyTorch's defaults for convolutions.
        patchWeight = root("patch_embed.proj").parameter("weight", [widths[0], 3, 4, 4], layout: .convolution, .fan(48))
        patchBias = root("patch_embed.proj").parameter("bias", [widths[0]], .fan(48))
        patchNorm = LayerNorm(root("patch_embed.norm"), widths[0], epsilon: Swin.epsilon)
        encoder = (0..<4).map { stage in
            let scope = root("layers.\(stage)")
            return EncoderStage(
                blocks: blocks(scope, stage), merging: stage < 3 ? PatchMerging(scope("downsample"), widths[stage]) : nil)
        }
        firstExpanding = PatchExpanding(root("layers_up.0"), widths[3], factor: 2, output: widths[2])
        decoder = [2, 1, 0].map { stage in
            let scope = root("layers_up.\(3 - stage)")
            return DecoderStage(
                joining: Swin.linear(root("concat_back_dim.\(3 - stage)"), 2 * widths[stage], widths[stage]), blocks: blocks(scope, stage),
                expanding: stage > 0 ? PatchExpanding(scope("upsample"), widths[stage], factor: 2, output: widths[stage - 1]) : nil)
        }
        encoderNorm = LayerNorm(root("norm"), widths[3], epsilon: Swin.epsilon)
        decoderNorm = LayerNorm(root("norm_up"), widths[0], epsilon: Swin.epsilon)
        lastExpanding = PatchExpanding(root("up"), widths[0], factor: 4, output: widths[0])
        outputWeight = root("output").parameter("weight", [1, widths[0], 1, 1], .fan(widths[0]))
        parameters.build(setup)
    }

    /// Taps: `image`, and by the modules' names `swin_unet.patch_embed`, `.layers.S`, `.layers_up.S`, `.norm_up`.
    public func callAsFunction(_ input: ModelInput, _ tape: Tape) -> ModelOutput {
        precondition(tape.activations == activations, "a \(tape.activations) pass of a \(activations) model")
        func tap(_ name: String, _ x: Tensor) -> Tensor { tape.tap("swin_unet." + name, x) }
        let image = tape.tap("image", tape.convert(input.images, to: activations))
        var map = tape.patchConvolution(image, weight: patchWeight.tensor, bias: patchBias.tensor, kernel: 4)
        map = tap("patch_embed", patchNorm(map, tape))
        var skips: [Tensor] = []
        for (number, stage) in encoder.enumerated() {
            skips.append(map)
            for block in stage.blocks { map = block(map, tape) }
            map = tap("layers.\(number)", stage.merging.map { $0(map, tape) } ?? map)
        }
        // The last stage's input has no counterpart in the decoder.
        skips.removeLast()
        map = tap("layers_up.0", firstExpanding(encoderNorm(map, tape), tape))
        for (number, stage) in decoder.enumerated() {
            map = stage.joining(tape.concatenate(map, skips.removeLast()), tape)
            for block in stage.blocks { map = block(map, tape) }
            map = tap("layers_up.\(number + 1)", stage.expanding.map { $0(map, tape) } ?? map)
        }
        map = tap("norm_up", decoderNorm(map, tape))
        // Norm and output work on channels alone, so only the logits are rearranged to full size, not the feature map.
        let patches = tape.linear(lastExpanding.patches(map, tape), weight: outputWeight.tensor, bias: nil)
        let logits = tape.convert(tape.scatterPatches(tape.reshape(patches, Array(patches.shape.dropLast())), size: 4), to: .float32)
        return ModelOutput(logits: tape.reshape(logits, Array(image.shape.dropLast())), taps: tape.tapped)
    }

    /// The network's sizes from its options.
    struct Sizes {
        static let heads = [3, 6, 12, 24]
        /// The kernels of a GPU hold windows of at most 8x8 pixels.
        static let sides = 2...8
        /// Channels of the stages: 96, 192, 384, 768 as published.
        let widths: [Int]
        /// Blocks in each encoder stage, and in the decoder stage of the same width.
        let depths: [Int]
        /// Drop-path rates of each stage's blocks: from 0 to the option's value over the encoder; a decoder stage has the rates of the
        /// encoder stage of its width.
        let dropPaths: [[Float]]

        /// Side of a window.
        let window: Int

        /// The side of a window also of a specification that is not checked, such as one of a damaged file.
        static func window(of specification: ModelSpecification) -> Int {
            specification.numbers("window").first.flatMap { Int(exactly: $0) }.flatMap { sides.contains($0) ? $0 : nil } ?? Swin.side
        }

        init(_ specification: ModelSpecification) {
            window = Self.window(of: specification)
            let width = specification.numbers("head-width").first.map { Int($0) } ?? 32,
                rate = specification.numbers("drop-path").first ?? 0
            widths = Self.heads.map { $0 * width }
            depths = specification.numbers("depths").map { Int($0) }
            let all = depths.reduce(0, +)
            var number = 0
            dropPaths = depths.map { depth in
                defer { number += depth }
                return (0..<depth).map { all > 1 ? Float(rate * Double(number + $0) / Double(all - 1)) : 0 }
            }
        }
    }
}
