// A map of foreground probabilities, its resizing to an image's own size, and the mask at a threshold.
import Imaging

public struct ProbabilityMap: Sendable, Equatable {
    public let width: Int, height: Int
    /// Row-major, values from 0 to 1.
    public let values: [Float]

    public init(width: Int, height: Int, values: [Float]) {
        precondition(values.count == width * height)
        self.width = width
        self.height = height
        self.values = values
    }

    /// Bilinear, pixel centres at half-integers (PyTorch's interpolate with align_corners off).
    public func resized(width newWidth: Int, height newHeight: Int) -> ProbabilityMap {
        if newWidth == width, newHeight == height { return self }
        let columns = Self.taps(from: width, to: newWidth), rows = Self.taps(from: height, to: newHeight)
        var result = [Float](repeating: 0, count: newWidth * newHeight)
        for (y, row) in rows.enumerated() {
            for (x, column) in columns.enumerated() {
                let top = mix(values[row.low * width + column.low], values[row.low * width + column.high], column.weight)
                let bottom = mix(values[row.high * width + column.low], values[row.high * width + column.high], column.weight)
                result[y * newWidth + x] = mix(top, bottom, row.weight)
            }
        }
        return ProbabilityMap(width: newWidth, height: newHeight, values: result)
    }

    /// 1 if the probability is above the threshold, else 0: the comparison of the published metrics.
    public func mask(threshold: Float = 0.5) -> Raster {
        Raster(width: width, height: height, channels: 1, pixels: values.map { $0 > threshold ? 1 : 0 })
    }

    private func mix(_ a: Float, _ b: Float, _ weight: Float) -> Float { a + (b - a) * weight }

    private static func taps(from size: Int, to newSize: Int) -> [(low: Int, high: Int, weight: Float)] {
        let scale = Double(size) / Double(newSize)
        return (0..<newSize).map { index in
            let position = max(0, (Double(index) + 0.5) * scale - 0.5)
            let low = min(Int(position), size - 1)
            return (low, min(low + 1, size - 1), Float(position - Double(low)))
        }
    }
}
