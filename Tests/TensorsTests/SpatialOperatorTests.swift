// Operators on maps [B,H,W,C]: value against float64, gradient against central differences in float64.
import EmulatedGPU
import Foundation
import Tensors
import Testing

@Suite struct SpatialOperatorTests {
    /// Cross-correlation with weight [O,k,k,I], zero padding k/2, any stride.
    static func convolution(_ x: Reference, _ w: Reference, kernel k: Int, stride: Int = 1, padding: Int) -> Reference {
        let (b, h, wd, input, output) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3], w.shape[0])
        let oh = (h + 2 * padding - k) / stride + 1, ow = (wd + 2 * padding - k) / stride + 1
        var y = Reference(zeros: [b, oh, ow, output])
        for n in 0..<b {
            for r in 0..<oh {
                for c in 0..<ow {
                    for o in 0..<output {
                        var sum = 0.0
                        for ky in 0..<k {
                            for kx in 0..<k {
                                let yy = r * stride + ky - padding, xx = c * stride + kx - padding
                                guard (0..<h).contains(yy), (0..<wd).contains(xx) else { continue }
                                for i in 0..<input {
                                    sum += x[((n * h + yy) * wd + xx) * input + i] * w[((o * k + ky) * k + kx) * input + i]
                                }
                            }
                        }
                        y[((n * oh + r) * ow + c) * output + o] = sum
                    }
                }
            }
        }
        return y
    }

    static func addBias(_ y: Reference, _ bias: Reference) -> Reference {
        Reference(y.shape, y.values.enumerated().map { $1 + bias[$0 % bias.values.count] })
    }

    @Test(arguments: [(3, 5), (16, 32), (32, 16), (33, 35)]) func convolution(input: Int, output: Int) throws {
        try checkOperator([.init([2, 5, 4, input]), .init([output, 3, 3, input]), .init([output])], samples: 8, half: [0]) {
            $0.convolution($1[0], weight: $1[1], bias: $1[2], kernel: 3)
        } reference: {
            Self.addBias(Self.convolution($0[0], $0[1], kernel: 3, padding: 1), $0[2])
        }
    }

    @Test(arguments: [(7, 5), (7, 33), (3, 16)]) func depthwise(kernel: Int, channels: Int) throws {
        let (h, w) = (6, 9)
        try checkOperator([.init([2, h, w, channels]), .init([kernel * kernel, channels]), .init([channels])], half: [0]) {
            $0.depthwise($1[0], weight: $1[1], bias: $1[2], kernel: kernel)
        } reference: { i in
            var y = Reference(zeros: i[0].shape)
            for n in 0..<2 {
                for r in 0..<h {
                    for c in 0..<w {
                        for e in 0..<channels {
                            var sum = i[2][e]
                            for ky in 0..<kernel {
                                for kx in 0..<kernel {
                                    let yy = r + ky - kernel / 2, xx = c + kx - kernel / 2
                                    guard (0..<h).contains(yy), (0..<w).contains(xx) else { continue }
                                    sum += i[0][((n * h + yy) * w + xx) * channels + e] * i[1][(ky * kernel + kx) * channels + e]
                                }
                            }
                            y[((n * h + r) * w + c) * channels + e] = sum
                        }
                    }
                }
            }
            return y
        }
    }

    @Test(arguments: [2, 4]) func patchConvolution(kernel: Int) throws {
        try checkOperator([.init([2, 8, 12, 3]), .init([5, kernel, kernel, 3]), .init([5])], half: [0]) {
            $0.patchConvolution($1[0], weight: $1[1], bias: $1[2], kernel: kernel)
        } reference: {
            Self.addBias(Self.convolution($0[0], $0[1], kernel: kernel, stride: kernel, padding: 0), $0[2])
        }
    }

    @Test(arguments: [false, true]) func transposedConvolution(hasBias: Bool) throws {
        let (h, w, input, output) = (3, 4, 6, 5)
        try checkOperator([.init([2, h, w, input]), .init([input, 2, 2, output]), .init([output])], half: [0]) {
            $0.transposedConvolution($1[0], weight: $1[1], bias: hasBias ? $1[2] : nil, kernel: 2)
        } reference: { i in
            var y = Reference(zeros: [2, h * 2, w * 2, output])
            for n in 0..<2 {
                for r in 0..<(h * 2) {
                    for c in 0..<(w * 2) {
                        for o in 0..<output {
                            y[((n * h * 2 + r) * w * 2 + c) * output + o] = (0..<input).reduce(hasBias ? i[2][o] : 0) {
                                $0 + i[0][((n * h + r / 2) * w + c / 2) * input + $1] * i[1][(($1 * 2 + r % 2) * 2 + c % 2) * output + o]
                            }
                        }
                    }
                }
            }
            return y
        }
    }

    @Test func shufflePool() throws {
        let (h, w, r) = (3, 4, 4)
        try checkOperator([.init([2, h, w, r * r]), .init([1])]) {
            $0.shufflePool($1[0], factor: r, bias: $1[1])
        } reference: { i in
            var y = Reference(zeros: [2, h * r, w * r])
            func shuffled(_ n: Int, _ row: Int, _ column: Int) -> Double {
                guard row >= 0, column >= 0 else { return 0 }
                return i[0][((n * h + row / r) * w + column / r) * r * r + (row % r) * r + column % r]
            }
            for n in 0..<2 {
                for row in 0..<(h * r) {
                    for column in 0..<(w * r) {
                        var sum = 0.0
                        for dy in 0..<r { for dx in 0..<r { sum += shuffled(n, row - dy, column - dx) } }
                        y[(n * h * r + row) * w * r + column] = sum / Double(r * r) + i[1][0]
                    }
                }
            }
            return y
        }
    }

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
            let full = Self.addBias(Self.convolution(i[0], i[1], kernel: 3, padding: 1), i[2])
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
