// Every operator of the tape: value against float64, gradient against central differences in float64, on odd sizes.
import EmulatedGPU
import Foundation
import Tensors
import Testing

@Suite struct OperatorTests {
    // MARK: Linear maps

    static func linear(_ x: Reference, _ w: Reference, _ b: Reference?) -> Reference {
        let input = w.values.count / w.shape[0], output = w.shape[0], rows = x.values.count / input
        var y = Reference(zeros: [rows, output])
        for r in 0..<rows {
            for o in 0..<output {
                var sum = b?[o] ?? 0
                for i in 0..<input { sum += x[r * input + i] * w[o * input + i] }
                y[r * output + o] = sum
            }
        }
        return y
    }

    @Test func linear() throws {
        try checkOperator([.init([2, 5, 7]), .init([3, 7]), .init([3])], half: [0]) {
            $0.linear($1[0], weight: $1[1], bias: $1[2])
        } reference: {
            Self.linear($0[0], $0[1], $0[2])
        }
    }

    /// Where no library multiplies bf16, products go through float32.
    @Test(.enabled(if: (try? CPUBackend(threads: 1, engine: .openBLAS)) != nil, "no OpenBLAS")) func linearThroughFloat() throws {
        try checkOperator([.init([2, 5, 7]), .init([3, 7]), .init([3])], half: [0], engine: .openBLAS) {
            $0.linear($1[0], weight: $1[1], bias: $1[2])
        } reference: {
            Self.linear($0[0], $0[1], $0[2])
        }
    }

    @Test func linearRowsOfPackedParameter() throws {
        try checkOperator([.init([4, 6]), .init([9, 6]), .init([9])], half: [0]) {
            $0.linear($1[0], weight: $1[1].parameterRows(3..<6), bias: $1[2].parameterRows(3..<6))
        } reference: {
            Self.linear($0[0], Reference([3, 6], Array($0[1].values[18..<36])), Reference([3], Array($0[2].values[3..<6])))
        }
    }

    @Test func sequenceLinear() throws {
        try checkOperator([.init([2, 6, 5]), .init([3, 6])]) {
            $0.sequenceLinear($1[0], weight: $1[1])
        } reference: { inputs in
            var y = Reference(zeros: [2, 3, 5])
            for b in 0..<2 {
                for t in 0..<3 {
                    for c in 0..<5 {
                        y[(b * 3 + t) * 5 + c] = (0..<6).reduce(0) { $0 + inputs[1][t * 6 + $1] * inputs[0][(b * 6 + $1) * 5 + c] }
                    }
                }
            }
            return y
        }
    }

    // MARK: Pointwise

    @Test func activations() throws {
        try checkOperator([.init([3, 37], scale: 4)], half: [0]) {
            $0.activate(.gelu, $1[0])
        } reference: {
            $0[0].map { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }
        }
        try checkOperator([.init([3, 37], scale: 3)], half: [0]) {
            $0.activate(.tanh, $1[0])
        } reference: {
            $0[0].map(tanh)
        }
        try checkOperator([.init([3, 37], scale: 30)]) {
            $0.activate(.softplus, $1[0])
        } reference: {
            $0[0].map { $0 > 20 ? $0 : log1p(exp($0)) }
        }
        try checkOperator([.init([3, 37], scale: 6)]) {
            $0.activate(.sigmoid, $1[0])
        } reference: {
            $0[0].map { 1 / (1 + exp(-$0)) }
        }
        try checkOperator([.init([3, 37])], half: [0]) {
            $0.activate(.leakyReLU(slope: 0.01), $1[0])
        } reference: {
            $0[0].map { $0 > 0 ? $0 : 0.01 * $0 }
        }
    }

    @Test func sums() throws {
        try checkOperator([.init([2, 9]), .init([2, 9])], half: [0, 1]) {
            $0.add($1[0], $1[1])
        } reference: {
            Reference([2, 9], zip($0[0].values, $0[1].values).map(+))
        }
        try checkOperator([.init([2, 9])], half: [0]) {
            $0.add($1[0], $1[0])
        } reference: {
            $0[0].map { 2 * $0 }
        }
        try checkOperator([.init([2, 9]), .init([2, 9]), .init([1])], half: [0, 1]) {
            $0.addScaled($1[0], $1[1], scale: $1[2])
        } reference: { inputs in
            Reference([2, 9], zip(inputs[0].values, inputs[1].values).map { $0 + inputs[2][0] * $1 })
        }
    }

