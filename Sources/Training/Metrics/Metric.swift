// The protocol of metrics, and the only list of them: metrics.csv, JSON reports, tables and the progress display use the list.

/// The prediction for one image, and its true mask.
public struct ScoredImage: Sendable {
    public let counts: PixelCounts

    public init(counts: PixelCounts) { self.counts = counts }
}

/// What a metric's value is computed over.
public enum MetricScope: Sendable, CaseIterable {
    case pixels, images

    /// The name of a metric's value in JSON: "dice", "meanImageDice".
    func name(_ name: String) -> String { self == .pixels ? name : "meanImage" + name.prefix(1).uppercased() + name.dropFirst() }

    /// Its column in metrics.csv: "dice", "image_dice".
    func column(_ column: String) -> String { self == .pixels ? column : "image_" + column }

    /// The row name of its values in tables.
    public var title: String { self == .pixels ? "all pixels" : "mean of images" }
}

/// A measure of a split, computed image by image.
public protocol Metric: Sendable {
    static var name: String { get }
    static var column: String { get }
    static var title: String { get }
    static var scope: MetricScope { get }
    /// Whether the progress line of an epoch shows it.
    static var isShownInProgress: Bool { get }
    init()
    mutating func add(_ image: ScoredImage)
    /// Adds the values that another process or thread has collected.
    mutating func merge(_ other: Self)
    /// Nil if the metric has no value for the added images.
    var value: Double? { get }
}

extension Metric {
    public static var isShownInProgress: Bool { false }
}

public enum Metrics {
    /// In display order.
    public static let all: [any Metric.Type] = [
        OverPixels<Dice>.self, OverPixels<IntersectionOverUnion>.self, OverPixels<Accuracy>.self,
        OverPixels<Sensitivity>.self, OverPixels<Precision>.self,
        MeanOfImages<Dice>.self, MeanOfImages<IntersectionOverUnion>.self,
    ]

    /// The values of one image, for metrics that are means over images, under their plain names.
    public static func ofImage(_ image: ScoredImage) -> [(name: String, value: Double?)] {
        all.filter { $0.scope == .images }.map { type in
            var metric = type.init()
            metric.add(image)
            return (type.name, metric.value)
        }
    }
}

/// All metrics of a split.
public struct SegmentationMetrics: Sendable {
    public struct Entry: Sendable {
        public let name: String, column: String, title: String
        public let scope: MetricScope
        public let isShownInProgress: Bool
        public let value: Double?
    }

    public private(set) var counts = PixelCounts()
    public private(set) var images = 0
    private var metrics: [any Metric] = Metrics.all.map { $0.init() }

    public init() {}

    public mutating func add(_ image: ScoredImage) {
        counts = counts + image.counts
        images += 1
        for index in metrics.indices { metrics[index].add(image) }
    }

    public mutating func add(_ counts: PixelCounts) { add(ScoredImage(counts: counts)) }

    /// The values, in the order of the list.
    public var entries: [Entry] {
        metrics.map { metric in
            let type = type(of: metric)
            return Entry(
                name: type.scope.name(type.name), column: type.scope.column(type.column), title: type.title, scope: type.scope,
                isShownInProgress: type.isShownInProgress, value: metric.value)
        }
    }

    /// Column names of metrics.csv.
    static var columns: [String] { SegmentationMetrics().entries.map(\.column) }

    /// A metric's value, by its name in JSON.
    public subscript(name: String) -> Double? { entries.first { $0.name == name }?.value }
}
