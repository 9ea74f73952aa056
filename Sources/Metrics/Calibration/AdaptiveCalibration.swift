// The adaptive calibration error: reliability bins with equally many pixels instead of equal width. Invariant: pixels with equal
// probabilities are shared between bins in proportion, so that their order does not matter.

/// A bin of a given share of the pixels.
public struct EqualMassBin: Sendable, Equatable {
    /// Pixels; not a whole number in general.
    public let mass: Double
    /// Mean probability and share of foreground.
    public let confidence: Double, frequency: Double
}

extension Ranking {
    /// Bins of equally many pixels, by rising value. Empty without pixels.
    public func equalMassBins(_ bins: Int = 15) -> [EqualMassBin] {
        precondition(bins > 0, "equal-mass bins need a number of bins")
        guard count > 0 else { return [] }
        var masses = Array(repeating: 0.0, count: bins), sums = masses, positives = masses
        func edge(_ bin: Int) -> Double { Double(count * bin) / Double(bins) }
        var bin = 0, start = 0.0
        for group in groups {
            let end = start + Double(group.count)
            let mean = group.sum / Double(group.count), share = Double(group.positives) / Double(group.count)
            while true {
                let taken = max(0, min(end, edge(bin + 1)) - max(start, edge(bin)))
                masses[bin] += taken
                sums[bin] += taken * mean
                positives[bin] += taken * share
                guard end > edge(bin + 1), bin + 1 < bins else { break }
                bin += 1
            }
            start = end
        }
        return (0..<bins).map {
            EqualMassBin(mass: masses[$0], confidence: sums[$0] / masses[$0], frequency: positives[$0] / masses[$0])
        }
    }

    /// ACE: the mean of |confidence - frequency| over bins of equally many pixels. Nil without pixels.
    public func adaptiveCalibrationError(bins: Int = 15) -> Double? {
        let bins = equalMassBins(bins)
        return bins.isEmpty ? nil : bins.reduce(0) { $0 + abs($1.confidence - $1.frequency) } / Double(bins.count)
    }
}
