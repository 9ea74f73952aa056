// Modality decoding attention block (eqs. 3-12; docs/models/ua-vls.md): the image sequence attends to itself, then to the mixed text.
import Tensors

/// How text reaches the image.
public enum TextFusion: String, Codable, Sendable, CaseIterable { case attention, addition }

package struct MoDAB: GuideLayer {
    private let channels: Int, textPositions: Int
    private let heads = 4
    private let dropout: Float
    private let fusion: TextFusion
    private let textLinear: Linear
    private let textMixer: SSMix
    private let norm1: LayerNorm, qkv: Linear, queryNorm: LayerNorm, keyNorm: LayerNorm, projection: Linear, selfNorm: LayerNorm
    private let norm2: LayerNorm, crossNorm: LayerNorm
    /// Nil with `fusion` addition.
    private let cross: MultiheadAttention?
    private let scale: Parameter

    package init(_ scope: Scope, channels: Int, tokens: Int, textPositions: Int, configuration: UAVLS.Configuration) {
        self.channels = channels
        self.textPositions = textPositions
        dropout = configuration.dropout
        fusion = configuration.fusion
        scale = scope.parameter("scale", [], .constant(1.421))
        let attention = scope("self_attn")
        qkv = Linear(attention("qkv"), channels, channels * 3)
        queryNorm = LayerNorm(attention("q_norm"), channels / heads, epsilon: 1e-5)
        keyNorm = LayerNorm(attention("k_norm"), channels / heads, epsilon: 1e-5)
        projection = Linear(attention("proj"), channels, channels)
        selfNorm = LayerNorm(scope("self_attn_norm"), channels, epsilon: 1e-5)
        crossNorm = LayerNorm(scope("cross_attn_norm"), channels, epsilon: 1e-5)
        norm1 = LayerNorm(scope("norm1"), channels, epsilon: 1e-5)
        norm2 = LayerNorm(scope("norm2"), channels, epsilon: 1e-5)
        cross = fusion == .attention ? MultiheadAttention(scope("cross_attn"), channels: channels, heads: heads) : nil
        textLinear = Linear(scope("text_project.0"), configuration.textWidth, channels)
        textMixer = SSMix(
            scope("text_project.2"), channels: channels, positions: tokens, outPositions: textPositions, mixer: configuration.mixer)
    }

    /// x [B,L,C], text [B,N,D] -> [B,L,C].
    package func callAsFunction(_ x: Tensor, text: Tensor, _ tape: Tape, _ positions: PositionTables) -> Tensor {
        // Text is mixed in float32 (the scan wants it, and it is small); it joins the image in the image's format.
        let mixed = tape.activate(.gelu, textMixer(tape.activate(.leakyReLU(slope: 0.01), textLinear(text, tape)), tape))
        let s = tape.convert(mixed, to: x.format)
        let table = positions.table(positions: x.shape[1], channels: channels)
        let a = selfAttention(tape.addPositionalEmbedding(norm1(x, tape), table), tape)
        let x1 = tape.add(x, selfNorm(a, tape))
        let c = crossAttention(norm2(x1, tape), s, table, tape, positions)
        return tape.addScaled(x1, crossNorm(c, tape), scale: scale.tensor)
    }

    private func selfAttention(_ x: Tensor, _ tape: Tape) -> Tensor {
        let packed = qkv(x, tape)
        let perHead = [x.rows * heads, channels / heads]
        let q = queryNorm(tape.reshape(tape.columns(packed, 0..<channels), perHead), tape)
        let k = keyNorm(tape.reshape(tape.columns(packed, channels..<(2 * channels)), perHead), tape)
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
