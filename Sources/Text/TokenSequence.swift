// A caption as input of the text encoder: token ids of a fixed length and the mask of the real tokens.

/// N token ids and their attention mask. Shape letters: N text tokens.
public struct TokenSequence: Sendable, Hashable {
    /// N token ids: [CLS], the caption's pieces, [SEP], then [PAD].
    public let ids: [Int32]
    /// N values: 1 for a token, 0 for the padding behind it.
    public let attention: [UInt8]
    /// Whether the caption had more pieces than the sequence can hold.
    public let truncated: Bool
    /// Number of ids that are [UNK], for words that the vocabulary cannot spell.
    public let unknownCount: Int

    public init(ids: [Int32], attention: [UInt8], truncated: Bool = false, unknownCount: Int = 0) {
        self.ids = ids
        self.attention = attention
        self.truncated = truncated
        self.unknownCount = unknownCount
    }
}
