// Max pooling: value against float64, gradient against central differences in float64, and what decides between equal values.
import EmulatedGPU
import Tensors
import Testing

@Suite struct MaxPoolingTests {
    static func maxPool(_ x: Reference, size k: Int) -> Reference {
        let (b, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        var y = Reference(zeros: [b, h / k, w / k, c])
        for index in y.values.indices {
            let e = index % c, column = index / c % (w / k), row = index / c / (w / k) % (h / k), n = index / c / (w / k) / (h / k)
            y[index] = (0..<(k * k)).map { x[((n * h + row * k + $0 / k) * w + column * k + $0 % k) * c + e] }.max() ?? 0
        }
        return y
    }

    @Test(arguments: [(4, 6, 3, 2), (5, 7, 16, 2), (2, 2, 21, 2), (7, 9, 8, 3)]) func maxPool(
        height: Int, width: Int, channels: Int, size: Int
    ) throws {
        try checkOperator([.init([2, height, width, channels])], half: [0]) {
            $0.maxPool($1[0], size: size)
        } reference: {
            Self.maxPool($0[0], size: size)
        }
    }

    /// The map goes on beside the pooling, as to a U-Net's decoder: its gradient is the sum of both ways.
    @Test func theGradientIsAddedToWhatIsThere() throws {
        try checkOperator([.init([1, 5, 4, 16])], half: [0]) { tape, x in
            let map = tape.activate(.leakyReLU(slope: 0.5), x[0])
            return tape.concatenate(tape.reshape(map, [1, 320]), tape.reshape(tape.maxPool(map), [1, 64]))
        } reference: { i in
            let map = i[0].map { $0 > 0 ? $0 : 0.5 * $0 }
            return Reference([1, 384], map.values + Self.maxPool(map, size: 2).values)
        }
    }

    /// Of equal values the first, row by row, takes the gradient; what is not a number is kept, and takes it.
    @Test(arguments: NumberFormat.allCases) func theFirstOfEqualValuesTakesTheGradient(format: NumberFormat) throws {
        let values: [Float] = [1, 1, 1, 1, 0, 2, 2, 2, 0, 0, 3, 1, .nan, 5, 0, 0], places = [0, 1, 2, 0]
        for backend in [try CPUBackend(threads: 2), try EmulatedGPU.backend()] as [any Backend] {
            for channels in [1, 8] {
                // Window n is column n of the windows; all channels alike.
                let pixels = (0..<2).flatMap { row in (0..<4).flatMap { n in (0..<2).map { values[n * 4 + row * 2 + $0] } } }
                let x = backend.tensor(pixels.flatMap { [Float](repeating: $0, count: channels) }, [pixels.count * channels])
                    .parameterView([1, 2, 8, channels], at: 0, gradients: backend.zeros([pixels.count * channels]))
                let tape = Tape(backend: backend, mode: .training)
                let y = tape.maxPool(tape.convert(x, to: format))
                let found = backend.values(y)
                tape.start(tape.convert(backend.tensor([Float](repeating: 1, count: y.count), y.shape), to: format), at: y)
                tape.backward()
                try backend.check()
                #expect(found.prefix(3 * channels) == ([1, 2, 3] as [Float]).flatMap { [Float](repeating: $0, count: channels) }[...])
                #expect(found.suffix(channels).allSatisfy { $0.isNaN })
                let gradient = try #require(x.gradient.map { backend.values($0) })
                for (pixel, value) in stride(from: 0, to: gradient.count, by: channels).map({ gradient[$0] }).enumerated() {
                    let n = pixel % 8 / 2, place = pixel / 8 * 2 + pixel % 2
                    #expect(value == (places[n] == place ? 1 : 0), "window \(n), place \(place) on \(backend.summary)")
                }
            }
        }
    }
}
