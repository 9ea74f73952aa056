// The protocol of metrics. Every metric is a function of sums over images: so parts of a split merge by addition, and the bootstrap
// resamples all metrics alike. Not for measures of probabilities (Calibration).

/// What a metric's value is computed over.
public enum MetricScope: Sendable, CaseIterable {
    case pixels, images, lesions

    /// The row name of its values in tables.
    public var title: String {
        switch self {
        case .pixels: "all pixels"
        case .images: "mean of images"
        case .lesions: "all lesions"
        }
    }
}

public enum MetricUnit: Sendable {
    /// 0 to 1; people read it as a percentage.
    case share
    /// Distances, in pixels and in millimetres.
    case pixels, millimetres
}

/// A measure of a split.
public protocol Metric: Sendable {
    /// Its name in JSON, within `metrics`: "dice", "meanImageDice".
    static var key: String { get }
    /// Its name at the top level of JSON reports, where the first metrics stand; nil for later ones.
    static var reportName: String? { get }
    /// Its column in metrics.csv: "dice", "image_dice".
    static var column: String { get }
    static var title: String { get }
    static var scope: MetricScope { get }
    static var unit: MetricUnit { get }
    /// Whether tables show its interval, and the progress line of an epoch its value over all pixels.
    static var isHeadline: Bool { get }
    /// The measure whose mean over images it is.
    static var ofImage: (any ImageMeasure.Type)? { get }
    /// Whether it needs the masks, not their counts alone. The validation of a training has counts alone.
    static var needsMasks: Bool { get }
    /// What an image adds to the sums: as many numbers for every image.
    static func addends(_ image: ScoredImage) -> [Double]
    /// The value; nil if the added images give none.
    static func value(_ sums: [Double]) -> Double?
}

extension Metric {
    public static var reportName: String? { nil }
    public static var unit: MetricUnit { .share }
    public static var isHeadline: Bool { false }
    public static var ofImage: (any ImageMeasure.Type)? { nil }
    public static var needsMasks: Bool { false }
}

/// A number computed from one image.
public protocol ImageMeasure: Sendable {
    /// In column headings: "dice", "mean_iou".
    static var column: String { get }
    /// For people.
    static var title: String { get }
    static var unit: MetricUnit { get }
    static var isHeadline: Bool { get }
    static var needsMasks: Bool { get }
    /// Its name at the top level of JSON reports, over all pixels and as the mean of images; nil for later measures.
    static var reportNames: (pixels: String?, images: String?) { get }
    /// Nil if it is undefined for the image.
    static func value(of image: ScoredImage) -> Double?
}

extension ImageMeasure {
    public static var isHeadline: Bool { false }
    public static var reportNames: (pixels: String?, images: String?) { (nil, nil) }

    /// Its name in JSON: "meanIou" for "mean_iou".
    public static var key: String {
        column.split(separator: "_").enumerated().map { $0 == 0 ? String($1) : capitalised(String($1)) }.joined()
    }

    static func capitalised(_ word: String) -> String { word.prefix(1).uppercased() + word.dropFirst() }
}

/// The mean of a measure over the images for which it is defined.
public struct MeanOfImages<Measure: ImageMeasure>: Metric {
    public static var key: String { "meanImage" + Measure.capitalised(Measure.key) }
    public static var reportName: String? { Measure.reportNames.images }
    public static var column: String { "image_" + Measure.column }
    public static var title: String { Measure.title }
    public static var scope: MetricScope { .images }
    public static var unit: MetricUnit { Measure.unit }
    public static var isHeadline: Bool { Measure.isHeadline }
    public static var ofImage: (any ImageMeasure.Type)? { Measure.self }
    public static var needsMasks: Bool { Measure.needsMasks }

    public static func addends(_ image: ScoredImage) -> [Double] { Measure.value(of: image).map { [$0, 1] } ?? [0, 0] }
    public static func value(_ sums: [Double]) -> Double? { sums[1] == 0 ? nil : sums[0] / sums[1] }
}
