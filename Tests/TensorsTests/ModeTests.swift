// The three switches of a mode, each alone and with the others, and gradients of interior activations.
import EmulatedGPU
import OperatorCases
import Tensors
import Testing

@Suite struct ModeTests {
    static let all: [Mode] = [true, false].flatMap { records in
        [true, false].flatMap { dropout in
            BatchStatistics.allCases.map { Mode(recordsGradients: records, dropout: dropout, statistics: $0) }
        }
    }

    private struct Pass {
        let output: [Float], gradient: [Float]?, runningMean: [Float]
    }

    /// Batch norm, then dropout, of fixed numbers.
    private func pass(_ mode: Mode, dropoutSeed: UInt64 = 3) throws -> Pass {
        let backend = try CPUBackend(threads: 1)
        var random = TestRandom(8)
        let flat = backend.tensor(random.values(40, around: 2).map(Float.init), [40])
        let x = flat.parameterView([10, 4], at: 0, gradients: backend.zeros([40]))
        let gamma = backend.tensor([1, 2, 3, 4], [4]), beta = backend.tensor([0.5, 0, -0.5, 1], [4])
        let mean = backend.tensor([1, 1, 1, 1], [4]), variance = backend.tensor([4, 4, 4, 4], [4])
        let tape = Tape(backend: backend, mode: mode, dropoutSeed: dropoutSeed)
        let y = tape.dropout(
            tape.batchNorm(x, gamma: gamma, beta: beta, runningMean: mean, runningVariance: variance, slope: 0.1), probability: 0.5)
        tape.start(backend.tensor([Float](repeating: 1, count: 40), [10, 4]), at: y)
        tape.backward()
        try backend.check()
        let gradient = x.gradient.map { backend.values($0) } ?? []
        return Pass(
            output: backend.values(y), gradient: gradient.contains { $0 != 0 } ? gradient : nil, runningMean: backend.values(mean))
    }

    @Test(arguments: all) func everyCombinationDoesWhatItSays(mode: Mode) throws {
        let found = try pass(mode)
        #expect((found.gradient != nil) == mode.recordsGradients)
        #expect(found.output.contains(0) == mode.dropout)
        #expect((found.runningMean != [1, 1, 1, 1]) == (mode.statistics == .batch))
        // Recording changes no output, and dropout only which elements are kept.
        var other = mode
        other.recordsGradients.toggle()
        #expect(try pass(other).output == found.output)
        other.dropout = false
        let whole = try pass(other).output
        for (kept, value) in zip(found.output, whole) where kept != 0 { #expect(abs(kept - (mode.dropout ? 2 : 1) * value) < 1e-6) }
    }

    @Test func samplingDrawsAnotherDropoutForEachSeed() throws {
        #expect(try pass(.sampling, dropoutSeed: 1).output == pass(.sampling, dropoutSeed: 1).output)
        #expect(try pass(.sampling, dropoutSeed: 1).output != pass(.sampling, dropoutSeed: 2).output)
    }

    @Test(arguments: [1, 0.2, 0]) func batchNormWithRunningStatisticsHasItsGradient(slope: Double) throws {
        let channels = 8
        let means = (0..<channels).map { Double($0) * 0.1 - 0.3 }, variances = (0..<channels).map { 0.5 + Double($0) * 0.25 }
        try checkOperator(
            [.init([2, 3, 5, channels]), .init([channels], around: 1.5), .init([channels])], half: [0], mode: .explanation
        ) { tape, x in
            tape.batchNorm(
                x[0], gamma: x[1], beta: x[2], runningMean: tape.backend.tensor(means.map(Float.init), [channels]),
                runningVariance: tape.backend.tensor(variances.map(Float.init), [channels]), slope: Float(slope))
        } reference: { inputs in
            var y = inputs[0]
            for index in y.values.indices {
                let c = index % channels
                let value = (y[index] - means[c]) / (variances[c] + 1e-5).squareRoot() * inputs[1][c] + inputs[2][c]
                y[index] = value > 0 ? value : slope * value
            }
            return y
        }
    }

    /// The last part of a network without parameter gradients, as for a class activation map: convolution, batch norm with running
    /// statistics, sum.
    @Test(arguments: [false, true]) func anInteriorGradientEqualsDifferences(onGPU: Bool) throws {
        let backend: any Backend = onGPU ? try EmulatedGPU.backend() : try CPUBackend(threads: 1)
        var random = TestRandom(4)
        func tensor(_ shape: [Int]) -> Tensor { backend.tensor(random.values(shape.reduce(1, *)).map(Float.init), shape) }
        let image = tensor([1, 5, 5, 4]), first = tensor([8, 3, 3, 4]), second = tensor([8, 3, 3, 8])
        let gamma = tensor([8]), beta = tensor([8]), mean = tensor([8]), variance = backend.tensor([Float](repeating: 2, count: 8), [8])
        /// From the interior map on; the sum of its output.
        func rest(_ map: Tensor, _ tape: Tape) -> Tensor {
            let y = tape.convolution(map, weight: second, kernel: 3)
            return tape.batchNorm(y, gamma: gamma, beta: beta, runningMean: mean, runningVariance: variance, slope: 1)
        }
        let tape = Tape(backend: backend, mode: .explanation, taps: TapRequest(values: ["map"], gradients: ["map", "nowhere"]))
        let map = tape.tap("map", tape.activate(.gelu, tape.convolution(image, weight: first, kernel: 3)))
        let output = rest(map, tape)
        tape.start(backend.tensor([Float](repeating: 1, count: output.count), output.shape), at: output)
        tape.backward()
        try backend.check()
        #expect(tape.tapNames == ["map"] && tape.missingTaps == ["nowhere"])
        let values = backend.values(try #require(tape.tapped["map"]))
        let gradient = backend.values(try #require(tape.tapGradients["map"]))
        func sum(_ values: [Float]) -> Double {
            let tape = Tape(backend: backend, mode: .inference)
            return backend.values(rest(backend.tensor(values, map.shape), tape)).reduce(0) { $0 + Double($1) }
        }
        for index in stride(from: 0, to: values.count, by: 17) {
            var up = values, down = values
            up[index] += 0.125
            down[index] -= 0.125
            // The rest is linear, so the difference may be wide.
            let numeric = (sum(up) - sum(down)) / 0.25
            #expect(abs(numeric - Double(gradient[index])) < 2e-4 * max(1, abs(numeric)), "element \(index)")
        }
    }

    @Test func tapsThatNobodyAskedForChangeNothing() throws {
        let backend = try CPUBackend(threads: 1)
        let x = backend.zeros([4])
        let training = Tape(backend: backend, mode: .training)
        #expect(training.tap("x", x) === x && training.tapped.isEmpty)
        // A tape that does not record keeps values alone.
        let inference = Tape(backend: backend, mode: .inference, taps: TapRequest(values: ["x"], gradients: ["x"]))
        #expect(inference.tap("x", x) === x && inference.tapped["x"] === x)
    }
}
