// Measures of pixel counts: over all pixels of a split, and as means over its images. A new one is a type in a file beside this one and
// lines in `MetricList`.

/// A number computed from the pixel counts of two masks.
public protocol CountMeasure: ImageMeasure {
    static func value(_ counts: PixelCounts) -> Double
}

extension CountMeasure {
    public static var unit: MetricUnit { .share }
    public static var needsMasks: Bool { false }
    public static func value(of image: ScoredImage) -> Double? { value(image.counts) }

    /// 1 if the denominator is 0: neither mask has foreground.
    static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 1 : Double(part) / Double(whole) }
}

/// A measure of the counts of all images together.
public struct OverPixels<Measure: CountMeasure>: Metric {
    public static var key: String { Measure.key }
    public static var reportName: String? { Measure.reportNames.pixels }
    public static var column: String { Measure.column }
    public static var title: String { Measure.title }
    public static var scope: MetricScope { .pixels }
    public static var isHeadline: Bool { Measure.isHeadline }

    public static func addends(_ image: ScoredImage) -> [Double] {
        let counts = image.counts
        return [counts.truePositive, counts.falsePositive, counts.falseNegative, counts.trueNegative].map { Double($0) }
    }

    public static func value(_ sums: [Double]) -> Double? {
        Measure.value(
            PixelCounts(
                truePositive: Int(sums[0]), falsePositive: Int(sums[1]), falseNegative: Int(sums[2]), trueNegative: Int(sums[3])))
    }
}

/// 2 TP / (2 TP + FP + FN).
public enum Dice: CountMeasure {
    public static let column = "dice", title = "Dice", isHeadline = true
    public static var reportNames: (pixels: String?, images: String?) { ("dice", "meanImageDice") }
    public static func value(_ c: PixelCounts) -> Double {
        ratio(2 * c.truePositive, 2 * c.truePositive + c.falsePositive + c.falseNegative)
    }
}

/// TP / (TP + FP + FN).
public enum IntersectionOverUnion: CountMeasure {
    public static let column = "iou", title = "IoU", isHeadline = true
    public static var reportNames: (pixels: String?, images: String?) { ("intersectionOverUnion", "meanImageIntersectionOverUnion") }
    public static func value(_ c: PixelCounts) -> Double { ratio(c.truePositive, c.truePositive + c.falsePositive + c.falseNegative) }
}

/// (TP + TN) / all.
public enum Accuracy: CountMeasure {
    public static let column = "accuracy", title = "accuracy"
    public static var reportNames: (pixels: String?, images: String?) { ("accuracy", nil) }
    public static func value(_ c: PixelCounts) -> Double { ratio(c.truePositive + c.trueNegative, c.total) }
}

/// The mean of the IoU of the foreground and the IoU of the background, which papers call mIoU.
public enum MeanIntersectionOverUnion: CountMeasure {
    public static let column = "mean_iou", title = "mIoU"
    public static func value(_ c: PixelCounts) -> Double {
        let background = ratio(c.trueNegative, c.trueNegative + c.falsePositive + c.falseNegative)
        return (IntersectionOverUnion.value(c) + background) / 2
    }
}
