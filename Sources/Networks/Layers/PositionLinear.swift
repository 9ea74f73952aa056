// A linear layer over the positions of a sequence, like PyTorch's Conv1d of kernel 1 with positions as channels.
import Tensors

package struct PositionLinear {
    private let weight: Parameter, bias: Parameter

    package init(_ scope: Scope, _ input: Int, _ output: Int) {
        weight = scope.parameter("weight", [output, input, 1], layout: .positions, .fan(input))
        bias = scope.parameter("bias", [output], .fan(input))
    }

    /// x [B,input,C] -> [B,output,C].
    package func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
        tape.sequenceLinear(x, weight: weight.tensor, bias: bias.tensor)
    }
}
