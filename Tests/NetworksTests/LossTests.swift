// Losses: value against float64 formulas (the spectrum by a plain DFT), gradient against central differences of them.
import Foundation
import Networks
import Randomness
import Tensors
import Testing

@Suite struct LossTests {
    fileprivate static let batch = 2, height = 6, width = 8

    static func reference(_ p: [Double], _ g: [Double], _ c: LossConfiguration) -> Double {
        let map = height * width, count = Double(p.count)
        var dice = 0.0, bce = 0.0, entropy = 0.0, spectral = 0.0
        for b in 0..<batch {
            let range = (b * map)..<((b + 1) * map)
            let both = range.reduce(0) { $0 + p[$1] * g[$1] }, sums = range.reduce(0) { $0 + p[$1] + g[$1] }
            dice += (2 * both + 1e-6) / (sums + 1e-6)
            for u in 0..<height {
                for v in 0..<width {
                    var f = (p: (0.0, 0.0), g: (0.0, 0.0))
                    for y in 0..<height {
                        for x in 0..<width {
                            let turns = Double(u * y) / Double(height) + Double(v * x) / Double(width)
                            let angle = -2 * Double.pi * turns
                            let i = b * map + y * width + x
                            f.p.0 += p[i] * cos(angle)
                            f.p.1 += p[i] * sin(angle)
                            f.g.0 += g[i] * cos(angle)
                            f.g.1 += g[i] * sin(angle)
                        }
                    }
                    let difference = (hypot(f.p.0, f.p.1) - hypot(f.g.0, f.g.1)) / Double(map).squareRoot()
                    spectral += difference * difference
                }
            }
        }
        for i in p.indices {
            bce -= g[i] * log(p[i]) + (1 - g[i]) * log(1 - p[i])
            entropy -= p[i] * log(p[i] + 1e-8)
            if c.entropy == .twoClass || c.name == "seu-paper" { entropy -= (1 - p[i]) * log(1 - p[i] + 1e-8) }
        }
        dice = 1 - dice / Double(batch)
        let both = p.indices.reduce(0) { $0 + p[$1] * g[$1] }, sums = p.indices.reduce(0) { $0 + p[$1] + g[$1] }
        let acrossBatch = 1 - (2 * both + 1e-6) / (sums + 1e-6)
        return switch c.name {
        case "dice": dice
        case "bce": bce / count
        case "dice+bce": dice + bce / count
        case "seu-paper": acrossBatch + Double(c.spectralWeight) * spectral / count + Double(c.entropyWeight) * entropy / count
        case "batch-dice+bce": 0.6 * squaredDiceOfTheBatch(p, g) + 0.4 * bce / count
        case "balanced-dice+bce": 0.5 * squaredDice(p, g) + 0.5 * balancedEntropy(p, g)
        default: dice + Double(c.spectralWeight) * spectral / count + Double(c.entropyWeight) * entropy / count
        }
    }

    /// Both maps halved and e = 1e-5, as published.
    private static func squaredDice(_ p: [Double], _ g: [Double]) -> Double {
        let map = height * width
        return 1 - (0..<batch).reduce(0) { sum, b in
            let range = (b * map)..<((b + 1) * map)
            let both = range.reduce(0) { $0 + p[$1] / 2 * g[$1] / 2 },
                squares = range.reduce(0) { $0 + (p[$1] * p[$1] + g[$1] * g[$1]) / 4 }
            return sum + (2 * both + 1e-5) / (squares + 1e-5)
        } / Double(batch)
    }

    private static func squaredDiceOfTheBatch(_ p: [Double], _ g: [Double]) -> Double {
        let both = p.indices.reduce(0) { $0 + p[$1] * g[$1] }, squares = p.indices.reduce(0) { $0 + p[$1] * p[$1] + g[$1] * g[$1] }
        return 1 - (2 * both + 1e-5) / (squares + 1e-5)
    }

    private static func balancedEntropy(_ p: [Double], _ g: [Double]) -> Double {
        [0.0, 1.0].reduce(0) { sum, class_ in
            let of = p.indices.filter { g[$0] == class_ }
            return sum - 0.5 * of.reduce(0) { $0 + log(class_ == 1 ? p[$1] : 1 - p[$1]) } / Double(max(1, of.count))
        }
    }

    private func fused(_ configuration: LossConfiguration) throws -> any FusedLoss {
        let type = try #require(Losses.all.first { $0.name == configuration.name })
        return try #require(type.init(configuration) as? any FusedLoss)
    }