    @Test func tables() throws {
        let table = [Float](stride(from: -1, to: 1, by: 0.1)).prefix(15).map { $0 }
        try checkOperator([.init([2, 3, 5])], half: [0]) {
            $0.addPositionalEmbedding($1[0], $0.backend.tensor(table, [3, 5]))
        } reference: { inputs in
            Reference([2, 3, 5], inputs[0].values.enumerated().map { $1 + Double(table[$0 % 15]) })
        }
    }

    @Test func columnsAndConcatenation() throws {
        try checkOperator([.init([4, 11])], half: [0]) { tape, x in
            tape.concatenate(tape.columns(x[0], 2..<7), tape.columns(x[0], 5..<11))
        } reference: { inputs in
            Reference([4, 11], (0..<4).flatMap { r in [2, 3, 4, 5, 6, 5, 6, 7, 8, 9, 10].map { inputs[0][r * 11 + $0] } })
        }
    }

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

    @Test(arguments: [5, 96]) func layerNorm(channels: Int) throws {
        try checkOperator([.init([7, channels]), .init([channels], around: 1), .init([channels])], half: [0]) {
            $0.layerNorm($1[0], gamma: $1[1], beta: $1[2], epsilon: 1e-5)
        } reference: { inputs in
            var y = inputs[0]
            for r in 0..<7 {
                let row = Array(inputs[0].values[(r * channels)..<((r + 1) * channels)])
                let mean = row.reduce(0, +) / Double(channels)
                let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(channels)
                for c in 0..<channels {
                    y[r * channels + c] = (row[c] - mean) / (variance + 1e-5).squareRoot() * inputs[1][c] + inputs[2][c]
                }
            }
            return y
        }
    }

    @Test(arguments: [1.0, 0.01]) func batchNorm(slope: Double) throws {
        let rows = 2 * 3 * 5, channels = 7
        try checkOperator([.init([2, 3, 5, channels]), .init([channels], around: 1), .init([channels])], half: [0]) { tape, x in
            tape.batchNorm(
                x[0], gamma: x[1], beta: x[2], runningMean: tape.backend.zeros([channels]), runningVariance: tape.backend.zeros([channels]),
                slope: Float(slope))
        } reference: { inputs in
            var y = inputs[0]
            for c in 0..<channels {
                let column = (0..<rows).map { inputs[0][$0 * channels + c] }
                let mean = column.reduce(0, +) / Double(rows)
                let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
                for r in 0..<rows {
                    let value = (column[r] - mean) / (variance + 1e-5).squareRoot() * inputs[1][c] + inputs[2][c]
                    y[r * channels + c] = value > 0 ? value : slope * value
                }
            }
            return y
        }
    }

    /// A bias before the norm: as if it were added to x, with the statistics of the batch and with the running ones.
    @Test(arguments: [Mode.training, .explanation]) func batchNormOfAnOffset(mode: Mode) throws {
        let rows = 2 * 3 * 5, channels = 7
        let mean = (0..<channels).map { 0.1 * Double($0) - 0.3 }, variance = (0..<channels).map { 0.5 + 0.2 * Double($0) }
        try checkOperator(
            [.init([2, 3, 5, channels]), .init([channels]), .init([channels], around: 1), .init([channels])], half: [0], mode: mode
        ) { tape, x in
            tape.batchNorm(
                x[0], offset: x[1], gamma: x[2], beta: x[3], runningMean: tape.backend.tensor(mean.map(Float.init), [channels]),
                runningVariance: tape.backend.tensor(variance.map(Float.init), [channels]), slope: 0)
        } reference: { inputs in
            var y = inputs[0]
            for c in 0..<channels {
                let column = (0..<rows).map { inputs[0][$0 * channels + c] + inputs[1][c] }
                let average = column.reduce(0, +) / Double(rows)
                let spread = column.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(rows)
                let (m, v) = mode.statistics == .batch ? (average, spread) : (mean[c], variance[c])
                for r in 0..<rows { y[r * channels + c] = max(0, (column[r] - m) / (v + 1e-5).squareRoot() * inputs[2][c] + inputs[3][c]) }
            }
            return y
        }
    }

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
        let expected = (0..<6).map { (Double([0, 1, 2, 3, 4, 8][$0]) - [1.1, 2.2][$0 % 2]) / ([3.1, 4.9][$0 % 2] + 1e-5).squareRoot() }
        #expect(zip(backend.values(y), expected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }

    @Test(arguments: NumberFormat.allCases) func gatherRows(format: NumberFormat) throws {
        for backend in [try CPUBackend(threads: 2), try EmulatedGPU.backend()] as [any Backend] {
            let table = backend.tensor((0..<(5 * 300)).map { Float($0 % 251) }, [5, 300])
            let tape = Tape(backend: backend, mode: .inference)
            let y = tape.convert(tape.gatherRows(tape.convert(table, to: format), backend.rowNumbers([3, 0, 3, 4])), to: .float32)
            try backend.check()
            let expected = [3, 0, 3, 4].flatMap { row in (0..<300).map { Float((row * 300 + $0) % 251) } }
            #expect(y.shape == [4, 300] && backend.values(y) == expected, "\(backend.summary)")
        }
    }

