// Checks an operator against an independent float64 implementation: its values directly, its gradients by central differences of that
// implementation.
import EmulatedGPU
import Foundation
import OperatorCases
import Randomness
import Tensors
import Testing

/// Deterministic numbers for tests.
struct TestRandom {
    private var state: UInt64
    init(_ seed: UInt64) { state = SplitMix64.hash(seed) }

    /// Uniform in [-1, 1).
    mutating func next() -> Double {
        state &+= 1
        return Double(SplitMix64.hash(state) >> 11) * 0x1p-52 - 1
    }

    mutating func values(_ count: Int, scale: Double = 1, around centre: Double = 0) -> [Double] {
        (0..<count).map { _ in centre + scale * next() }
    }
}

/// Runs `operation` in float32 and `reference` in float64 on the same numbers.
/// - Parameters:
///   - samples: how many elements of each input are differentiated numerically (all, if it has fewer).
///   - tolerance: allowed difference, relative to the largest magnitude of what is compared: float32 rounding through one operator.
///   - half: the inputs that are activations. With these in bf16 the operator is run again, within four bf16 roundings of the reference,
///     2^-7 (gradients: 2^-5,
///     as they pass through more of them).
func checkOperator(
    _ inputs: [OperatorInput], samples: Int = 24, tolerance: Double = 2e-5, gradientTolerance: Double = 1e-4, seed: UInt64 = 1,
    half: [Int] = [], mode: Mode = .training, engine: MatrixEngine = .preferred, cpu: CPUBackend? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    operation: (Tape, [Tensor]) -> Tensor, reference: @escaping ([Reference]) -> Reference
) throws {
    let check = OperatorCheck(
        inputs: inputs, samples: samples, seed: seed, mode: mode, engine: engine, cpu: cpu, sourceLocation: sourceLocation,
        reference: reference)
    try check.run(half: [], tolerance: tolerance, gradientTolerance: gradientTolerance, operation: operation)
    guard !half.isEmpty else { return }
    try check.run(half: half, tolerance: 0x1p-7, gradientTolerance: 0x1p-5) { tape, inputs in
        var inputs = inputs
        for index in half { inputs[index] = tape.convert(inputs[index], to: NumberFormat.bfloat16) }
        let y = operation(tape, inputs)
        #expect(y.format == NumberFormat.bfloat16, "the operator left bf16", sourceLocation: sourceLocation)
        return tape.convert(y, to: .float32)
    }
}

private struct OperatorCheck {
    let inputs: [OperatorInput]
    let samples: Int
    let seed: UInt64
    let mode: Mode
    let engine: MatrixEngine
    let cpu: CPUBackend?
    let sourceLocation: SourceLocation
    let reference: ([Reference]) -> Reference

    /// On the CPU, then by the GPU's kernels and launches on the stand-in for its driver.
    func run(half: [Int], tolerance: Double, gradientTolerance: Double, operation: (Tape, [Tensor]) -> Tensor) throws {
        let backends: [any Backend] = [try cpu ?? CPUBackend(threads: 2, engine: engine), try EmulatedGPU.backend()]
        for backend in backends {
            try run(on: backend, half: half, tolerance: tolerance, gradientTolerance: gradientTolerance, operation: operation)
        }
    }

    private func run(
        on backend: any Backend, half: [Int], tolerance: Double, gradientTolerance: Double, operation: (Tape, [Tensor]) -> Tensor
    ) throws {
        var random = TestRandom(seed)
        // The numbers are rounded first, so that both sides see the same ones.
        let references = inputs.enumerated().map { index, input in
            let values = random.values(input.shape.reduce(1, *), scale: input.scale, around: input.centre).map(Float.init)
            return Reference(input.shape, values.map { Double(half.contains(index) ? $0.roundedToBFloat16 : $0) })
        }
        // Parameters and activations alike get a gradient that starts at zero, as parameters do.
        let tensors = references.map { reference in
            let flat = backend.tensor(reference.values.map(Float.init), [reference.values.count])
            return flat.parameterView(reference.shape, at: 0, gradients: backend.zeros([reference.values.count]))
        }
        let tape = Tape(backend: backend, mode: mode, dropoutSeed: 5)
        let y = operation(tape, tensors)
        let expected = reference(references)
        try backend.check()
        #expect(y.count == expected.values.count, sourceLocation: sourceLocation)
        let found = backend.values(y).map(Double.init)
        let largest = expected.values.map(abs).max() ?? 1
        for (index, (a, b)) in zip(found, expected.values).enumerated() where abs(a - b) > tolerance * max(1e-3, largest) {
            Issue.record("value \(index) on \(backend.summary): \(a), expected \(b)", sourceLocation: sourceLocation)
            return
        }

        let weights = random.values(y.count).map { Double(Float($0)) }
        tape.start(backend.tensor(weights.map(Float.init), y.shape), at: y)
        tape.backward()
        try backend.check()
        func objective(_ inputs: [Reference]) -> Double { zip(reference(inputs).values, weights).reduce(0) { $0 + $1.0 * $1.1 } }

        for (number, tensor) in tensors.enumerated() {
            let gradient = tensor.gradient.map { backend.values($0).map(Double.init) } ?? []
            let count = gradient.count, scale = gradient.map(abs).max() ?? 0
            let indices =
                count <= samples ? Array(0..<count) : (0..<samples).map { Int(SplitMix64.hash(UInt64($0) &+ seed) % UInt64(count)) }
            for index in indices {
                let h = 1e-5
                var up = references, down = references
                up[number].values[index] += h
                down[number].values[index] -= h
                let numeric = (objective(up) - objective(down)) / (2 * h)
                if abs(numeric - gradient[index]) > gradientTolerance * max(1e-2, scale, abs(numeric)) {
                    Issue.record(
                        "gradient of input \(number) at \(index) on \(backend.summary): \(gradient[index]), by differences \(numeric)",
                        sourceLocation: sourceLocation)
                    return
                }
            }
        }
    }
}

extension Float {
    /// The nearest bf16 number, ties to even.
    fileprivate var roundedToBFloat16: Float {
        let bits = bitPattern
        return Float(bitPattern: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) & 0xFFFF_0000)
    }
}
