// What a device may do in one pass equals what operators compose of plain ones where it does not: values and gradients, on both backends.
import EmulatedGPU
import Tensors
import Testing

@Suite struct FusedOperatorTests {
    /// Runs the same with and without fused pieces.
    private func compare(
        _ shapes: [[Int]], activations: Set<Int> = [], sourceLocation: SourceLocation = #_sourceLocation,
        operation: (Tape, [Tensor]) -> Tensor
    ) throws {
        for backend in [try CPUBackend(threads: 2), try EmulatedGPU.backend()] as [any Backend] {
            for format in activations.isEmpty ? [.float32] : NumberFormat.allCases {
                let found = try [true, false].map { fused in
                    backend.usesFusedOperators = fused
                    var random = TestRandom(5)
                    let tensors = shapes.map { shape in
                        let count = shape.reduce(1, *)
                        return backend.tensor(random.values(count).map(Float.init), [count]).parameterView(
                            shape, at: 0, gradients: backend.zeros([count]))
                    }
                    let tape = Tape(backend: backend, mode: .training)
                    let y = tape.convert(
                        operation(tape, tensors.enumerated().map { activations.contains($0) ? tape.convert($1, to: format) : $1 }),
                        to: .float32)
                    let value = backend.values(y)
                    tape.start(backend.tensor(random.values(y.count).map(Float.init), y.shape), at: y)
                    tape.backward()
                    try backend.check()
                    return [value] + tensors.map { $0.gradient.map(backend.values) ?? [] }
                }
                for (number, (a, b)) in zip(found[0], found[1]).enumerated() {
                    let largest = b.lazy.map(abs).max() ?? 0, tolerance = largest * (format == .float32 ? 1e-5 : 0x1p-5)
                    #expect(
                        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance },
                        "\(number == 0 ? "value" : "gradient \(number - 1)") in \(format) on \(backend.summary)",
                        sourceLocation: sourceLocation)
                }
            }
        }
    }

    @Test func convNeXtBlock() throws {
        let channels = 24, hidden = 40
        try compare(
            [
                [2, 5, 6, channels], [49, channels], [channels], [channels], [channels], [hidden, channels], [hidden], [channels, hidden],
                [channels], [channels],
            ], activations: [0]
        ) {
            $0.convNeXtBlock(
                $1[0],
                ConvNeXtBlockWeights(
                    depthwise: .init(weight: $1[1], bias: $1[2], kernel: 7), norm: .init(gamma: $1[3], beta: $1[4], epsilon: 1e-6),
                    expand: .init(weight: $1[5], bias: $1[6]), project: .init(weight: $1[7], bias: $1[8]), scale: $1[9]))
        }
    }

    @Test func feedForwardPair() throws {
        try compare([[2, 9, 12], [20, 12], [20], [7, 20], [7]], activations: [0]) {
            $0.convNeXtBlock(
                $1[0], ConvNeXtBlockWeights(expand: .init(weight: $1[1], bias: $1[2]), project: .init(weight: $1[3], bias: $1[4])))
        }
    }

    @Test(arguments: [2, 4]) func shufflePool(factor: Int) throws {
        try compare([[2, 3, 5, factor * factor], [1]]) { $0.shufflePool($1[0], factor: factor, bias: $1[1]) }
    }

    /// All terms in all their forms, and the gradient of their sum.
    @Test(arguments: [
        (false, false, false, false), (true, false, true, false), (false, true, true, false), (true, false, false, true),
        (false, true, false, true),
    ]) func segmentationLoss(
        twoClass: Bool, squares: Bool, balanced: Bool, acrossBatch: Bool
    ) throws {
        let shape = [3, 9, 10], count = 270
        var weights = LossWeights(), random = TestRandom(6)
        (weights.dice, weights.crossEntropy, weights.spectral, weights.entropy) = (1, 0.7, 0.3, 0.2)
        (weights.twoClass, weights.squares, weights.balanced, weights.acrossBatch) = (twoClass, squares, balanced, acrossBatch)
        let p = random.values(count, scale: 0.45, around: 0.5).map(Float.init)
        // The last image has no foreground.
        let target = random.values(count).enumerated().map { UInt8($0 < 180 && $1 > 0.3 ? 1 : 0) }
        for backend in [try CPUBackend(threads: 2), try EmulatedGPU.backend()] as [any Backend] {
            let found = [true, false].map { fused in
                backend.usesFusedOperators = fused
                let terms = backend.zeros([LossWeights.Term.allCases.count]), gradient = backend.zeros(shape)
                backend.segmentationLoss(
                    backend.tensor(p, shape), backend.bytes(target, shape), weights: weights, terms: terms, gradient: gradient)
                return (backend.values(terms), backend.values(gradient))
            }
            try backend.check()
            #expect(zip(found[0].0, found[1].0).allSatisfy { abs($0 - $1) <= 1e-5 }, "\(found[0].0) and \(found[1].0)")
            let largest = found[1].1.map(abs).max() ?? 0
            #expect(largest > 0 && zip(found[0].1, found[1].1).allSatisfy { abs($0 - $1) <= 2e-5 * largest }, "\(backend.summary)")
        }
    }

    /// A measurement finds the operators by name, and a backend without one measures nothing.
    @Test func operatorsAreMeasuredAtOnePlace() throws {
        let backend = try CPUBackend(threads: 1), x = backend.zeros([4, 8]), weight = backend.zeros([16, 8])
        let (shape, profile) = backend.measuring { _ in
            let tape = Tape(backend: backend, mode: .inference)
            return tape.activate(.gelu, tape.linear(x, weight: weight, bias: nil)).shape
        }
        #expect(shape == [4, 16] && backend.measurement == nil)
        #expect(profile.entries.map(\.name).sorted() == ["GELU forward", "matrix product, forward"])
        #expect(profile.entries.allSatisfy { $0.calls == 1 } && profile.operations == 2 * 4 * 16 * 8)
        #expect(profile.entries.first { $0.name == "GELU forward" }?.bytes == 512.0)
    }
}
