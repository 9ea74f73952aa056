// All metrics of a split, collected image by image.

public struct SegmentationMetrics: Sendable {
    public struct Entry: Sendable {
        public let type: any Metric.Type
        public let value: Double?
    }

    public private(set) var counts = PixelCounts()
    public private(set) var images = 0
    private let metrics: [any Metric.Type]
    private var sums: [[Double]]

    /// - Parameter metrics: by default those that need only counts of pixels.
    public init(_ metrics: [any Metric.Type] = MetricList.ofCounts) {
        self.metrics = metrics
        sums = metrics.map { $0.addends(ScoredImage(counts: PixelCounts())).map { _ in 0 } }
    }

    public mutating func add(_ image: ScoredImage) {
        counts = counts + image.counts
        images += 1
        for (index, metric) in metrics.enumerated() {
            for (place, addend) in metric.addends(image).enumerated() { sums[index][place] += addend }
        }
    }

    public mutating func add(_ counts: PixelCounts) { add(ScoredImage(counts: counts)) }

    /// Adds the images of another collection of the same metrics.
    public mutating func merge(_ other: SegmentationMetrics) {
        counts = counts + other.counts
        images += other.images
        for index in sums.indices { sums[index] = zip(sums[index], other.sums[index]).map { $0 + $1 } }
    }

    /// The values, in the order of the list.
    public var entries: [Entry] { zip(metrics, sums).map { Entry(type: $0, value: $0.value($1)) } }

    /// Column names of metrics.csv.
    public static var columns: [String] { MetricList.ofCounts.map { $0.column } }

    /// A metric's value, by its name in JSON.
    public subscript(key: String) -> Double? { entries.first { $0.type.key == key }?.value }
}
