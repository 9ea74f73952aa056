// Optimizers step by step against PyTorch's rule in float64, on the CPU and on the stand-in for a GPU.
import EmulatedGPU
import Foundation
import Networks
import Randomness
import Tensors
import Testing

@Suite struct OptimizerTests {
    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        (0..<count).map { Float(SplitMix64.hash(seed &+ UInt64($0)) % 2000) / 1000 - 1 }
    }

    /// A network with room for gradients.
    private func parameters(_ backend: any Backend, _ format: NumberFormat = .float32) throws -> ParameterStore {
        var specification = UNet.descriptor.published
        specification.options["width"] = "1"
        return try UNet.descriptor.model(specification, ModelSetup(backend: backend, activations: format, seed: 4)).parameters
    }

    private func set(_ tensor: Tensor, _ values: [Float], _ backend: any Backend) {
        values.withUnsafeBufferPointer { backend.upload($0, to: tensor) }
    }

    @Test func sgdEqualsPyTorch() throws {
        for backend in [try CPUBackend(threads: 2), try EmulatedGPU.backend()] as [any Backend] {
            let store = try parameters(backend), gradients = try #require(store.gradients), count = gradients.count
            let optimizer = Optimizers.make(OptimizerConfiguration("sgd", weightDecay: 0.1, momentum: 0.9), store)
            #expect(optimizer.state.map(\.name) == ["momentum_buffer"])
            var p = backend.values(store.values).map(Double.init), buffer = [Double](repeating: 0, count: count)
            let loss = backend.tensor([1], [1])
            for step in 1...3 {
                let g = numbers(count, seed: UInt64(step) << 32), rate = 0.1 / Double(step)
                set(gradients, g, backend)
                backend.stepUnrecorded(StepVariables(dropoutSeed: 0, learningRate: Float(rate), step: step)) {
                    optimizer.update(guardedBy: loss)
                }
                for i in 0..<count {
                    buffer[i] = 0.9 * buffer[i] + Double(g[i]) + 0.1 * p[i]
                    p[i] -= rate * buffer[i]
                }
                try backend.check()
                let worst = zip(backend.values(store.values), p).map { abs(Double($0) - $1) }.max() ?? 1
                #expect(worst < 2e-6, "step \(step) on \(backend.summary): \(worst)")
                #expect(backend.values(gradients).allSatisfy { $0 == 0 })
            }
            let state = zip(backend.values(optimizer.state[0].tensor), buffer).map { abs(Double($0) - $1) }.max() ?? 1
            #expect(state < 2e-6)
        }
    }

    /// A loss that is not a number changes nothing but the gradients; the bf16 copy follows the values.
    @Test(arguments: Optimizers.names) func aBadLossChangesNothing(name: String) throws {
        for backend in [try CPUBackend(threads: 2), try EmulatedGPU.backend()] as [any Backend] {
            let store = try parameters(backend, .bfloat16), gradients = try #require(store.gradients)
            let optimizer = Optimizers.make(OptimizerConfiguration(name), store), before = backend.values(store.values)
            for loss in [Float.nan, 1] {
                set(gradients, numbers(gradients.count, seed: 7), backend)
                let terms = backend.tensor([loss], [1])
                backend.stepUnrecorded(StepVariables(dropoutSeed: 0, learningRate: 0.1, step: 1)) { optimizer.update(guardedBy: terms) }
                try backend.check()
                #expect((backend.values(store.values) == before) == loss.isNaN)
                #expect(optimizer.state.allSatisfy { backend.values($0.tensor).allSatisfy { $0 == 0 } } == loss.isNaN)
                #expect(backend.values(gradients).allSatisfy { $0 == 0 })
            }
            let copy = backend.values(try #require(store.bfloat16Copy)), values = backend.values(store.values)
            #expect(zip(copy, values).allSatisfy { abs($0 - $1) <= abs($1) * 0x1p-8 })
        }
    }
}
