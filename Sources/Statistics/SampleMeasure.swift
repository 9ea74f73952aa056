// The measures of one sample, from any source.
import Datasets
import Imaging
import Text

public struct SampleMeasure: Sendable {
    public let id: String
    public let split: Split
    /// Size of the original image in pixels.
    public let width: Int, height: Int
    /// As stored: 1 or 3. `intensity.channels` says whether a picture of 3 channels is grey.
    public let channels: Int
    public let intensity: IntensityHistogram
    public let mask: MaskShape
    /// Nil in a set without captions.
    public let caption: String?
    public let claims: CaptionClaims
    /// Measures of the tokens; nil if no vocabulary is known.
    public let tokens: TokenMeasure?

    /// - Parameters:
    ///   - width, height: size of the original, if `image` was resized.
    ///   - mask: one channel; 0 is background.
    public init(id: String, split: Split, width: Int, height: Int, image: Raster, mask: Raster, caption: String?, tokens: TokenMeasure?) {
        self.id = id
        self.split = split
        self.width = width
        self.height = height
        channels = image.channels
        intensity = IntensityHistogram(image)
        self.mask = MaskShape(mask)
        self.caption = caption
        claims = CaptionClaims(caption ?? "")
        self.tokens = tokens
    }
}

public struct TokenMeasure: Sendable, Equatable {
    /// Number of tokens in the whole caption with [CLS] and [SEP], before truncation.
    public let count: Int
    public let isTruncated: Bool
    /// Number of words that the vocabulary cannot spell.
    public let unknown: Int

    public init(count: Int, isTruncated: Bool, unknown: Int) {
        self.count = count
        self.isTruncated = isTruncated
        self.unknown = unknown
    }

    /// Measures a caption with a tokenizer whose sequences have `length` tokens.
    public init(_ caption: String, tokenizer: WordPieceTokenizer, length: Int) {
        let pieces = tokenizer.tokenize(CaptionText.normalised(caption))
        count = pieces.count + 2
        isTruncated = pieces.count + 2 > length
        unknown = pieces.count { $0 == "[UNK]" }
    }
}
