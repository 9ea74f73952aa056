// The released pipeline's bicubic: torch.nn.functional.interpolate(mode "bicubic", align_corners false, no antialiasing, a = -0.75) on
// float32 samples, rounded to even and clamped to 0...255. It exists to reproduce published numbers; it aliases when shrinking.

extension Raster {
    /// This raster at another size by four-point cubic interpolation in each direction, edges repeated.
    public func resizedBicubicReference(width newWidth: Int, height newHeight: Int) -> Raster {
        precondition(newWidth > 0 && newHeight > 0 && width > 0 && height > 0, "cannot resize from or to nothing")
        let columns = CubicTap.taps(from: width, to: newWidth), rows = CubicTap.taps(from: height, to: newHeight)
        let samples = newWidth * channels
        return Raster.filling(width: newWidth, height: newHeight, channels: channels) { target in
            pixels.withUnsafeBufferPointer { source in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * samples) { lines in
                    for (row, tap) in rows.enumerated() {
                        for k in 0..<4 {
                            interpolateLine(source, row: tap.positions[k], columns, into: lines.baseAddress.unsafelyUnwrapped + k * samples)
                        }
                        let w = tap.weights
                        let a = lines.baseAddress.unsafelyUnwrapped, b = a + samples, c = b + samples, d = c + samples
                        for i in 0..<samples {
                            let value = a[i] * w[0] + b[i] * w[1] + c[i] * w[2] + d[i] * w[3]
                            target[row * samples + i] = UInt8(min(max(value, 0), 255).rounded(.toNearestOrEven))
                        }
                    }
                }
            }
        }
    }

    private func interpolateLine(
        _ source: UnsafeBufferPointer<UInt8>, row: Int, _ columns: [CubicTap], into target: UnsafeMutablePointer<Float>
    ) {
        let line = source.baseAddress.unsafelyUnwrapped + row * width * channels
        var out = target
        for tap in columns {
            let p = tap.positions, w = tap.weights
            for c in 0..<channels {
                out[c] =
                    Float(line[p[0] * channels + c]) * w[0] + Float(line[p[1] * channels + c]) * w[1]
                    + Float(line[p[2] * channels + c]) * w[2] + Float(line[p[3] * channels + c]) * w[3]
            }
            out += channels
        }
    }
}

/// The four input positions and weights of one output sample.
private struct CubicTap {
    let positions: SIMD4<Int>
    let weights: SIMD4<Float>

    static func taps(from inputSize: Int, to outputSize: Int) -> [CubicTap] {
        let scale = Float(inputSize) / Float(outputSize)
        return (0..<outputSize).map { index in
            let place = scale * (Float(index) + 0.5) - 0.5
            let floor = place.rounded(.down)
            let t = place - floor
            let base = Int(floor)
            func clamped(_ offset: Int) -> Int { min(max(base + offset, 0), inputSize - 1) }
            return CubicTap(
                positions: SIMD4(clamped(-1), clamped(0), clamped(1), clamped(2)),
                weights: SIMD4(outer(t + 1), inner(t), inner(1 - t), outer(2 - t)))
        }
    }

    private static let a: Float = -0.75
    private static func inner(_ x: Float) -> Float { ((a + 2) * x - (a + 3)) * x * x + 1 }
    private static func outer(_ x: Float) -> Float { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
}
