// Bicubic resizing with antialiasing, equal to Pillow's `Image.resize(size, Image.BICUBIC)` sample for sample: separable convolution,
// support widened by the scale when shrinking, coefficients in fixed point with 22 fractional bits, rounded and clamped to 8 bits between
// the two passes. Not for: masks (NearestResize) or the released pipeline's arithmetic (ReferenceBicubic).

/// Which of the two passes comes first. It matters, because samples are rounded and clamped in between: on pictures by a step or two, on
/// noise by up to about twenty.
public enum BicubicPassOrder: Sendable {
    /// Pillow 13's: along columns first where that removes rows, and more than twice as many as there are columns to remove; else rows.
    case pillow13
    /// Pillow's up to release 12: always along rows first.
    case rowsFirst
}

extension Raster {
    /// This raster at another size; antialiased bicubic (a = -0.5).
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
            // Only the rows that the second pass will read are made by the first.
            let rows = vertical.starts[0]..<(vertical.starts[newHeight - 1] + vertical.counts[newHeight - 1])
            return resampledAlongRows(horizontal, rows: rows).resampledAlongColumns(vertical, rowOffset: rows.lowerBound)
        }
    }

    private func resampledAlongRows(_ weights: ResamplingWeights, rows: Range<Int>) -> Raster {
        Raster.filling(width: weights.starts.count, height: rows.count, channels: channels) { target in
            pixels.withUnsafeBufferPointer { source in
                for (index, row) in rows.enumerated() {
                    let line = UnsafeBufferPointer(rebasing: source[(row * width * channels)..<((row + 1) * width * channels)])
                    let out = UnsafeMutableBufferPointer(rebasing: target[(index * weights.starts.count * channels)...])
                    if channels == 3 {
                        Resampling.line3(line, weights, into: out)
                    } else {
                        Resampling.line(line, channels: channels, weights, into: out)
                    }
                }
            }
        }
    }

    private func resampledAlongColumns(_ weights: ResamplingWeights, rowOffset: Int) -> Raster {
        let samples = width * channels
        return Raster.filling(width: width, height: weights.starts.count, channels: channels) { target in
            pixels.withUnsafeBufferPointer { source in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: samples) { sums in
                    for row in 0..<weights.starts.count {
                        sums.update(repeating: ResamplingWeights.half)
                        for k in 0..<weights.counts[row] {
                            let weight = weights.values[row * weights.stride + k]
                            let line = source.baseAddress.unsafelyUnwrapped + (weights.starts[row] - rowOffset + k) * samples
                            let total = sums.baseAddress.unsafelyUnwrapped
                            for i in 0..<samples { total[i] &+= Int32(line[i]) &* weight }
                        }
                        let out = target.baseAddress.unsafelyUnwrapped + row * samples
                        for i in 0..<samples { out[i] = Resampling.clamped(sums[i]) }
                    }
                }
            }
        }
    }
}

/// For every output position: the first input position, how many, and their fixed-point weights.
private struct ResamplingWeights {
    static let precision: Int32 = 22
    static let half: Int32 = 1 << (precision - 1)
    let starts: [Int]
    let counts: [Int]
    let stride: Int
    let values: [Int32]

    /// Weights of the cubic kernel (a = -0.5) centred on each output sample's place in the input, normalised to sum 1.
    init(from inputSize: Int, to outputSize: Int) {
        let scale = Double(inputSize) / Double(outputSize)
        let filterScale = max(scale, 1.0)
        let support = 2.0 * filterScale
        stride = Int(support.rounded(.up)) * 2 + 1
        var starts = [Int](), counts = [Int](), values = [Int32](repeating: 0, count: stride * outputSize)
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
            starts.append(first)
            counts.append(count)
        }
        self.starts = starts
        self.counts = counts
        self.values = values
    }

    private static func cubic(_ distance: Double) -> Double {
        let a = -0.5, x = abs(distance)
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
        return 0
    }
}

/// The inner loops of the first pass.
private enum Resampling {
    @inline(__always)
    static func clamped(_ sum: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(max(sum >> ResamplingWeights.precision, 0), 255)) }

    static func line(
        _ source: UnsafeBufferPointer<UInt8>, channels: Int, _ weights: ResamplingWeights, into target: UnsafeMutableBufferPointer<UInt8>
    ) {
        weights.values.withUnsafeBufferPointer { values in
            for x in 0..<weights.starts.count {
                let first = weights.starts[x], row = values.baseAddress.unsafelyUnwrapped + x * weights.stride
                for c in 0..<channels {
                    let input = source.baseAddress.unsafelyUnwrapped + first * channels + c
                    var sum = ResamplingWeights.half
                    for k in 0..<weights.counts[x] { sum &+= Int32(input[k * channels]) &* row[k] }
                    target[x * channels + c] = clamped(sum)
                }
            }
        }
    }

    static func line3(
        _ source: UnsafeBufferPointer<UInt8>, _ weights: ResamplingWeights, into target: UnsafeMutableBufferPointer<UInt8>
    ) {
        weights.values.withUnsafeBufferPointer { values in
            for x in 0..<weights.starts.count {
                var input = source.baseAddress.unsafelyUnwrapped + weights.starts[x] * 3
                let row = values.baseAddress.unsafelyUnwrapped + x * weights.stride
                var red = ResamplingWeights.half, green = ResamplingWeights.half, blue = ResamplingWeights.half
                for k in 0..<weights.counts[x] {
                    let weight = row[k]
                    red &+= Int32(input[0]) &* weight
                    green &+= Int32(input[1]) &* weight
                    blue &+= Int32(input[2]) &* weight
                    input += 3
                }
                target[3 * x] = clamped(red)
                target[3 * x + 1] = clamped(green)
                target[3 * x + 2] = clamped(blue)
            }
        }
    }
}
