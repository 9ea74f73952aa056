// One decoder stage (MoDAB, then the up block of eqs. 20-21) and the head (eqs. 22-25; docs/models/ua-vls.md).
import Tensors

struct DecoderStage {
    private let block: MoDAB?
    private let up: UpBlock

    init(_ scope: Scope, input: Int, output: Int, textPositions: Int, configuration: ModelConfiguration) {
        block = configuration.useMoDAB
            ? MoDAB(
                scope("guide_layer"), channels: input, tokens: configuration.tokens, textPositions: textPositions,
                configuration: configuration)
            : nil
        up = UpBlock(scope("decoder"), input: input, output: output)
    }

    /// x [B,H,W,input], skip [B,2H,2W,output] -> [B,2H,2W,output].
    func callAsFunction(_ x: Tensor, skip: Tensor, text: Tensor, _ tape: Tape, _ positions: PositionTables) -> Tensor {
        guard let block else { return up(x, skip: skip, tape) }
        let sequence = tape.reshape(x, [x.shape[0], x.shape[1] * x.shape[2], x.channels])
        return up(tape.reshape(block(sequence, text: text, tape, positions), x.shape), skip: skip, tape)
    }
}

/// Transposed convolution to twice the size, the encoder's map of that size beside it, two convolutions with batch norm (eqs. 20-21).
package struct UpBlock {
    private let weight: Parameter
    private let convolution1: ConvolutionNormActivation, convolution2: ConvolutionNormActivation

    package init(_ scope: Scope, input: Int, output: Int) {
        // PyTorch counts the fan of a transposed convolution over its output channels.
        weight = scope("transp_conv.conv").parameter("weight", [input, output, 2, 2], layout: .transposed, .fan(output * 4))
        let blocks = scope("conv_block")
        convolution1 = ConvolutionNormActivation(
            convolution: blocks("conv1.conv"), norm: blocks("norm1"), output * 2, output, slope: 0.01)
        convolution2 = ConvolutionNormActivation(convolution: blocks("conv2.conv"), norm: blocks("norm2"), output, output, slope: 0.01)
    }

    package func callAsFunction(_ x: Tensor, skip: Tensor, _ tape: Tape) -> Tensor {
        let raised = tape.transposedConvolution(x, weight: weight.tensor, kernel: 2)
        return convolution2(convolution1(tape.concatenate(raised, skip), tape), tape)
    }
}

/// 3x3 convolution, pixel shuffle 4, zero pad, 4x4 mean, 1x1 convolution, sigmoid. Everything before the sigmoid is linear, so the 1x1 is folded into
/// the 3x3: one convolution to 16 channels instead of 384. Gradients of the unfolded parameters follow through `foldGroups`.
package struct Head {
    private let factor = 4
    private let weight: Parameter, bias: Parameter
    private let outWeight: Parameter, outBias: Parameter

    /// - Parameter channels: output channels of the 3x3, 16 for each input of the 1x1.
    package init(_ root: Scope, input: Int, channels: Int) {
        let first = root("decoder1.conv_block"), last = root("out.conv.conv")
        weight = first.parameter("weight", [channels, input, 3, 3], layout: .convolution, .icnr(repeats: 16))
        bias = first.parameter("bias", [channels], .fan(input * 9))
        outWeight = last.parameter("weight", [1, channels / 16, 1, 1], .fan(channels / 16))
        outBias = last.parameter("bias", [1], .fan(channels / 16))
    }

    /// x [B,H,W,C] -> logits [B,4H,4W].
    package func logits(_ x: Tensor, _ tape: Tape) -> Tensor {
        let folded = tape.foldGroups(weight.tensor, mix: outWeight.tensor)
        let foldedBias = tape.foldGroups(bias.tensor, mix: outWeight.tensor)
        let subpixels = tape.convolution(x, weight: folded, bias: foldedBias, kernel: 3)
        return tape.shufflePool(tape.convert(subpixels, to: .float32), factor: factor, bias: outBias.tensor)
    }
}
