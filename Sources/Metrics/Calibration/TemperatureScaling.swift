// Temperature scaling (Guo et al., "On calibration of modern neural networks", ICML 2017): one positive number T divides all logits, chosen
// so that the negative log-likelihood of a validation split is lowest. Masks at threshold 0.5 do not change. Invariant: the fit is a pure
// function of the histogram.
import Foundation

public struct Temperature: Sendable, Equatable, Codable {
    /// T; above 1 for a network that is too sure.
    public let value: Double
    /// The negative log-likelihood of the pixels that it was fitted on, in nats a pixel, at T = 1 and at T.
    public let before: Double, after: Double
    public let pixels: Int
    /// Whether the best T is beyond `range`, and `value` is the range's end: at its lower end no pixel is on the wrong side of 0.5, at the
    /// upper end the logits do not tell foreground from background.
    public let isAtLimit: Bool

    /// Where the fit looks for T.
    public static let range = 0.01...100.0

    /// The probability at temperature T of a pixel whose logit is known.
    public func probability(logit: Float) -> Float { Float(1 / (1 + exp(-Double(logit) / value))) }

    /// The probability at temperature T of a pixel whose probability at T = 1 is known. 0, 0.5 and 1 remain.
    public func probability(_ probability: Float) -> Float {
        guard probability > 0, probability < 1 else { return probability }
        return self.probability(logit: Self.logit(of: probability, clip: 0))
    }

    /// ln(p / (1 - p)), clipped so that it is finite.
    static func logit(of probability: Float, clip: Float = ProperScores.clip) -> Float {
        let p = Double(max(clip, min(1 - clip, probability)))
        return Float(log(p / (1 - p)))
    }
}

extension LogitHistogram {
    /// The mean negative log-likelihood in nats if all logits are divided by a temperature; nil without pixels.
    public func negativeLogLikelihood(temperature: Double = 1) -> Double? {
        guard pixels > 0 else { return nil }
        let sum = groups.reduce(0.0) { sum, group in
            // The logit of the true class.
            let z = (group.isForeground ? group.logit : -group.logit) / temperature
            return sum + group.count * (max(0, -z) + log1p(exp(-abs(z))))
        }
        return sum / Double(pixels)
    }

    /// The temperature of lowest negative log-likelihood. Nil without pixels. 1 if all logits are 0.
    ///
    /// The likelihood is convex in 1 / T: Newton's steps, kept in a shrinking interval, find the only minimum to a relative 1e-9.
    public func fittedTemperature() -> Temperature? {
        guard let before = negativeLogLikelihood() else { return nil }
        let groups = self.groups
        func result(_ value: Double, isAtLimit: Bool = false) -> Temperature {
            Temperature(
                value: value, before: before, after: negativeLogLikelihood(temperature: value) ?? before, pixels: pixels,
                isAtLimit: isAtLimit)
        }
        if groups.allSatisfy({ $0.logit == 0 }) { return result(1) }
        var low = 1 / Temperature.range.upperBound, high = 1 / Temperature.range.lowerBound
        if Self.derivatives(groups, at: low).first >= 0 { return result(1 / low, isAtLimit: true) }
        if Self.derivatives(groups, at: high).first <= 0 { return result(1 / high, isAtLimit: true) }
        var inverse = 1.0
        for _ in 0..<200 {
            let (first, second) = Self.derivatives(groups, at: inverse)
            if first > 0 { high = inverse } else { low = inverse }
            var next = inverse - first / second
            if !(next > low && next < high) { next = (low * high).squareRoot() }
            let change = abs(next - inverse)
            inverse = next
            if change <= 1e-10 * inverse { break }
        }
        return result(1 / inverse)
    }

    /// First and second derivative of the sum of negative log-likelihoods with respect to 1 / T.
    private static func derivatives(_ groups: [Group], at inverse: Double) -> (first: Double, second: Double) {
        var first = 0.0, second = 0.0
        for group in groups {
            let small = exp(-abs(inverse * group.logit)), likely = 1 / (1 + small), unlikely = small / (1 + small)
            // The probability of the other class, not by subtraction from 1.
            let miss = (group.logit > 0) == group.isForeground ? unlikely : likely
            first += group.count * (group.isForeground ? -group.logit : group.logit) * miss
            second += group.count * group.logit * group.logit * likely * unlikely
        }
        return (first, second)
    }
}
