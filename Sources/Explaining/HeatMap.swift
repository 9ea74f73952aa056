// A map of one number per pixel: a class activation map, an attention map, a change of probabilities. Not for images or masks (Raster).
// Invariant: values.count == width * height, row-major.
import Segmenting

public struct HeatMap: Sendable, Equatable {
    public let width: Int, height: Int
    public let values: [Float]

    public init(width: Int, height: Int, values: [Float]) {
        precondition(values.count == width * height, "\(values.count) values for \(width)x\(height)")
        self.width = width
        self.height = height
        self.values = values
    }

    /// Bilinear, pixel centres at half-integers.
    public func resized(width newWidth: Int, height newHeight: Int) -> HeatMap {
        let map = ProbabilityMap(width: width, height: height, values: values).resized(width: newWidth, height: newHeight)
        return HeatMap(width: newWidth, height: newHeight, values: map.values)
    }

    /// From 0 (the smallest value) to 1 (the largest); 0 everywhere if all values are equal.
    public func scaled() -> HeatMap {
        guard let low = values.min(), let high = values.max(), high > low else {
            return HeatMap(width: width, height: height, values: [Float](repeating: 0, count: values.count))
        }
        return HeatMap(width: width, height: height, values: values.map { ($0 - low) / (high - low) })
    }

    /// The largest magnitude.
    public var magnitude: Float { values.reduce(0) { max($0, abs($1)) } }
}
