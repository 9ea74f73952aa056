// Attention between two sequences with the parameters of PyTorch's nn.MultiheadAttention: the projections to queries, keys and values are
// packed in one weight. Not for attention with a norm of the heads or a bias of the scores.
import Tensors

struct MultiheadAttention {
    private let channels: Int, heads: Int
    private let weight: Parameter, bias: Parameter
    private let out: Linear
    /// The prefix of the taps; nil without taps.
    private let tapName: String?

    /// - Parameter tapped: whether the projected queries and keys have taps, `NAME.query` and `NAME.key`, from which the weights are
    ///   computed (`TextAttention`). The fused operator keeps none.
    init(_ scope: Scope, channels: Int, heads: Int, tapped: Bool = false) {
        tapName = tapped ? scope.prefix : nil
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
        var q = part(0, query), k = part(1, key)
        let v = part(2, value)
        if let tapName {
            q = tape.tap(tapName + ".query", q)
            k = tape.tap(tapName + ".key", k)
        }
        return out(tape.attention(q, k, v, heads: heads), tape)
    }
}
