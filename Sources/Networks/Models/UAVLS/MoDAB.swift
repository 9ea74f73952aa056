// Modality decoding attention block (eqs. 3-12; docs/models/ua-vls.md): self-attention of the image sequence, then cross-attention to the
// mixed text. If the paper prints other sums or layers than the released code has, `equations` and `layers` of the configuration choose.
import Tensors

/// How the text is combined with the image.
public enum TextFusion: String, Codable, Sendable, CaseIterable { case attention, addition }

package struct MoDAB: GuideLayer {
    private let channels: Int, textPositions: Int
    static let heads = 4
    private let heads = MoDAB.heads
    private let dropout: Float
    private let fusion: TextFusion
    private let equations: UAVLS.Source
    private let textLinear: Linear
    private let textMixer: SSMix
    private let norm1: LayerNorm, qkv: Linear, queryNorm: LayerNorm?, keyNorm: LayerNorm?, projection: Linear, selfNorm: LayerNorm
    private let norm2: LayerNorm, crossNorm: LayerNorm
    /// Nil with `fusion` addition.
    private let cross: MultiheadAttention?
    private let scale: Parameter

    package init(_ scope: Scope, channels: Int, tokens: Int, textPositions: Int, configuration: UAVLS.Configuration) {
        self.channels = channels
        self.textPositions = textPositions
        dropout = configuration.dropout
        fusion = configuration.fusion
        equations = configuration.equations
        // Eqs. 5-7 print only matrices, without a norm of queries and keys.
        let released = configuration.layers == .released
        scale = scope.parameter("scale", [], .constant(1.421))
        let attention = scope("self_attn")
        qkv = Linear(attention("qkv"), channels, channels * 3, bias: released)
        queryNorm = released ? LayerNorm(attention("q_norm"), channels / heads, epsilon: 1e-5) : nil
        keyNorm = released ? LayerNorm(attention("k_norm"), channels / heads, epsilon: 1e-5) : nil
        projection = Linear(attention("proj"), channels, channels, bias: released)
        selfNorm = LayerNorm(scope("self_attn_norm"), channels, epsilon: 1e-5)
        crossNorm = LayerNorm(scope("cross_attn_norm"), channels, epsilon: 1e-5)
        norm1 = LayerNorm(scope("norm1"), channels, epsilon: 1e-5)
        norm2 = LayerNorm(scope("norm2"), channels, epsilon: 1e-5)
        cross = fusion == .attention ? MultiheadAttention(scope("cross_attn"), channels: channels, heads: heads, tapped: true) : nil
        textLinear = Linear(scope("text_project.0"), configuration.textWidth, channels)
        textMixer = SSMix(
            scope("text_project.2"), channels: channels, positions: tokens, outPositions: textPositions, configuration: configuration)
    }

    /// x [B,L,C], text [B,N,D] -> [B,L,C].
    package func callAsFunction(_ x: Tensor, text: Tensor, _ tape: Tape, _ positions: PositionTables) -> Tensor {
        // Text is mixed in float32 (the scan needs it, and the text is small); then it is converted to the image's format.
        let mixed = tape.activate(.gelu, textMixer(tape.activate(.leakyReLU(slope: 0.01), textLinear(text, tape)), tape))
        let s = tape.convert(mixed, to: x.format)
        let table = positions.table(positions: x.shape[1], channels: channels)
        let attended = tape.addPositionalEmbedding(norm1(x, tape), table)
        let a = selfAttention(attended, tape)
        // Eq. 8 adds to the attention's output, the released code to the block's input; eq. 12 adds to the input, the released code to the
        // sum.
        let x1 = tape.add(equations == .paper ? attended : x, selfNorm(a, tape))
        let c = crossAttention(norm2(x1, tape), s, table, tape, positions)
        return tape.addScaled(equations == .paper ? x : x1, crossNorm(c, tape), scale: scale.tensor)
    }

    private func selfAttention(_ x: Tensor, _ tape: Tape) -> Tensor {
        let packed = qkv(x, tape)
        let perHead = [x.rows * heads, channels / heads]
        func normed(_ norm: LayerNorm?, _ columns: Range<Int>) -> Tensor {
            let part = tape.reshape(tape.columns(packed, columns), perHead)
            return norm?(part, tape) ?? part
        }
        let q = normed(queryNorm, 0..<channels), k = normed(keyNorm, channels..<(2 * channels))
        let v = tape.columns(packed, (2 * channels)..<(3 * channels))
        let mixed = tape.attention(tape.reshape(q, x.shape), tape.reshape(k, x.shape), v, heads: heads, dropout: dropout)
        return tape.dropout(projection(mixed, tape), probability: dropout)
    }

    /// Queries from the image, keys and values from the text. With `fusion` addition every position gets the mean of the text instead.
    private func crossAttention(_ x: Tensor, _ s: Tensor, _ table: Tensor, _ tape: Tape, _ positions: PositionTables) -> Tensor {
        guard let cross else {
            // Attention with zero queries weighs all text positions alike.
            return tape.attention(tape.backend.zeros(x.shape, format: x.format), s, s, heads: heads)
        }
        let textTable = positions.table(positions: textPositions, channels: channels)
        return cross(
            query: tape.addPositionalEmbedding(x, table), key: tape.addPositionalEmbedding(s, textTable), value: s, tape)
    }
}
