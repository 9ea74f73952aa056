// The share of the machine's peak rate that training reaches, for the progress line. It is measured over at least a second: the results of
// a GPU's steps arrive several at a time, so the time of a single step says nothing.
import Foundation

package struct ShareOfPeak {
    /// Seconds of steps per value, and seconds between measurements of the peak.
    private static let stretch = 1.0, betweenMeasurements = 20.0

    private let operationsPerImage: Double
    private let measure: () -> Double
    private var peak: (operations: Double, measured: Double)?
    private var images = 0, seconds = 0.0
    /// Nil until the first value exists.
    package private(set) var value: Double?

    /// - Parameters:
    ///   - operationsPerImage: multiplications and additions per image and step.
    ///   - measure: measures the machine's operations per second; takes some hundredths of a second.
    package init(operationsPerImage: Double, measure: @escaping () -> Double) {
        self.operationsPerImage = operationsPerImage
        self.measure = measure
    }

    /// Adds a step. `seconds` counts from the end of the previous step, or from its own start if that was later.
    /// - Parameter now: the system's uptime.
    package mutating func add(images: Int, seconds: Double, now: Double) {
        // Measured after the first step: there it delays neither the first step nor the loader.
        guard let known = peak else {
            peak = (measure(), now)
            return
        }
        self.images += images
        self.seconds += seconds
        guard self.seconds >= Self.stretch else { return }
        let rate = operationsPerImage * Double(self.images) / self.seconds
        (self.images, self.seconds) = (0, 0)
        // A rate above the peak means that other work slowed the measurement of the peak.
        if rate > known.operations, now - known.measured > Self.betweenMeasurements { peak = (max(known.operations, measure()), now) }
        value = rate / (peak ?? known).operations
    }
}
