// Drop path: which samples are dropped, what is left of the others, and the same decisions on every device.
import EmulatedGPU
import Tensors
import Testing

@Suite struct DropPathTests {
    /// Samples are dropped whole, about as many as asked for, the same ones on both devices and in both formats, and the gradient goes the
    /// same way.
    @Test(arguments: NumberFormat.allCases) func samplesAreDroppedWhole(format: NumberFormat) throws {
        var decisions: [[Bool]] = []
        for backend in [try CPUBackend(threads: 2), try EmulatedGPU.backend()] as [any Backend] {
            let samples = 400, each = 21
            func leaf(_ value: Float) -> Tensor {
                backend.tensor([Float](repeating: value, count: samples * each), [samples * each])
                    .parameterView([samples, 7, 3], at: 0, gradients: backend.zeros([samples * each]))
            }
            let x = leaf(1), branch = leaf(3), tape = Tape(backend: backend, mode: .training, dropoutSeed: 9)
            let y = tape.convert(
                tape.addPath(tape.convert(x, to: format), tape.convert(branch, to: format), dropped: 0.25), to: .float32)
            let values = backend.values(y)
            tape.start(backend.tensor([Float](repeating: 3, count: y.count), y.shape), at: y)
            tape.backward()
            try backend.check()
            let gradients = try [x, branch].map { backend.values(try #require($0.gradient)) }
            #expect(gradients[0].allSatisfy { $0 == 3 })
            var kept: [Bool] = []
            for b in 0..<samples {
                let part = values[(b * each)..<((b + 1) * each)], slope = gradients[1][(b * each)..<((b + 1) * each)]
                kept.append(part.first == 5)
                #expect(part.allSatisfy { $0 == (kept[b] ? 5 : 1) } && slope.allSatisfy { $0 == (kept[b] ? 4 : 0) }, "sample \(b)")
            }
            #expect((270...330).contains(kept.filter { $0 }.count))
            decisions.append(kept)
        }
        #expect(decisions[0] == decisions[1])
    }

    @Test func aSampleIsDroppedAloneAsInABatch() throws {
        let backend = try CPUBackend(threads: 1)
        func values(_ batch: Int, seed: UInt64) -> [Float] {
            let tape = Tape(backend: backend, mode: .sampling, dropoutSeed: seed),
                one = backend.tensor(.init(repeating: 1, count: batch), [batch, 1])
            return backend.values(tape.addPath(one, one, dropped: 0.5))
        }
        #expect(values(3, seed: 4) == Array(values(50, seed: 4).prefix(3)))
        #expect(values(50, seed: 4) != values(50, seed: 5))
    }
}
