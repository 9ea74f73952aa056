// What max pooling does with equal values and with what is no number; its arithmetic is in the table of operators (OperatorCases).
import EmulatedGPU
import Tensors
import Testing

@Suite struct MaxPoolingTests {
    /// Of equal values the first, row by row, takes the gradient; what is not a number is kept, and takes it.
    @Test(arguments: NumberFormat.allCases) func theFirstOfEqualValuesTakesTheGradient(format: NumberFormat) throws {
        let values: [Float] = [1, 1, 1, 1, 0, 2, 2, 2, 0, 0, 3, 1, .nan, 5, 0, 0], places = [0, 1, 2, 0]
        for backend in [try CPUBackend(threads: 2), try EmulatedGPU.backend()] as [any Backend] {
            for channels in [1, 8] {
                // Window n is column n of the windows; all channels alike.
                func repeated(_ values: [Float]) -> [Float] { values.flatMap { [Float](repeating: $0, count: channels) } }
                var pixels: [Float] = []
                for row in 0..<2 { for n in 0..<4 { pixels += values[(n * 4 + row * 2)..<(n * 4 + row * 2 + 2)] } }
                let x = backend.tensor(repeated(pixels), [pixels.count * channels])
                    .parameterView([1, 2, 8, channels], at: 0, gradients: backend.zeros([pixels.count * channels]))
                let tape = Tape(backend: backend, mode: .training)
                let y = tape.maxPool(tape.convert(x, to: format))
                let found = backend.values(y)
                tape.start(tape.convert(backend.tensor([Float](repeating: 1, count: y.count), y.shape), to: format), at: y)
                tape.backward()
                try backend.check()
                #expect(Array(found.prefix(3 * channels)) == repeated([1, 2, 3]))
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
