// Bicubic resizing with antialiasing, equal to Pillow's `Image.resize(size, Image.BICUBIC)` sample for sample. It is a separable
// convolution. The support grows with the scale when shrinking. Coefficients are fixed point with 22 fractional bits; results are rounded
// and clamped to 8 bits between the two passes. The passes are vector kernels (CPixels) in exact integer arithmetic. Not for masks
// (NearestResize), nor for the arithmetic of the released pipeline (ReferenceBicubic).
import CPixels

/// Which of the two passes comes first. The order changes the result, because samples are rounded and clamped between the passes: by a step
/// or two on pictures, by up to about twenty on noise.
public enum BicubicPassOrder: Sendable {
    /// Pillow 13: columns first if that removes rows, and more than twice as many rows as there are columns to remove; otherwise rows
    /// first.
    case pillow13
    /// Pillow up to release 12: always rows first.
    case rowsFirst
}

extension Raster {
    /// This raster at another size, resized with antialiased bicubic (a = -0.5).
    public func resizedBicubic(width newWidth: Int, height newHeight: Int, order: BicubicPassOrder = .pillow13) -> Raster {
        precondition(newWidth > 0 && newHeight > 0 && width > 0 && height > 0, "cannot resize from or to nothing")
        let horizontal = newWidth == width ? nil : ResamplingWeights(from: width, to: newWidth)
        let vertical = newHeight == height ? nil : ResamplingWeights(from: height, to: newHeight)
        switch (horizontal, vertical) {
        case (nil, nil): return self
        case (let horizontal?, nil): return resampledAlongRows(horizontal, rows: 0..<height)
        case (nil, let vertical?): return resampledAlongColumns(vertical, rowOffset: 0)
        case (let horizontal?, let vertical?):
            if order == .pillow13 && height - newHeight > max(0, 2 * (width - newWidth)) {
                return resampledAlongColumns(vertical, rowOffset: 0).resampledAlongRows(horizontal, rows: 0..<newHeight)
            }
            // The first pass makes only the rows that the second pass reads.
            let rows = Int(vertical.starts[0])..<Int(vertical.starts[newHeight - 1] + vertical.counts[newHeight - 1])
            return resampledAlongRows(horizontal, rows: rows).resampledAlongColumns(vertical, rowOffset: rows.lowerBound)
        }
    }

    private func resampledAlongRows(_ weights: ResamplingWeights, rows: Range<Int>) -> Raster {
        let width = Int64(width), channels = Int64(channels)
        return Raster.filling(width: weights.starts.count, height: rows.count, channels: self.channels) { target in
            pixels.withUnsafeBufferPointer { source in
                weights.withUnsafe { weights in
                    let scratch = vlpx_rows_scratch(width, channels, weights.outputs)
                    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: scratch) { scratch in
                        let start = source.baseAddress.map { $0 + rows.lowerBound * Int(width * channels) }
                        withUnsafePointer(to: weights) {
                            vlpx_resample_rows(start, width, Int64(rows.count), channels, $0, target.baseAddress, scratch.baseAddress)
                        }
                    }
                }
            }
        }
    }

    private func resampledAlongColumns(_ weights: ResamplingWeights, rowOffset: Int) -> Raster {
        Raster.filling(width: width, height: weights.starts.count, channels: channels) { target in
            pixels.withUnsafeBufferPointer { source in
                weights.withUnsafe { weights in
                    withUnsafePointer(to: weights) {
                        vlpx_resample_columns(source.baseAddress, Int64(width * channels), Int64(rowOffset), $0, target.baseAddress)
                    }
                }
            }
        }
    }
}

/// For every output position: the first input position, the number of input positions, and their fixed-point weights.
private struct ResamplingWeights {
    static let precision: Int32 = 22
    let starts: [Int32]
    let counts: [Int32]
    let stride: Int
    let values: [Int32]

    /// Weights of the cubic kernel (a = -0.5), centred on the position of each output sample in the input, normalised to sum 1.
    init(from inputSize: Int, to outputSize: Int) {
        let scale = Double(inputSize) / Double(outputSize)
        let filterScale = max(scale, 1.0)
        let support = 2.0 * filterScale
        stride = Int(support.rounded(.up)) * 2 + 1
        var starts = [Int32](), counts = [Int32](), values = [Int32](repeating: 0, count: stride * outputSize)
        var weights = [Double](repeating: 0, count: stride)
        let inverse = 1.0 / filterScale
        for position in 0..<outputSize {
            let centre = (Double(position) + 0.5) * scale
            let first = max(Int(centre - support + 0.5), 0)
            let count = min(Int(centre + support + 0.5), inputSize) - first
            var sum = 0.0
            for k in 0..<count {
                weights[k] = ResamplingWeights.cubic((Double(k + first) - centre + 0.5) * inverse)
                sum += weights[k]
            }
            for k in 0..<count {
                let weight = sum != 0 ? weights[k] / sum : weights[k]
                values[position * stride + k] = Int32(weight * Double(1 << ResamplingWeights.precision) + (weight < 0 ? -0.5 : 0.5))
            }
            starts.append(Int32(first))
            counts.append(Int32(count))
        }
        self.starts = starts
        self.counts = counts
        self.values = values
    }

    /// Calls `body` with these weights in the kernels' form.
    func withUnsafe(_ body: (vlpx_weights) -> Void) {
        starts.withUnsafeBufferPointer { starts in
            counts.withUnsafeBufferPointer { counts in
                values.withUnsafeBufferPointer { values in
                    body(
                        vlpx_weights(
                            starts: starts.baseAddress, counts: counts.baseAddress, weights: values.baseAddress, stride: Int64(stride),
                            outputs: Int64(starts.count)))
                }
            }
        }
    }

    private static func cubic(_ distance: Double) -> Double {
        let a = -0.5, x = abs(distance)
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
        return 0
    }
}
