// Several predictions of the same pixels (dropout, flips, captions, runs), collected one after another: mean probability, predictive and
// expected entropy, mutual information, variance. Invariant: memory is three Float64 a pixel, whatever the number of predictions.

/// Maps of one image, a value for each pixel, in the order of the predictions.
public struct UncertaintyMaps: Sendable, Equatable {
    /// Number of predictions, T.
    public let predictions: Int
    /// The mean probability of foreground.
    public let mean: [Float]
    /// Predictive entropy: that of the mean probability, in nats, 0 to ln 2. The whole uncertainty.
    public let entropy: [Float]
    /// Expected entropy: the mean of the predictions' entropies, in nats. The part that every prediction admits (aleatoric).
    public let expectedEntropy: [Float]
    /// Mutual information: predictive less expected entropy, in nats, at least 0. The part in which the predictions differ (epistemic;
    /// BALD, Houlsby et al. 2011). 0 for a single prediction. The error is
    /// below 3e-6 of the predictive entropy.
    public let mutualInformation: [Float]
    /// The variance of the probabilities over the predictions, divided by T and not T - 1: 0 to 0.25.
    public let variance: [Float]

    /// The mean of one of the maps over all pixels; nil without pixels.
    public static func mean(of map: [Float]) -> Double? {
        map.isEmpty ? nil : map.reduce(0.0) { $0 + Double($1) } / Double(map.count)
    }
}

public struct PredictionSpread: Sendable {
    public let pixels: Int
    public private(set) var predictions = 0
    /// Running means, sums of squared deviations from them (Welford), and sums of entropies. Sums of squares would lose a small variance
    /// beside a large mean, and Float32 a mean near 1.
    private var means: [Double], squares: [Double], entropies: [Double]

    /// - Parameter pixels: of each prediction.
    public init(pixels: Int) {
        self.pixels = pixels
        means = Array(repeating: 0, count: pixels)
        squares = means
        entropies = means
    }

    /// Adds a prediction.
    /// - Parameter probabilities: of foreground, `pixels` values from 0 to 1.
    public mutating func add(_ probabilities: UnsafeBufferPointer<Float>) {
        precondition(probabilities.count == pixels, "\(probabilities.count) probabilities, expected \(pixels)")
        predictions += 1
        let share = 1 / Double(predictions)
        means.withUnsafeMutableBufferPointer { means in
            squares.withUnsafeMutableBufferPointer { squares in
                for pixel in 0..<pixels {
                    let p = Double(probabilities[pixel]), difference = p - means[pixel]
                    means[pixel] += difference * share
                    squares[pixel] += difference * (p - means[pixel])
                }
            }
        }
        entropies.withUnsafeMutableBufferPointer { entropies in
            for pixel in 0..<pixels { entropies[pixel] += Double(BinaryEntropy.nats(probabilities[pixel])) }
        }
    }

    public mutating func add(_ probabilities: [Float]) { probabilities.withUnsafeBufferPointer { add($0) } }

    /// Forgets all predictions, and keeps the memory for the next image.
    public mutating func reset() {
        predictions = 0
        for pixel in 0..<pixels { (means[pixel], squares[pixel], entropies[pixel]) = (0, 0, 0) }
    }

    /// The maps of the predictions so far; nil without predictions.
    public var maps: UncertaintyMaps? {
        guard predictions > 0 else { return nil }
        let share = 1 / Double(predictions)
        let entropy = means.map { BinaryEntropy.nats($0) }, expected = entropies.map { $0 * share }
        // One prediction has no spread, whatever the two entropies' rounding.
        let isOne = predictions == 1
        return UncertaintyMaps(
            predictions: predictions, mean: means.map(Float.init), entropy: entropy.map(Float.init),
            expectedEntropy: expected.map(Float.init),
            mutualInformation: zip(entropy, expected).map { isOne ? 0 : Float(max(0, $0 - $1)) },
            variance: squares.map { Float(max(0, $0 * share)) })
    }
}
