// Where a network attends from the image to the text, for maps of single words: the names of the taps and of the weight that such a map is
// computed from. Not for the attention itself: no weights of it are kept in any mode.
// Shape letters: B batch, L positions of the image, T text positions, N text tokens, C channels.

public struct TextAttention: Sendable, Equatable {
    /// The module whose feature map attends, as in "decoder16".
    public let stage: String
    public let heads: Int
    /// Taps of the projected queries [B,L,C] and keys [B,T,C]. The weights are softmax(q k^T / sqrt(C / heads)) in each head.
    public let queries: String, keys: String
    /// The parameter [T,N] that mixes N tokens to T text positions; nil where the text positions are the tokens.
    public let mixing: String?
}
