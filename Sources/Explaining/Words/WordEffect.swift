// What words do: how the probabilities change when one word is left out, all of them, left and right are exchanged, or the number is
// another. Invariant: a difference is the changed caption's probability minus the original's.
import Metrics
import Segmenting
import Text

public struct WordEffect: Sendable {
    public enum Change: Sendable, Equatable {
        /// One word of the caption is left out.
        case without(CaptionWord)
        case variant(CaptionVariant)
    }

    public let change: Change
    /// What the network read.
    public let caption: String
    /// Why the caption did not change; then all differences are 0.
    public let unchanged: UnchangedCaption?
    /// Of the probabilities at the network's size, from -1 to 1.
    public let difference: HeatMap
    /// The predicted area, a share of the image, and its change.
    public let area: Double, areaChange: Double
    /// Dice of the prediction with the original caption's: how much of the mask stays.
    public let agreement: Double
    /// Dice with the truth, and its change; nil where the truth is not known.
    public let dice: Double?, diceChange: Double?

    /// The mean and the largest magnitude of the difference.
    public var meanChange: Double {
        difference.values.reduce(0) { $0 + Double(abs($1)) } / Double(max(1, difference.values.count))
    }
    public var largestChange: Double { Double(difference.magnitude) }

    package init(
        _ change: Change, caption: String, unchanged: UnchangedCaption?, probabilities: ProbabilityMap, original: ProbabilityMap,
        truth: [UInt8]?
    ) {
        self.change = change
        self.caption = caption
        self.unchanged = unchanged
        let mask = probabilities.mask().pixels, before = original.mask().pixels
        difference = HeatMap(
            width: original.width, height: original.height, values: zip(probabilities.values, original.values).map { $0 - $1 })
        area = Self.share(mask)
        areaChange = area - Self.share(before)
        agreement = Dice.value(PixelCounts.comparing(prediction: mask, truth: before))
        let old = truth.map { Dice.value(PixelCounts.comparing(prediction: before, truth: $0)) }
        let new = truth.map { Dice.value(PixelCounts.comparing(prediction: mask, truth: $0)) }
        dice = new
        diceChange = new.flatMap { new in old.map { new - $0 } }
    }

    /// The share of foreground.
    static func share(_ mask: [UInt8]) -> Double { Double(mask.count { $0 != 0 }) / Double(max(1, mask.count)) }

    /// For tables and labels: `without "left"`.
    public var title: String {
        switch change {
        case .without(let word): "without \"\(word.text)\""
        case .variant(.empty): "no text"
        case .variant(.mirrored): "left and right exchanged"
        case .variant(.wrongCount): "another number"
        case .variant(let variant): variant.name
        }
    }
}