    @Test(arguments: Losses.names, EntropyForm.allCases) func lossMatchesItsFormulaAndGradient(name: String, form: EntropyForm) throws {
        let backend = try CPUBackend(threads: 2)
        var configuration = LossConfiguration(name)
        configuration.entropy = form
        let count = Self.batch * Self.height * Self.width
        let p: [Double] = (0..<count).map { index in
            let unit = Double(SplitMix64.hash(UInt64(index)) >> 11) * 0x1p-53
            return Double(Float(0.02 + 0.96 * unit))
        }
        let g: [UInt8] = (0..<count).map { UInt8(SplitMix64.hash(UInt64($0 + 999)) % 2) }
        let shape = [Self.batch, Self.height, Self.width]
        let flat = backend.tensor(p.map(Float.init), [count])
        let tensor = flat.parameterView(shape, at: 0, gradients: backend.zeros([count]))
        let tape = Tape(backend: backend, mode: .training)
        let terms = try fused(configuration).evaluate(probabilities: tensor, target: backend.bytes(g, shape), tape: tape)
        let target = g.map(Double.init)
        #expect(abs(terms.total - Self.reference(p, target, configuration)) < 1e-6)
        let gradient: [Float] = tensor.gradient.map { backend.values($0) } ?? []
        for index in stride(from: 0, to: count, by: 7) {
            var up = p, down = p
            up[index] += 1e-6
            down[index] -= 1e-6
            let rise: Double = Self.reference(up, target, configuration) - Self.reference(down, target, configuration)
            let numeric = rise / 2e-6
            let difference: Double = abs(numeric - Double(gradient[index]))
            #expect(difference < 1e-6 + 1e-4 * abs(numeric), "index \(index)")
        }
    }

    @Test func emptyPredictionsAndTargetsAreFinite() throws {
        let backend = try CPUBackend(threads: 1)
        let shape = [1, 8, 8]
        #expect(Losses.partNames == ["dice", "spectral", "entropy", "bce"])
        for name in Losses.names {
            let configuration = LossConfiguration(name)
            let p = backend.zeros([64]).parameterView(shape, at: 0, gradients: backend.zeros([64]))
            let tape = Tape(backend: backend, mode: .training)
            let target = backend.bytes([UInt8](repeating: 0, count: 64), shape)
            let terms = try fused(configuration).evaluate(probabilities: p, target: target, tape: tape)
            #expect(terms.isFinite)
            let gradient: [Float] = p.gradient.map { backend.values($0) } ?? [.nan]
            #expect(gradient.allSatisfy { $0.isFinite })
        }
    }
}

extension LossTests {
    /// A supervised branch counts with its weight, in the loss and in the gradient of its own logits.
    @Test func auxiliaryOutputsCountWithTheirWeights() throws {
        let backend = try CPUBackend(threads: 1)
        let shape = [Self.batch, Self.height, Self.width], count = shape.reduce(1, *)
        let target = backend.bytes((0..<count).map { UInt8(SplitMix64.hash(UInt64($0)) % 2) }, shape)
        func logits(_ seed: UInt64) -> Tensor {
            let values = (0..<count).map { Float(SplitMix64.hash(seed &+ UInt64($0)) % 100) / 25 - 2 }
            return backend.tensor(values, [count]).parameterView(shape, at: 0, gradients: backend.zeros([count]))
        }
        func run(_ output: (Tensor, Tensor) -> ModelOutput) throws -> (total: Double, gradients: [[Float]]) {
            let a = logits(1), b = logits(1000), tape = Tape(backend: backend, mode: .training)
            let terms = SegmentationLoss().evaluate(output(a, b), target: target, tape: tape)
            tape.backward()
            return (terms.total, try [a, b].map { backend.values(try #require($0.gradient)) })
        }
        let first = try run { a, _ in ModelOutput(logits: a) }, second = try run { _, b in ModelOutput(logits: b) }
        let both = try run { a, b in ModelOutput(logits: a, auxiliary: [WeightedLogits(b, weight: 0.25)]) }
        #expect(abs(both.total - (first.total + 0.25 * second.total)) < 1e-6)
        #expect(both.gradients[0] == first.gradients[0])
        for (found, whole) in zip(both.gradients[1], second.gradients[1]) {
            #expect(abs(found - 0.25 * whole) <= 1e-6 * abs(whole) + 1e-12)
        }
    }
}
