// Brier score and negative log-likelihood of binary probabilities, as sums over pixels. Both are proper scoring rules: their expected value
// is lowest for the true probabilities. Invariant: sums are in Float64, whatever the number of pixels.
import Foundation

public struct ProperScores: Sendable, ProbabilityCollector, LogitCollector {
    /// Probabilities are clipped to [clip, 1 - clip] before the logarithm: 2^-23, the clip of scikit-learn's `log_loss` for float32. So a
    /// pixel costs at most 15.94 nats. Logits are not clipped.
    public static let clip = Float.ulpOfOne

    public private(set) var pixels = 0
    private var squares = 0.0, logarithms = 0.0

    public init() {}

    /// (p - y)^2, mean over pixels; nil without pixels.
    public var brier: Double? { pixels == 0 ? nil : squares / Double(pixels) }

    /// -ln of the probability of the true class, in nats, mean over pixels; nil without pixels.
    public var negativeLogLikelihood: Double? { pixels == 0 ? nil : logarithms / Double(pixels) }

    /// A product of so many factors of at least `clip` stays above the smallest Float64, so one logarithm serves for all of them.
    private static let stretch = 32

    /// Adds pixels.
    /// - Parameters:
    ///   - probabilities: of foreground, 0 to 1; values outside are clamped, and what is no number counts as 0.
    ///   - truth: not 0 for foreground; as many as probabilities.
    public mutating func add(probabilities: UnsafeBufferPointer<Float>, truth: UnsafeBufferPointer<UInt8>) {
        precondition(probabilities.count == truth.count, "\(probabilities.count) probabilities, \(truth.count) true values")
        let clip = Self.clip
        var start = 0
        while start < probabilities.count {
            let end = min(start + Self.stretch, probabilities.count)
            var product = 1.0, sum = 0.0
            for pixel in start..<end {
                let p = min(1, max(0, probabilities[pixel]))
                let wanted = truth[pixel] != 0 ? p : 1 - p
                let miss = Double(1 - wanted)
                sum += miss * miss
                product *= Double(max(clip, min(1 - clip, wanted)))
            }
            squares += sum
            logarithms -= log(product)
            start = end
        }
        pixels += probabilities.count
    }

    /// Adds pixels whose logits are known: nothing is clipped, and large logits lose nothing to rounding.
    public mutating func add(logits: UnsafeBufferPointer<Float>, truth: UnsafeBufferPointer<UInt8>) {
        precondition(logits.count == truth.count, "\(logits.count) logits, \(truth.count) true values")
        var start = 0
        while start < logits.count {
            let end = min(start + Self.stretch, logits.count)
            var product = 1.0, sum = 0.0, linear = 0.0
            for pixel in start..<end {
                // softplus(-s) = max(0, -s) + ln(1 + exp(-|s|)), where s is the logit of the true class.
                let wanted = truth[pixel] != 0 ? logits[pixel] : -logits[pixel]
                let small = Double(exp(-abs(wanted)))
                let miss = (wanted > 0 ? small : 1) / (1 + small)
                sum += miss * miss
                product *= 1 + small
                linear += Double(max(0, -wanted))
            }
            squares += sum
            logarithms += linear + log(product)
            start = end
        }
        pixels += logits.count
    }

    public mutating func merge(_ other: ProperScores) {
        pixels += other.pixels
        squares += other.squares
        logarithms += other.logarithms
    }
}
