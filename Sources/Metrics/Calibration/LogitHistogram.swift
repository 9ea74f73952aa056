// Logits of two classes in fine bins: what temperature scaling needs of a whole validation split, in 2 MB. Invariant: merging the
// histograms of parts gives the counts of the whole; sums differ in the last bits alone.
import Foundation

public struct LogitHistogram: Sendable, ProbabilityCollector, LogitCollector {
    /// Bins are 1/256 wide. The mean of a class's logits in a bin stands for them, which changes the mean negative log-likelihood at
    /// temperature T by less than 2e-7 / T^2.
    private static let perUnit: Float = 256
    /// Logits beyond +-128 share the outermost bins.
    private static let limit: Float = 128
    /// Infinite logits, and all beyond this, count as this: any temperature that is fitted leaves them at 0 or 1.
    private static let furthest: Float = 10_000

    /// Pixels of one class in one bin.
    private struct Cell: Sendable {
        var count = 0, sum = 0.0
    }

    /// Background and foreground of each bin side by side.
    private var cells = Array(repeating: Cell(), count: 2 * (2 * Int(limit * perUnit) + 1))
    public private(set) var pixels = 0

    public init() {}

    /// Adds pixels.
    /// - Parameters:
    ///   - logits: of foreground; what is no number counts as the lowest one.
    ///   - truth: not 0 for foreground; as many as logits.
    public mutating func add(logits: UnsafeBufferPointer<Float>, truth: UnsafeBufferPointer<UInt8>) {
        precondition(logits.count == truth.count, "\(logits.count) logits, \(truth.count) true values")
        cells.withUnsafeMutableBufferPointer { cells in
            for pixel in 0..<logits.count { Self.count(logits[pixel], truth[pixel] != 0, in: cells) }
        }
        pixels += logits.count
    }

    /// Adds pixels of which only probabilities are known, clipped as `ProperScores.clip` says: their logits end at +-15.94, and above 0.99
    /// float32 has rounded them. Prefer logits.
    public mutating func add(probabilities: UnsafeBufferPointer<Float>, truth: UnsafeBufferPointer<UInt8>) {
        precondition(probabilities.count == truth.count, "\(probabilities.count) probabilities, \(truth.count) true values")
        cells.withUnsafeMutableBufferPointer { cells in
            for pixel in 0..<probabilities.count {
                Self.count(Temperature.logit(of: probabilities[pixel]), truth[pixel] != 0, in: cells)
            }
        }
        pixels += probabilities.count
    }

    public mutating func merge(_ other: LogitHistogram) {
        for index in cells.indices {
            cells[index].count += other.cells[index].count
            cells[index].sum += other.cells[index].sum
        }
        pixels += other.pixels
    }

    private static func count(_ logit: Float, _ isForeground: Bool, in cells: UnsafeMutableBufferPointer<Cell>) {
        let finite = min(furthest, max(-furthest, logit)), bounded = min(limit, max(-limit, finite))
        let bin = Int((bounded + limit) * perUnit), index = 2 * bin + (isForeground ? 1 : 0)
        cells[index].count += 1
        cells[index].sum += Double(finite)
    }

    /// The pixels of a class in a bin: their number and the mean of their logits.
    struct Group {
        let logit: Double, count: Double
        let isForeground: Bool
    }

    /// All groups that hold pixels.
    var groups: [Group] {
        cells.enumerated().compactMap { index, cell in
            guard cell.count > 0 else { return nil }
            return Group(logit: cell.sum / Double(cell.count), count: Double(cell.count), isForeground: index % 2 == 1)
        }
    }
}
