// Reliability bins of binary probabilities, collected image by image: counts, sums of probabilities, numbers of foreground pixels. From
// them come the reliability diagram, ECE and MCE, in both readings of "confidence". Invariant: merging tables of parts gives the counts of
// the whole; sums differ in the last bits alone. Formulas and libraries: docs/reference/calibration.md.

/// What calibration compares.
public enum CalibrationReading: String, Sendable, Codable, CaseIterable {
    /// The probability of foreground with the frequency of foreground. The convention for binary problems: torchmetrics, scikit-learn,
    /// and netcal for one column of probabilities.
    case foreground
    /// The probability of the predicted class, max(p, 1 - p), with the frequency of correct pixels at threshold 0.5. The convention for
    /// several classes (Guo et al., ICML 2017).
    case predictedClass
}

/// One bar of a reliability diagram: the pixels with lower < confidence <= upper. The first bin holds 0 too.
public struct ReliabilityBin: Sendable, Equatable, Codable {
    public let lower: Double, upper: Double
    public let count: Int
    /// Mean confidence of the bin's pixels; nil if it has none.
    public let confidence: Double?
    /// Share of the bin's pixels that are foreground, or correct, by the reading; nil if it has none.
    public let frequency: Double?

    /// |confidence - frequency|; 0 for an empty bin.
    public var gap: Double {
        guard let confidence, let frequency else { return 0 }
        return abs(confidence - frequency)
    }
}

public struct ReliabilityTable: Sendable, ProbabilityCollector {
    /// Two cells for each bin. 0.5 is then always an edge, so that one table serves both readings.
    private struct Cell: Sendable {
        var count = 0, positives = 0, sum = 0.0
    }

    public let binCount: Int
    private var cells: [Cell]

    /// - Parameter bins: equal-width bins of [0, 1].
    public init(bins: Int = 15) {
        precondition(bins > 0, "a reliability table needs a bin")
        binCount = bins
        cells = Array(repeating: Cell(), count: 2 * bins)
    }

    public var pixels: Int { cells.reduce(0) { $0 + $1.count } }

    /// Adds pixels.
    /// - Parameters:
    ///   - probabilities: of foreground, 0 to 1; values outside are clamped, and what is no number counts as 0.
    ///   - truth: not 0 for foreground; as many as probabilities.
    public mutating func add(probabilities: UnsafeBufferPointer<Float>, truth: UnsafeBufferPointer<UInt8>) {
        precondition(probabilities.count == truth.count, "\(probabilities.count) probabilities, \(truth.count) true values")
        let scale = Float(cells.count), last = cells.count - 1
        cells.withUnsafeMutableBufferPointer { cells in
            for pixel in 0..<probabilities.count {
                let p = min(1, max(0, probabilities[pixel]))
                // (a, b]: the pixel at 0.5 is background, as everywhere in this project. Truncation is faster than rounding up.
                let place = p * scale, whole = Int(place)
                let index = max(0, min(last, Float(whole) == place ? whole - 1 : whole))
                cells[index].count &+= 1
                cells[index].positives &+= Int(min(1, truth[pixel]))
                cells[index].sum += Double(p)
            }
        }
    }

    /// Adds the pixels of a table with as many bins.
    public mutating func merge(_ other: ReliabilityTable) {
        precondition(binCount == other.binCount, "tables of \(binCount) and \(other.binCount) bins")
        for index in cells.indices {
            cells[index].count += other.cells[index].count
            cells[index].positives += other.cells[index].positives
            cells[index].sum += other.cells[index].sum
        }
    }

    /// The reliability diagram, by rising confidence. In the reading `predictedClass` bins below 0.5 are empty.
    public func bins(_ reading: CalibrationReading = .foreground) -> [ReliabilityBin] {
        var folded = Array(repeating: Cell(), count: binCount)
        for (index, cell) in cells.enumerated() {
            // Below 0.5 the predicted class is background: its probability is 1 - p, and it is correct where there is no foreground.
            let isMirrored = reading == .predictedClass && index < binCount
            let bin = (isMirrored ? cells.count - 1 - index : index) / 2
            folded[bin].count += cell.count
            folded[bin].positives += isMirrored ? cell.count - cell.positives : cell.positives
            folded[bin].sum += isMirrored ? Double(cell.count) - cell.sum : cell.sum
        }
        return folded.enumerated().map { index, cell in
            let count = Double(cell.count)
            return ReliabilityBin(
                lower: Double(index) / Double(binCount), upper: Double(index + 1) / Double(binCount), count: cell.count,
                confidence: cell.count == 0 ? nil : cell.sum / count,
                frequency: cell.count == 0 ? nil : Double(cell.positives) / count)
        }
    }

    /// ECE: the mean gap of the bins, weighted by their pixels. Nil without pixels.
    public func expectedError(_ reading: CalibrationReading = .foreground) -> Double? {
        let pixels = self.pixels
        guard pixels > 0 else { return nil }
        return bins(reading).reduce(0) { $0 + $1.gap * Double($1.count) } / Double(pixels)
    }

    /// MCE: the largest gap of a bin with pixels. A bin of few pixels counts as much as one of many. Nil without pixels.
    public func maximumError(_ reading: CalibrationReading = .foreground) -> Double? {
        pixels > 0 ? bins(reading).map(\.gap).max() : nil
    }
}
