// How the captions of a trained network become its text features: the text encoder and the run's own tokenizer.
import Text
import Training

/// Converts captions to text features, as in training.
public struct CaptionReading {
    public let encoder: CaptionEncoder
    /// The run's own tokenizer.
    public let tokenizer: CaptionTokenizer
    /// Made once: its tables take a tenth of a second.
    package let pieces: WordPieceTokenizer
    /// Number of positions of a caption's feature.
    public var length: Int { tokenizer.length }

    init(encoder: CaptionEncoder, tokenizer: CaptionTokenizer) {
        self.encoder = encoder
        self.tokenizer = tokenizer
        pieces = WordPieceTokenizer(vocabulary: tokenizer.vocabulary)
    }

    /// The tokens of a caption as in training.
    public func tokens(of caption: String) -> TokenSequence {
        pieces.encode(CaptionText.normalised(caption), length: length)
    }

    func emptyCache() -> TextFeatureCache { TextFeatureCache(tokens: length, width: encoder.width) }
}
