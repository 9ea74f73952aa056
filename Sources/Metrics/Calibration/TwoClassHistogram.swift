// The fine histogram of values in [0, 1] by class. Ranks and equal-mass bins are computed from it where a split has too many pixels to keep
// them. 1.5 MB, whatever the number of pixels. Invariant: merging the histograms of parts gives the histogram of the whole.

public struct TwoClassHistogram: Sendable {
    private var cells = Array(repeating: TiedGroup(), count: ValueScale.count)

    public init() {}

    /// Adds pixels.
    /// - Parameters:
    ///   - values: 0 to 1; values outside are clamped, and what is no number counts as 0.
    ///   - positives: not 0 for the positive class: foreground, or an error; as many as values.
    public mutating func add(values: UnsafeBufferPointer<Float>, positives: UnsafeBufferPointer<UInt8>) {
        precondition(values.count == positives.count, "\(values.count) values, \(positives.count) classes")
        cells.withUnsafeMutableBufferPointer { cells in
            for pixel in 0..<values.count {
                let value = min(1, max(0, values[pixel]))
                let index = ValueScale.index(value)
                cells[index].count &+= 1
                cells[index].positives &+= Int(min(1, positives[pixel]))
                cells[index].sum += Double(value)
            }
        }
    }

    public mutating func add(values: [Float], positives: [UInt8]) {
        values.withUnsafeBufferPointer { v in positives.withUnsafeBufferPointer { add(values: v, positives: $0) } }
    }

    public mutating func merge(_ other: TwoClassHistogram) {
        for index in cells.indices { cells[index].merge(other.cells[index]) }
    }

    /// The pixels in order of their values. Values of one bin count as equal (`ValueScale` says how near they are).
    public var ranking: Ranking { Ranking(ascending: cells.filter { $0.count > 0 }) }

    /// The same pixels in order of the probability of the predicted class, max(p, 1 - p); positive are those whose class at threshold 0.5
    /// is correct. For values that are probabilities of foreground.
    public var predictedClassRanking: Ranking {
        let half = cells.count / 2
        let folded = (half..<cells.count).map { index -> TiedGroup in
            var group = cells[index]
            let background = cells[cells.count - 1 - index]
            group.merge(
                TiedGroup(
                    count: background.count, positives: background.count - background.positives,
                    sum: Double(background.count) - background.sum))
            return group
        }
        return Ranking(ascending: folded.filter { $0.count > 0 })
    }
}
