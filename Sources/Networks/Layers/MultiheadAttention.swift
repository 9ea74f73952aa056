// Attention between two sequences as PyTorch's nn.MultiheadAttention keeps it: the maps to queries, keys and values packed in one weight.
// Not for attention whose heads are normed or whose scores have a bias.
import Tensors

struct MultiheadAttention {
    private let channels: Int, heads: Int
    private let weight: Parameter, bias: Parameter
    private let out: Linear

    init(_ scope: Scope, channels: Int, heads: Int) {
        self.channels = channels
        self.heads = heads
        weight = scope.parameter("in_proj_weight", [channels * 3, channels], .xavier(channels, channels * 3))
        bias = scope.parameter("in_proj_bias", [channels * 3], .constant(0))
        out = Linear(scope("out_proj"), channels, channels, biases: .constant(0))
    }

    /// query [B,Lq,C], key and value [B,Lk,C] -> [B,Lq,C].
    func callAsFunction(query: Tensor, key: Tensor, value: Tensor, _ tape: Tape) -> Tensor {
        func part(_ index: Int, _ input: Tensor) -> Tensor {
            let rows = (index * channels)..<((index + 1) * channels)
            return tape.linear(input, weight: weight.tensor.parameterRows(rows), bias: bias.tensor.parameterRows(rows))
        }
        let q = part(0, query), k = part(1, key), v = part(2, value)
        return out(tape.attention(q, k, v, heads: heads), tape)
    }
}
