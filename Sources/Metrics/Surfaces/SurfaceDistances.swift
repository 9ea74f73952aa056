// Distances between the boundaries of two masks, and the measures that are computed from them: HD95, ASSD and NSD.
// Conventions: docs/reference/metrics.md, with those of other libraries. For two masks that are not empty the values are MONAI's.
// Invariant: results do not depend on what lies outside the common bounding box, so only the box is computed.

public struct SurfaceDistances: Sendable, Equatable {
    /// From each boundary pixel of the prediction to the nearest boundary pixel of the truth, row-major, in the unit of the spacing.
    /// Infinite if only the truth is empty.
    public let fromPrediction: [Double]
    /// From each boundary pixel of the truth to the nearest boundary pixel of the prediction. Infinite if only the prediction is empty.
    public let fromTruth: [Double]

    public init(_ masks: MaskPair, spacing: Spacing = .pixels) {
        let boxes = (truth: masks.truth.bounds, prediction: masks.prediction.bounds)
        guard let box = boxes.truth.map({ truth in boxes.prediction.map(truth.union) ?? truth }) ?? boxes.prediction else {
            fromPrediction = []
            fromTruth = []
            return
        }
        let truth = Boundary.pixels(of: masks.truth, in: box)
        let prediction = Boundary.pixels(of: masks.prediction, in: box)
        fromPrediction = Self.distances(from: prediction, to: truth, box: box, spacing: spacing)
        fromTruth = Self.distances(from: truth, to: prediction, box: box, spacing: spacing)
    }

    /// The distances at the pixels of one boundary only. Most of them are near the other boundary, so each pixel is searched; a row whose
    /// searches take more steps than it has columns gets its envelope. So the time is linear in any case.
    private static func distances(from boundary: [UInt8], to other: [UInt8], box: PixelBox, spacing: Spacing) -> [Double] {
        var result: [Double] = []
        RowEnvelope.withEnvelope(sources: other, width: box.width, height: box.height, spacing: spacing) { envelope in
            boundary.withUnsafeBufferPointer { boundary in
                for row in 0..<box.height {
                    var steps = box.width, isBuilt = false, cursor = 0
                    for column in 0..<box.width where boundary[row * box.width + column] != 0 {
                        if !isBuilt, let squared = envelope.searched(row: row, column: column, steps: &steps) {
                            result.append(squared.squareRoot())
                            continue
                        }
                        if !isBuilt { envelope.build(row: row) }
                        isBuilt = true
                        result.append(envelope.value(at: column, from: &cursor).squareRoot())
                    }
                }
            }
        }
        return result
    }

    /// Whether one mask has foreground and the other has none: then no distance is defined.
    public var isUndefined: Bool { fromPrediction.isEmpty != fromTruth.isEmpty }

    /// The percentile Hausdorff distance: the percentile of each direction's distances, then the larger of the two. Percentiles are
    /// interpolated linearly between neighbours, as `numpy.percentile` and `torch.quantile` do. 95 gives HD95, 100 the Hausdorff distance.
    ///
    /// In the unit of the spacing, 0 or more. 0 if both masks are empty, nil if only one is.
    public func hausdorff(percentile: Double = 95) -> Double? {
        if isUndefined { return nil }
        return max(
            OrderStatistics.quantile(percentile / 100, of: fromPrediction) ?? 0,
            OrderStatistics.quantile(percentile / 100, of: fromTruth) ?? 0)
    }

    /// The average symmetric surface distance (ASSD): the mean over the boundary pixels of both masks together. So a longer boundary has
    /// more weight; the mean of the two directions' means would be another measure (MASD).
    ///
    /// In the unit of the spacing, 0 or more. 0 if both masks are empty, nil if only one is.
    public var averageSymmetric: Double? {
        if isUndefined { return nil }
        let count = fromPrediction.count + fromTruth.count
        return count == 0 ? 0 : (fromPrediction.reduce(0, +) + fromTruth.reduce(0, +)) / Double(count)
    }

    /// The normalised surface distance (NSD), also called surface Dice: the share of the boundary pixels of both masks whose distance is at
    /// most the tolerance. S. Nikolov et al., J. Med. Internet Res. 23 (2021), with pixels counted in place of contour lengths.
    ///
    /// 0...1. 1 if both masks are empty, 0 if only one is.
    /// - Parameter tolerance: in the unit of the spacing. A distance counts as equal to it if it is larger by at most 1e-7 of it: three
    ///   pixels of 0.1 mm lie within 0.3 mm although 3 x 0.1 exceeds 0.3 in floating point.
    public func normalisedSurfaceDistance(tolerance: Double) -> Double {
        let count = fromPrediction.count + fromTruth.count
        if count == 0 { return 1 }
        let limit = tolerance * (1 + 1e-7)
        var within = 0
        for distance in fromPrediction where distance <= limit { within += 1 }
        for distance in fromTruth where distance <= limit { within += 1 }
        return isUndefined ? 0 : Double(within) / Double(count)
    }
}
