// What a golden file of a network holds of a tensor, and how far values are from it. Here and not among the tests, because these loops go
// over millions of values, and tests are compiled without optimisation.

/// Of gradients and statistics norm, maximum and samples alone.
public struct GoldenArray: Codable, Sendable {
    public let shape: [Int]?
    public let norm: Double, maximum: Double
    public let samples: [Double]
    public let mean: Double?, deviation: Double?

    /// The worst difference of samples, mean and deviation over the largest magnitude, and that of the norms, relative.
    public func differences(_ values: [Float], name: String) -> (samples: Double, norm: Double) {
        let indices = GoldenFormula.sampleIndices(name, size: values.count, count: samples.count), count = Double(max(1, values.count))
        var worst = zip(indices, samples).map { abs(Double(values[$0]) - $1) }.max() ?? 0
        let sum = values.reduce(0) { $0 + Double($1) }, squares = values.reduce(0) { $0 + Double($1) * Double($1) }
        if let mean { worst = max(worst, abs(sum / count - mean)) }
        if let deviation { worst = max(worst, abs((squares / count - sum / count * sum / count).squareRoot() - deviation)) }
        if let shape, shape.reduce(1, *) != values.count { worst = .infinity }
        return (worst / max(maximum, 1e-30), abs(squares.squareRoot() - norm) / max(norm, 1e-30))
    }
}
