// All that is computed of one sample: the prediction, the activation maps, what the words do and which word looks where.
import Imaging
import Metrics
import Segmenting
import Text

public struct Explanation: Sendable {
    /// One activation map.
    public struct Activation: Sendable {
        public let tap: FeatureTap
        public let method: ActivationMethod
        /// At the tap's size, not negative.
        public let map: HeatMap
    }

    /// A word of the caption with its places among the tokens.
    public struct Word: Sendable {
        public let word: CaptionWord
        /// Empty if the word was cut off.
        public let tokens: Range<Int>
    }

    public let sample: ExplanationSample
    /// At the network's size.
    public let probabilities: ProbabilityMap
    /// What the maps explain, in words.
    public let target: String
    public let activations: [Activation]
    /// Without words for a network that reads none.
    public let words: [Word]
    public let effects: [WordEffect]
    public let attention: [StageAttention]
    /// What the user should know.
    public let notes: [String]

    /// The predicted area, a share of the image.
    public var area: Double { WordEffect.share(probabilities.mask().pixels) }

    /// Dice with the truth; nil where it is not known.
    public var dice: Double? {
        sample.truth.map { Dice.value(PixelCounts.comparing(prediction: probabilities.mask().pixels, truth: $0.pixels)) }
    }
}
