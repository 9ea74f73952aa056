// The head that upsamples a quarter-size feature map to the image's size (UA-VLS eqs. 22-25, and Ariadne's Thread).
import Tensors

/// 3x3 convolution, pixel shuffle 4, zero pad, 4x4 mean, 1x1 convolution, sigmoid. Everything before the sigmoid is linear, so the 1x1 is
/// folded into the 3x3: one convolution to 16 channels instead of 384. `foldGroups` passes the gradients back to the unfolded parameters.
package struct Head {
    private let factor = 4
    private let weight: Parameter, bias: Parameter
    private let outWeight: Parameter, outBias: Parameter

    /// - Parameter channels: output channels of the 3x3, 16 for each input channel of the 1x1.
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
