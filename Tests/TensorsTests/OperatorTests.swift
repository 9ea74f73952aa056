// What operators do beside their arithmetic (OperatorCaseTests): what is kept, dropped and moved.
import EmulatedGPU
import Foundation
import OperatorCases
import Tensors
import Testing

@Suite struct OperatorTests {
    // MARK: Linear maps

    /// Where no library multiplies bf16, products go through float32.
    @Test(.enabled(if: (try? CPUBackend(threads: 1, engine: .openBLAS)) != nil, "no OpenBLAS")) func linearThroughFloat() throws {
        try checkOperator([.init([2, 5, 7]), .init([3, 7]), .init([3])], half: [0], engine: .openBLAS) {
            $0.linear($1[0], weight: $1[1], bias: $1[2])
        } reference: {
            OperatorCase.linear($0[0], $0[1], $0[2])
        }
    }

    // MARK: Pointwise

    @Test func dropoutKeepsTheExpectedShareAndItsGradientMatches() throws {
        let backend = try CPUBackend(threads: 2)
        let n = 20_000
        let x = backend.tensor([Float](repeating: 1, count: n), [n]).parameterView([n], at: 0, gradients: backend.zeros([n]))
        let tape = Tape(backend: backend, mode: .training, dropoutSeed: 11)
        let y = tape.dropout(x, probability: 0.1)
        let values = backend.values(y)
        let kept = values.filter { $0 != 0 }.count
        #expect(abs(Double(kept) / Double(n) - 0.9) < 0.01)
        #expect(values.allSatisfy { $0 == 0 || abs($0 - 1 / 0.9) < 1e-6 })
        tape.start(backend.tensor([Float](repeating: 1, count: n), [n]), at: y)
        tape.backward()
        #expect(x.gradient.map(backend.values) == values)
        let again = Tape(backend: backend, mode: .training, dropoutSeed: 11)
        #expect(backend.values(again.dropout(x, probability: 0.1)) == values)
        let other = Tape(backend: backend, mode: .training, dropoutSeed: 12)
        #expect(backend.values(other.dropout(x, probability: 0.1)) != values)
        for tape in [again, other] { tape.discard() }
        #expect(Tape(backend: backend, mode: .inference).dropout(x, probability: 0.1) === x)
    }

    @Test(arguments: [true, false]) func aTapeEndsByBackwardOrByBeingDiscarded(backward: Bool) throws {
        let backend = try CPUBackend(threads: 1)
        let x = backend.tensor([1, 2], [2], requiresGradient: true)
        weak var kept: Tape?
        do {
            let tape = Tape(backend: backend, mode: .training)
            kept = tape
            let y = tape.dropout(x, probability: 0.5)
            if backward {
                tape.start(backend.tensor([1, 1], [2]), at: y)
                tape.backward()
            } else {
                tape.discard()
            }
        }
        #expect(kept == nil)
    }

    // MARK: Normalisation

    @Test func anOffsetMovesTheRunningMean() throws {
        let backend = try CPUBackend(threads: 1), one = backend.tensor([1, 1], [2]), zero = backend.zeros([2])
        let mean = backend.tensor([1, 2], [2]), variance = backend.tensor([3, 4], [2])
        _ = Tape(backend: backend, mode: Mode(recordsGradients: false, dropout: false, statistics: .batch)).batchNorm(
            backend.tensor([0, 1, 2, 3, 4, 8], [3, 2]), offset: backend.tensor([10, -10], [2]), gamma: one, beta: zero, runningMean: mean,
            runningVariance: variance, slope: 1)
        #expect(zip(backend.values(mean), [2.1, 1.2]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(zip(backend.values(variance), [3.1, 4.9]).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test func batchNormRunningStatistics() throws {
        let backend = try CPUBackend(threads: 2)
        let mean = backend.tensor([1, 2], [2]), variance = backend.tensor([3, 4], [2])
        let x = backend.tensor([0, 1, 2, 3, 4, 8], [3, 2], requiresGradient: true)
        let one = backend.tensor([1, 1], [2]), zero = backend.zeros([2])
        let tape = Tape(backend: backend, mode: .training)
        _ = tape.batchNorm(x, gamma: one, beta: zero, runningMean: mean, runningVariance: variance, slope: 1)
        tape.discard()
        // Columns 0,2,4 and 1,3,8: means 2 and 4, unbiased variances 4 and 13.
        #expect(zip(backend.values(mean), [1.1, 2.2]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(zip(backend.values(variance), [3.1, 4.9]).allSatisfy { abs($0 - $1) < 1e-5 })
        let y = Tape(backend: backend, mode: .inference).batchNorm(
            x, gamma: one, beta: zero, runningMean: mean, runningVariance: variance, slope: 1)
        let values: [Double] = [0, 1, 2, 3, 4, 8], means = [1.1, 2.2], variances = [3.1, 4.9]
        let expected = values.indices.map { (values[$0] - means[$0 % 2]) / (variances[$0 % 2] + 1e-5).squareRoot() }
        #expect(zip(backend.values(y), expected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }

    @Test(arguments: NumberFormat.allCases) func gatherRows(format: NumberFormat) throws {
        for backend in [try CPUBackend(threads: 2), try EmulatedGPU.backend()] as [any Backend] {
            let values = (0..<(5 * 300)).map { Float($0 % 251) }, table = backend.tensor(values, [5, 300])
            let tape = Tape(backend: backend, mode: .inference)
            let y = tape.convert(tape.gatherRows(tape.convert(table, to: format), backend.rowNumbers([3, 0, 3, 4])), to: .float32)
            try backend.check()
            let expected = [3, 0, 3, 4].flatMap { row in values[(row * 300)..<(row * 300 + 300)] }
            #expect(y.shape == [4, 300] && backend.values(y) == expected, "\(backend.summary)")
        }
    }

    // MARK: Sequences

    @Test func attentionDropoutHasTheRightGradient() throws {
        // The kept set is a function of the seed, so differences of the operator itself are a fair check.
        let backend = try CPUBackend(threads: 2)
        var random = TestRandom(3)
        let shape = [1, 6, 8]
        let inputs = (0..<3).map { _ in random.values(48).map(Float.init) }
        let weights = random.values(48).map(Float.init)
        func run(_ inputs: [[Float]], backward: Bool) -> (Double, [[Float]]) {
            let x = inputs.map { backend.tensor($0, [48]).parameterView(shape, at: 0, gradients: backend.zeros([48])) }
            let tape = Tape(backend: backend, mode: .training, dropoutSeed: 9)
            let y = tape.attention(x[0], x[1], x[2], heads: 2, dropout: 0.5)
            let value = zip(backend.values(y), weights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            if backward {
                tape.start(backend.tensor(weights, shape), at: y)
                tape.backward()
            } else {
                tape.discard()
            }
            return (value, x.map { $0.gradient.map(backend.values) ?? [] })
        }
        let gradients = run(inputs, backward: true).1
        for number in 0..<3 {
            for index in stride(from: 0, to: 48, by: 5) {
                var up = inputs, down = inputs
                up[number][index] += 1e-2
                down[number][index] -= 1e-2
                let numeric = (run(up, backward: false).0 - run(down, backward: false).0) / 2e-2
                #expect(abs(numeric - Double(gradients[number][index])) < 2e-3)
            }
        }
    }

}
