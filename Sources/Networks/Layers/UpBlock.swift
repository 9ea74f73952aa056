// The step of a U-shaped decoder to twice the size, with the encoder's feature map as skip connection.
import Tensors

/// Transposed convolution to twice the size, concatenation with the encoder's feature map of that size, two convolutions with batch norm
/// (eqs. 20-21).
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
