// Dice, IoU and accuracy from counts of pixels, over a whole split and per image (docs/models/ua-vls.md, "Recipe").
// Invariant: counts are whole numbers, so sums do not depend on the order or the batch size.

/// Pixels by what was predicted and what is true.
public struct PixelCounts: Codable, Sendable, Equatable {
    public var truePositive = 0, falsePositive = 0, falseNegative = 0, trueNegative = 0

    public init(truePositive: Int = 0, falsePositive: Int = 0, falseNegative: Int = 0, trueNegative: Int = 0) {
        self.truePositive = truePositive
        self.falsePositive = falsePositive
        self.falseNegative = falseNegative
        self.trueNegative = trueNegative
    }

    public static func + (left: PixelCounts, right: PixelCounts) -> PixelCounts {
        PixelCounts(
            truePositive: left.truePositive + right.truePositive, falsePositive: left.falsePositive + right.falsePositive,
            falseNegative: left.falseNegative + right.falseNegative, trueNegative: left.trueNegative + right.trueNegative)
    }

    /// Compares two masks of equal length; anything but 0 is foreground.
    public static func comparing(prediction: some Collection<UInt8>, truth: some Collection<UInt8>) -> PixelCounts {
        var counts = PixelCounts()
        for (predicted, actual) in zip(prediction, truth) {
            switch (predicted != 0, actual != 0) {
            case (true, true): counts.truePositive += 1
            case (true, false): counts.falsePositive += 1
            case (false, true): counts.falseNegative += 1
            case (false, false): counts.trueNegative += 1
            }
        }
        return counts
    }

    public var total: Int { truePositive + falsePositive + falseNegative + trueNegative }

    /// 2 TP / (2 TP + FP + FN); 1 where neither mask has foreground.
    public var dice: Double { Self.ratio(2 * truePositive, 2 * truePositive + falsePositive + falseNegative) }

    /// TP / (TP + FP + FN); 1 where neither mask has foreground.
    public var intersectionOverUnion: Double { Self.ratio(truePositive, truePositive + falsePositive + falseNegative) }

    /// (TP + TN) / all.
    public var accuracy: Double { Self.ratio(truePositive + trueNegative, total) }

    private static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 1 : Double(part) / Double(whole) }
}

/// The metrics of a split: over all its pixels, and as means over its images.
public struct SegmentationMetrics: Codable, Sendable, Equatable {
    public private(set) var counts = PixelCounts()
    public private(set) var images = 0
    private var diceSum = 0.0
    private var intersectionOverUnionSum = 0.0

    public init() {}

    /// Adds one image. Means over images depend on the order of addition in the last bit only; callers add in sample order.
    public mutating func add(_ image: PixelCounts) {
        counts = counts + image
        images += 1
        diceSum += image.dice
        intersectionOverUnionSum += image.intersectionOverUnion
    }

    public var dice: Double { counts.dice }
    public var intersectionOverUnion: Double { counts.intersectionOverUnion }
    public var accuracy: Double { counts.accuracy }
    public var meanImageDice: Double { images == 0 ? 0 : diceSum / Double(images) }
    public var meanImageIntersectionOverUnion: Double { images == 0 ? 0 : intersectionOverUnionSum / Double(images) }
}
