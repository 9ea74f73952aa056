import Foundation
import Networks
import Tensors
import Testing

@Suite struct SpeedTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["VLSEG_BENCH"] != nil)) func step() throws {
        let backend = try CPUBackend(threads: 2)
        print(backend.summary)
        let model = SegmentationModel(backend: backend, seed: 1)
        print("trained", model.parameters.trainedCount)
        let batch = 8
        let images = backend.bytes((0..<(batch * 224 * 224 * 3)).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }, [batch, 224, 224, 3])
        let target = backend.bytes((0..<(batch * 224 * 224)).map { UInt8(($0 / 1000) % 2) }, [batch, 224, 224])
        let text = backend.tensor((0..<(batch * 24 * 768)).map { Float(sin(Double($0))) }, [batch, 24, 768])
        let first = backend.zeros(model.parameters.values.shape), second = backend.zeros(model.parameters.values.shape)
        for step in 1...4 {
            let start = Date()
            let tape = Tape(backend: backend, isTraining: true, dropoutSeed: UInt64(step))
            let p = model.forward(images: images, text: text, tape: tape)
            let middle = Date()
            let terms = SegmentationLoss().evaluate(p, target: target, tape: tape)
            tape.backward()
            let end = Date()
            if let g = model.parameters.gradients {
                backend.adamW(model.parameters.values, gradients: g, first: first, second: second, learningRate: 3e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, step: step)
            }
            model.parameters.clearGradients()
            try backend.check()
            print(step, terms, "forward", middle.timeIntervalSince(start), "backward", end.timeIntervalSince(middle), "all", Date().timeIntervalSince(start), "peak MB", backend.arena.peakBytes >> 20)
        }
    }
}
