// The folded head as a whole, and images.
import EmulatedGPU
import Foundation
import OperatorCases
import Tensors
import Testing

@Suite struct SpatialOperatorTests {
    /// The folded head equals the published sequence of layers: 3x3 to 4 channels a sub-pixel group, shuffle, pad, pool, 1x1.
    @Test func foldedHeadEqualsTheUnfoldedOne() throws {
        let (h, w, input, groups, r) = (3, 2, 5, 3, 4)
        try checkOperator(
            [
                .init([1, h, w, input]), .init([groups * r * r, 3, 3, input]), .init([groups * r * r]), .init([1, groups]), .init([1]),
            ], samples: 16
        ) { tape, x in
            let weight = tape.foldGroups(x[1], mix: x[3]), bias = tape.foldGroups(x[2], mix: x[3])
            return tape.shufflePool(tape.convolution(x[0], weight: weight, bias: bias, kernel: 3), factor: r, bias: x[4])
        } reference: { i in
            let full = ConvolutionWindow(input: i[0].shape, output: groups * r * r, kernel: 3, padding: 1).reference([i[0], i[1], i[2]])
            func shuffled(_ g: Int, _ row: Int, _ column: Int) -> Double {
                guard row >= 0, column >= 0 else { return 0 }
                return full[((row / r) * w + column / r) * groups * r * r + g * r * r + (row % r) * r + column % r]
            }
            var y = Reference(zeros: [1, h * r, w * r])
            for row in 0..<(h * r) {
                for column in 0..<(w * r) {
                    var sum = i[4][0]
                    for g in 0..<groups {
                        var pooled = 0.0
                        for dy in 0..<r { for dx in 0..<r { pooled += shuffled(g, row - dy, column - dx) } }
                        sum += i[3][g] * pooled / Double(r * r)
                    }
                    y[row * w * r + column] = sum
                }
            }
            return y
        }
    }

    /// Constants of each channel, in the order that the network was given them; one channel serves all three.
    @Test(arguments: [1, 3], [false, true]) func scaledImages(channels: Int, reversed: Bool) throws {
        let bytes = (0..<(2 * 5 * 7 * channels)).map { UInt8(truncatingIfNeeded: $0 * 37 % 256) }
        let mean = [10.0, 20, 30], deviation = [255.0, 50, 60]
        for backend in [try CPUBackend(threads: 2), try EmulatedGPU.backend()] as [any Backend] {
            for format in NumberFormat.allCases {
                let y = backend.empty([2, 5, 7, 3], format: format)
                backend.scaleImages(
                    backend.bytes(bytes, [2, 5, 7, channels]), mean: mean, deviation: deviation, reversesChannels: reversed, into: y)
                let found = backend.values(y)
                try backend.check()
                for (index, value) in found.enumerated() {
                    let c = index % 3, byte = bytes[channels == 1 ? index / 3 : index / 3 * 3 + (reversed ? 2 - c : c)]
                    let expected = (Double(byte) - mean[c]) / deviation[c]
                    #expect(abs(Double(value) - expected) <= (format == .float32 ? 1e-6 : 0x1p-8) * max(1, abs(expected)))
                }
            }
        }
    }

    @Test(arguments: [1, 3]) func normalisedImages(channels: Int) throws {
        let backend = try CPUBackend(threads: 2)
        let pixels = 7 * 5
        var bytes = (0..<(2 * pixels * channels)).map { UInt8(truncatingIfNeeded: $0 * 37 % 251) }
        for pixel in 0..<pixels { bytes[pixel * channels] = 9 }  // A constant channel: its deviation 0 counts as 1.
        let y = backend.empty([2, 7, 5, 3])
        backend.normaliseImages(backend.bytes(bytes, [2, 7, 5, channels]), into: y)
        let found = backend.values(y)
        for n in 0..<2 {
            for c in 0..<3 {
                let column = (0..<pixels).map { Double(bytes[(n * pixels + $0) * channels + min(c, channels - 1)]) }
                let mean = column.reduce(0, +) / Double(pixels)
                let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels)
                let deviation = variance == 0 ? 1 : variance.squareRoot()
                for pixel in 0..<pixels {
                    #expect(abs(Double(found[(n * pixels + pixel) * 3 + c]) - (column[pixel] - mean) / deviation) < 1e-5)
                }
            }
        }
    }
}
