// The share of the machine's peak that training reaches, for the progress line. Over stretches of at least a second: a GPU's steps come
// back several at a time, so that the time of a single one says nothing.
import Foundation

package struct ShareOfPeak {
    /// Seconds of steps behind a value, and between measurements of the peak.
    private static let stretch = 1.0, betweenMeasurements = 20.0

    private let operationsPerImage: Double
    private let measure: () -> Double
    private var peak: (operations: Double, measured: Double)?
    private var images = 0, seconds = 0.0
    /// Nil before the first stretch is over.
    package private(set) var value: Double?

    /// - Parameters:
    ///   - operationsPerImage: multiplications and additions of one image's step.
    ///   - measure: finds the machine's operations a second; takes some hundredths of a second.
    package init(operationsPerImage: Double, measure: @escaping () -> Double) {
        self.operationsPerImage = operationsPerImage
        self.measure = measure
    }

    /// Counts a step that took so long since the one before, or since its own start where that was later.
    /// - Parameter now: the system's uptime.
    package mutating func add(images: Int, seconds: Double, now: Double) {
        // Measured behind the first step: there it delays neither that one nor the loader.
        guard let known = peak else {
            peak = (measure(), now)
            return
        }
        self.images += images
        self.seconds += seconds
        guard self.seconds >= Self.stretch else { return }
        let rate = operationsPerImage * Double(self.images) / self.seconds
        (self.images, self.seconds) = (0, 0)
        // More than the peak: it was measured beside other work.
        if rate > known.operations, now - known.measured > Self.betweenMeasurements { peak = (max(known.operations, measure()), now) }
        value = rate / (peak ?? known).operations
    }
}
