// All metrics of a split with their intervals: what each image adds to each metric's sums is kept, so that images can be resampled.

public struct MetricTable: Sendable {
    public let metrics: [any Metric.Type]
    /// For each metric, each of its sums, what every image adds.
    private var columns: [[[Double]]]
    public private(set) var images = 0
    /// Images for which distances are defined.
    public private(set) var imagesWithSurfaces = 0
    /// Those of them whose spacing is known, for distances in millimetres.
    public private(set) var imagesWithMillimetres = 0

    public init(_ metrics: [any Metric.Type] = MetricList.all) {
        self.metrics = metrics
        columns = metrics.map { $0.addends(ScoredImage(counts: PixelCounts())).map { _ in [] } }
    }

    public mutating func add(_ image: ScoredImage) {
        images += 1
        if image.surfaces?.isUndefined == false { imagesWithSurfaces += 1 }
        if image.physical?.surfaces.isUndefined == false { imagesWithMillimetres += 1 }
        for (index, metric) in metrics.enumerated() {
            for (place, addend) in metric.addends(image).enumerated() { columns[index][place].append(addend) }
        }
    }

    /// Each metric with its interval; nil where it has no value.
    /// - Parameter bootstrap: of as many images; without resamples it gives values alone.
    public func estimates(_ bootstrap: Bootstrap) -> [(metric: any Metric.Type, estimate: Estimate?)] {
        let statistics = zip(metrics, columns).map { metric, columns in BootstrapStatistic(sums: columns) { metric.value($0) } }
        return zip(metrics, bootstrap.estimates(statistics)).map { ($0, $1) }
    }
}
