// U-Net in the form that UCTransNet and LViT compare with (docs/models/unet.md): one convolution at full size, four steps down by max
// pooling, four steps up by transposed convolutions with skip connections, a 1x1 convolution to one logit per pixel. Reads no text.
import Tensors

public final class UNet: SegmentationModel {
    public let specification: ModelSpecification
    public let activations: NumberFormat
    public let parameters: ParameterStore
    public var descriptor: ModelDescriptor { Self.descriptor }
    private let first: ConvolutionNormActivation
    private let down: [(name: String, convolutions: ConvolutionPair)]
    private let up: [(name: String, step: UpStep)]
    private let outWeight: Parameter, outBias: Parameter

    /// - Parameter specification: checked by the descriptor.
    public init(_ specification: ModelSpecification, _ setup: ModelSetup) {
        self.specification = specification
        activations = setup.activations
        parameters = ParameterStore(backend: setup.backend)
        let root = Scope(store: parameters, prefix: ""), widths = Self.widths(specification)
        first = ConvolutionNormActivation(
            convolution: root("inc.conv"), norm: root("inc.norm"), 3, widths[0], bias: true, slope: 0)
        down = (1...4).map { ("down\($0)", ConvolutionPair(root("down\($0)"), widths[$0 - 1], widths[$0])) }
        up = Self.ups(widths).map { ("up\($0.level)", UpStep(root("up\($0.level)"), input: $0.input, output: $0.output)) }
        outWeight = root("outc").parameter("weight", [1, widths[0], 1, 1], .fan(widths[0]))
        outBias = root("outc").parameter("bias", [1], .fan(widths[0]))
        parameters.build(setup)
    }

    /// Channels of the map at full size and after each step down: 64, 128, 256, 512, 512 as published.
    static func widths(_ specification: ModelSpecification) -> [Int] {
        let width = specification.numbers("width").first.map { Int($0) } ?? 64
        return [1, 2, 4, 8, 8].map { $0 * width }
    }

    /// The steps up in their order: channels of the lower map, which the skip map shares, and channels of the output.
    static func ups(_ widths: [Int]) -> [(level: Int, input: Int, output: Int)] {
        stride(from: 4, through: 1, by: -1).map { (level: $0, input: widths[$0 - 1], output: widths[max(0, $0 - 2)]) }
    }

    /// Taps: `image`, `inc`, `down1` to `down4`, `up4` to `up1`.
    public func callAsFunction(_ input: ModelInput, _ tape: Tape) -> ModelOutput {
        precondition(tape.activations == activations, "a \(tape.activations) pass of a \(activations) model")
        let image = tape.tap("image", tape.convert(input.images, to: activations))
        var map = tape.tap("inc", first(image, tape)), skips = [map]
        for (name, convolutions) in down {
            map = tape.tap(name, convolutions(tape.maxPool(map), tape))
            skips.append(map)
        }
        skips.removeLast()
        for (name, step) in up { map = tape.tap(name, step(map, skip: skips.removeLast(), tape)) }
        let logits = tape.convert(tape.linear(map, weight: outWeight.tensor, bias: outBias.tensor), to: .float32)
        return ModelOutput(logits: tape.reshape(logits, Array(image.shape.dropLast())), taps: tape.tapped)
    }
}

/// Twice 3x3 convolution, batch norm, ReLU.
package struct ConvolutionPair {
    private let first: ConvolutionNormActivation, second: ConvolutionNormActivation

    package init(_ scope: Scope, _ input: Int, _ output: Int) {
        func layer(_ number: Int, _ input: Int) -> ConvolutionNormActivation {
            let scope = scope("nConvs.\(number)")
            return ConvolutionNormActivation(convolution: scope("conv"), norm: scope("norm"), input, output, bias: true, slope: 0)
        }
        first = layer(0, input)
        second = layer(1, output)
    }

    package func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor { second(first(x, tape), tape) }
}

/// x [B,H,W,C] to twice the size by a transposed convolution, concatenation with the encoder's map [B,2H,2W,C], two convolutions ->
/// [B,2H,2W,output].
package struct UpStep {
    private let weight: Parameter, bias: Parameter
    private let convolutions: ConvolutionPair

    package init(_ scope: Scope, input: Int, output: Int) {
        // PyTorch counts the fan of a transposed convolution over its output channels.
        weight = scope("up").parameter("weight", [input, input, 2, 2], layout: .transposed, .fan(input * 4))
        bias = scope("up").parameter("bias", [input], .fan(input * 4))
        convolutions = ConvolutionPair(scope, 2 * input, output)
    }

    package func callAsFunction(_ x: Tensor, skip: Tensor, _ tape: Tape) -> Tensor {
        convolutions(tape.concatenate(tape.transposedConvolution(x, weight: weight.tensor, bias: bias.tensor, kernel: 2), skip), tape)
    }
}
