// How the captions of a trained network become its text features: the text encoder and the run's own tokenizer.
import Text
import Training

/// Converts captions to text features, as in training.
public struct CaptionReading {
    public let encoder: CaptionEncoder
    /// The run's own tokenizer.
    public let tokenizer: CaptionTokenizer
    /// Number of positions of a caption's feature.
    public var length: Int { tokenizer.length }

    /// The tokens of a caption as in training.
    public func tokens(of caption: String) -> TokenSequence {
        WordPieceTokenizer(vocabulary: tokenizer.vocabulary).encode(CaptionText.normalised(caption), length: length)
    }

    func emptyCache() -> TextFeatureCache { TextFeatureCache(tokens: length, width: encoder.width) }
}