    // MARK: Sequences

    @Test func attention() throws {
        let batch = 2, lq = 5, lk = 3, heads = 2, d = 4
        try checkOperator(
            [.init([batch, lq, heads * d]), .init([batch, lk, heads * d]), .init([batch, lk, heads * d])], half: [0, 1, 2]
        ) {
            $0.attention($1[0], $1[1], $1[2], heads: heads)
        } reference: {
            Self.attention($0, heads: heads) { _, _ in true }
        }
        let mask: [UInt8] = [1, 1, 0, 1, 0, 0]
        try checkOperator(
            [.init([batch, lq, heads * d]), .init([batch, lk, heads * d]), .init([batch, lk, heads * d])], half: [0, 1, 2]
        ) {
            $0.attention($1[0], $1[1], $1[2], heads: heads, mask: $0.backend.bytes(mask, [batch, lk]))
        } reference: {
            Self.attention($0, heads: heads) { mask[$0 * lk + $1] != 0 }
        }
    }

    static func attention(_ inputs: [Reference], heads: Int, keep: (Int, Int) -> Bool) -> Reference {
        let (q, k, v) = (inputs[0], inputs[1], inputs[2])
        let batch = q.shape[0], lq = q.shape[1], lk = k.shape[1], c = q.shape[2], d = c / heads
        var y = Reference(zeros: q.shape)
        for b in 0..<batch {
            for h in 0..<heads {
                for i in 0..<lq {
                    let scores = (0..<lk).map { j -> Double in
                        guard keep(b, j) else { return -.infinity }
                        return (0..<d).reduce(0) { $0 + q[(b * lq + i) * c + h * d + $1] * k[(b * lk + j) * c + h * d + $1] }
                            / Double(d).squareRoot()
                    }
                    let weights = scores.map { exp($0) }, total = weights.reduce(0, +)
                    for e in 0..<d {
                        y[(b * lq + i) * c + h * d + e] = (0..<lk).reduce(0) { $0 + weights[$1] / total * v[(b * lk + $1) * c + h * d + e] }
                    }
                }
            }
        }
        return y
    }

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

    @Test func convolution1D() throws {
        try checkOperator([.init([2, 6, 9]), .init([4, 5])]) {
            $0.convolution1D($1[0], columns: 3..<8, weight: $1[1], left: 1)
        } reference: { i in
            var y = Reference(zeros: [2, 6, 5])
            for b in 0..<2 {
                for l in 0..<6 {
                    for c in 0..<5 {
                        for j in 0..<4 where (0..<6).contains(l + j - 1) {
                            y[(b * 6 + l) * 5 + c] += i[1][j * 5 + c] * i[0][(b * 6 + l + j - 1) * 9 + 3 + c]
                        }
                    }
                }
            }
            return y
        }
    }

    @Test func softplusWithBias() throws {
        try checkOperator([.init([3, 8]), .init([8])]) {
            $0.softplus($1[0], bias: $1[1])
        } reference: { i in
            Reference([3, 8], (0..<24).map { log1p(exp(i[0][$0] + i[1][$0 % 8])) })
        }
    }

    @Test func selectiveScan() throws {
        let batch = 2, length = 7, width = 5, state = 3, packed = 9
        try checkOperator([
            .init([batch, length, width]), .init([batch, length, width], scale: 0.4, around: 0.5), .init([width, state]), .init([width]),
            .init([batch, length, packed]),
        ]) {
            $0.selectiveScan($1[0], step: $1[1], logA: $1[2], skip: $1[3], projections: $1[4], b: 2..<5, c: 6..<9)
        } reference: { i in
            var y = Reference(zeros: [batch, length, width])
            for b in 0..<batch {
                for e in 0..<width {
                    var h = [Double](repeating: 0, count: state)
                    for l in 0..<length {
                        let row = b * length + l, u = i[0][row * width + e], dt = i[1][row * width + e]
                        var sum = i[3][e] * u
                        for n in 0..<state {
                            h[n] = exp(dt * -exp(i[2][e * state + n])) * h[n] + dt * i[4][row * packed + 2 + n] * u
                            sum += h[n] * i[4][row * packed + 6 + n]
                        }
                        y[row * width + e] = sum
                    }
                }
            }
            return y
        }
    }
}
