// What is measured of one sample, from wherever it is read.
import Datasets
import Text

public struct SampleMeasure: Sendable {
    public let id: String
    public let split: Split
    /// Size of the original image in pixels.
    public let width: Int, height: Int
    /// 1 (grey) or 3 (RGB).
    public let channels: Int
    /// Share of the mask's pixels that are foreground, 0 to 1.
    public let foreground: Double
    public let caption: String
    /// What tokenizing gives; nil where no vocabulary is known.
    public let tokens: TokenMeasure?

    public init(
        id: String, split: Split, width: Int, height: Int, channels: Int, foreground: Double, caption: String, tokens: TokenMeasure?
    ) {
        self.id = id
        self.split = split
        self.width = width
        self.height = height
        self.channels = channels
        self.foreground = foreground
        self.caption = caption
        self.tokens = tokens
    }
}

public struct TokenMeasure: Sendable, Equatable {
    /// Tokens of the whole caption with [CLS] and [SEP], before truncation.
    public let count: Int
    public let isTruncated: Bool
    /// Words that the vocabulary cannot spell.
    public let unknown: Int

    public init(count: Int, isTruncated: Bool, unknown: Int) {
        self.count = count
        self.isTruncated = isTruncated
        self.unknown = unknown
    }

    /// The measure of a caption under a tokenizer whose sequences hold `length` tokens.
    public init(_ caption: String, tokenizer: WordPieceTokenizer, length: Int) {
        let pieces = tokenizer.tokenize(CaptionText.normalised(caption))
        count = pieces.count + 2
        isTruncated = pieces.count + 2 > length
        unknown = pieces.count { $0 == "[UNK]" }
    }
}
