// The guide layer of Ariadne's Thread: the image sequence attends to itself with one head, then to the mixed text with four.
// Shape letters: B batch, L positions, C channels, N text tokens, T mixed text positions, D text width.
import Tensors

package struct AriadneGuide: GuideLayer {
    /// Heads of the cross-attention.
    static let heads = 4
    private let name: String
    private let channels: Int, textPositions: Int
    private let textMix: PositionLinear, textLinear: Linear
    private let norm1: LayerNorm, selfAttention: MultiheadAttention, selfNorm: LayerNorm
    private let norm2: LayerNorm, crossAttention: MultiheadAttention, crossNorm: LayerNorm
    private let scale: Parameter

    package init(_ scope: Scope, channels: Int, tokens: Int, textWidth: Int, textPositions: Int) {
        name = scope.prefix
        self.channels = channels
        self.textPositions = textPositions
        scale = scope.parameter("scale", [], .constant(1.421))
        selfNorm = LayerNorm(scope("self_attn_norm"), channels, epsilon: 1e-5)
        crossNorm = LayerNorm(scope("cross_attn_norm"), channels, epsilon: 1e-5)
        selfAttention = MultiheadAttention(scope("self_attn"), channels: channels, heads: 1)
        crossAttention = MultiheadAttention(scope("cross_attn"), channels: channels, heads: Self.heads, tapped: true)
        textMix = PositionLinear(scope("text_project.0"), tokens, textPositions)
        textLinear = Linear(scope("text_project.2"), textWidth, channels)
        norm1 = LayerNorm(scope("norm1"), channels, epsilon: 1e-5)
        norm2 = LayerNorm(scope("norm2"), channels, epsilon: 1e-5)
    }

    /// The text of a stage: [B,N,D] -> [B,T,C].
    package func mixed(_ text: Tensor, _ tape: Tape) -> Tensor {
        tape.activate(.leakyReLU(slope: 0.01), textLinear(tape.activate(.gelu, textMix(text, tape)), tape))
    }

    /// x [B,L,C], text [B,N,D] -> [B,L,C].
    package func callAsFunction(_ x: Tensor, text: Tensor, _ tape: Tape, _ positions: PositionTables) -> Tensor {
        // Text is mixed in float32, because it is small; then it is converted to the image's format.
        let s = tape.convert(tape.tap(name + ".text_project", mixed(text, tape)), to: x.format)
        let table = positions.table(positions: x.shape[1], channels: channels)
        let textTable = positions.table(positions: textPositions, channels: channels)
        let n = norm1(x, tape), placed = tape.addPositionalEmbedding(n, table)
        let x1 = tape.add(x, selfNorm(selfAttention(query: placed, key: placed, value: n, tape), tape))
        let c = crossAttention(
            query: tape.addPositionalEmbedding(norm2(x1, tape), table), key: tape.addPositionalEmbedding(s, textTable), value: s, tape)
        return tape.addScaled(x1, crossNorm(c, tape), scale: scale.tensor)
    }
}
