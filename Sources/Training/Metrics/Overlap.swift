// Metrics computed from pixel counts: over all pixels of a split, and as means over its images. A new metric needs only a measure here and
// a line in `Metrics.all`.

/// A number computed from the pixel counts of two masks.
public protocol CountMeasure: Sendable {
    static var name: String { get }
    /// The name in column headings of files, and for people.
    static var column: String { get }
    static var title: String { get }
    /// Whether the progress line of an epoch shows it.
    static var isShownInProgress: Bool { get }
    static func value(_ counts: PixelCounts) -> Double
}

extension CountMeasure {
    /// 1 if the denominator is 0: neither mask has foreground.
    static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 1 : Double(part) / Double(whole) }
}

/// 2 TP / (2 TP + FP + FN).
public enum Dice: CountMeasure {
    public static let name = "dice", column = "dice", title = "Dice", isShownInProgress = true
    public static func value(_ c: PixelCounts) -> Double {
        ratio(2 * c.truePositive, 2 * c.truePositive + c.falsePositive + c.falseNegative)
    }
}

/// TP / (TP + FP + FN).
public enum IntersectionOverUnion: CountMeasure {
    public static let name = "intersectionOverUnion", column = "iou", title = "IoU", isShownInProgress = true
    public static func value(_ c: PixelCounts) -> Double { ratio(c.truePositive, c.truePositive + c.falsePositive + c.falseNegative) }
}

/// (TP + TN) / all.
public enum Accuracy: CountMeasure {
    public static let name = "accuracy", column = "accuracy", title = "accuracy", isShownInProgress = false
    public static func value(_ c: PixelCounts) -> Double { ratio(c.truePositive + c.trueNegative, c.total) }
}

/// A measure of the counts of all images together.
public struct OverPixels<Measure: CountMeasure>: Metric {
    public static var name: String { Measure.name }
    public static var column: String { Measure.column }
    public static var title: String { Measure.title }
    public static var scope: MetricScope { .pixels }
    public static var isShownInProgress: Bool { Measure.isShownInProgress }
    private var counts = PixelCounts()

    public init() {}
    public mutating func add(_ image: ScoredImage) { counts = counts + image.counts }
    public mutating func merge(_ other: Self) { counts = counts + other.counts }
    public var value: Double? { Measure.value(counts) }
}

/// The mean of a measure over images. The order of addition affects only the last bit; callers add in sample order.
public struct MeanOfImages<Measure: CountMeasure>: Metric {
    public static var name: String { Measure.name }
    public static var column: String { Measure.column }
    public static var title: String { Measure.title }
    public static var scope: MetricScope { .images }
    private var sum = 0.0, images = 0

    public init() {}
    public mutating func add(_ image: ScoredImage) {
        sum += Measure.value(image.counts)
        images += 1
    }
    public mutating func merge(_ other: Self) {
        sum += other.sum
        images += other.images
    }
    public var value: Double? { images == 0 ? 0 : sum / Double(images) }
}
