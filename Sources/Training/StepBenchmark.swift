// Times whole training steps on made-up data (forward, loss, backward, AdamW), or the forward pass alone. For Benchmarks/train.sh; no files, no loader.
import Foundation
import Networks
import Tensors

public struct StepBenchmark: Sendable {
    /// What to time.
    public struct Plan: Sendable {
        public var steps: Int, batchSize: Int, imageSize: Int
        public var activations: NumberFormat
        public var forwardOnly: Bool
        /// Steps before those that are timed; nil for as many as the device takes to plan, to record a step and to reach its clock.
        public var warmUp: Int?

        public init(
            steps: Int, batchSize: Int, imageSize: Int = 224, activations: NumberFormat = .float32, forwardOnly: Bool = false, warmUp: Int? = nil
        ) {
            self.warmUp = warmUp
            self.steps = steps
            self.batchSize = batchSize
            self.imageSize = imageSize
            self.activations = activations
            self.forwardOnly = forwardOnly
        }
    }

    public let plan: Plan
    /// Wall seconds of each timed step; the first steps, which allocate, plan and record, are not among them.
    public let secondsPerStep: [Double]
    /// The highest memory in tensors, and of the process.
    public let peakBytes: Int
    public let peakResidentBytes: Int
    public let backend: String

    /// From the median step.
    public var imagesPerSecond: Double { Double(plan.batchSize) / secondsPerStep.sorted()[secondsPerStep.count / 2] }

    public static func run(_ plan: Plan, backend: any Backend, afterWarmUp: () -> Void = {}) throws(TrainingError) -> StepBenchmark {
        let batchSize = plan.batchSize, size = plan.imageSize, forwardOnly = plan.forwardOnly
        let model = SegmentationModel(backend: backend, activations: plan.activations, seed: 0, trains: !forwardOnly)
        let values = model.parameters.values
        let moments = forwardOnly ? [1] : values.shape
        let first = backend.zeros(moments), second = backend.zeros(moments)
        var random = Mixing.mix(0)
        let pixels = (0..<(batchSize * size * size * 3)).map { _ in
            random = Mixing.mix(random)
            return UInt8(truncatingIfNeeded: random >> 32)
        }
        let images = backend.bytes(pixels, [batchSize, size, size, 3])
        let disc: [UInt8] = (0..<(size * size)).map { index in
            let dy = index / size - size / 2, dx = index % size - size / 2
            return 30 * (dy * dy + dx * dx) <= size * size ? 1 : 0
        }
        let target = backend.bytes((0..<batchSize).flatMap { _ in disc }, [batchSize, size, size])
        let shape = [batchSize, model.configuration.tokens, model.configuration.textWidth]
        let text = backend.tensor((0..<shape.reduce(1, *)).map { Float(sin(Double($0))) }, shape)
        let loss = SegmentationLoss(), terms = loss.terms(on: backend)
        func body(_ dropoutSeed: UInt64) {
            let tape = model.tape(forwardOnly ? .inference : .training, dropoutSeed: dropoutSeed)
            let probabilities = model.forward(images: images, text: text, tape: tape)
            guard let gradients = model.parameters.gradients else { return }
            loss.enqueue(probabilities, target: target, tape: tape, terms: terms)
            tape.backward()
            backend.adamW(
                values, gradients: gradients, first: first, second: second, halves: model.parameters.halves, settings: AdamWSettings(),
                guardedBy: terms)
        }

        var seconds: [Double] = []
        let warmUp = plan.warmUp ?? (backend is CUDABackend ? 5 : 1)
        for step in 1...(plan.steps + warmUp) {
            let start = ProcessInfo.processInfo.systemUptime
            backend.step(batchSize, StepVariables(dropoutSeed: UInt64(step), learningRate: 3e-4, step: step)) { body(UInt64(step)) }
            backend.synchronise()
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
            if step > warmUp { seconds.append(ProcessInfo.processInfo.systemUptime - start) }
            if step == warmUp { afterWarmUp() }
        }
        return StepBenchmark(
            plan: plan, secondsPerStep: seconds, peakBytes: backend.peakBytes, peakResidentBytes: residentPeak(),
            backend: backend.summary)
    }

    private static func residentPeak() -> Int {
        var usage = rusage()
        // Linux counts in kilobytes.
        return getrusage(RUSAGE_SELF.rawValue, &usage) == 0 ? usage.ru_maxrss * 1024 : 0
    }

    /// One line of JSON, with the keys that Benchmarks/train/rows.py reads.
    public var json: String {
        let seconds = secondsPerStep.map { String(format: "%.4f", $0) }.joined(separator: ", ")
        return """
            {"imagesPerSecond": \(String(format: "%.3f", imagesPerSecond)), "batchSize": \(plan.batchSize), "imageSize": \(plan.imageSize), "secondsPerStep": [\(seconds)], \
            "peakBytes": \(peakBytes), "peakMegabytes": \(peakResidentBytes >> 20), "precision": "\(plan.activations.rawValue)", \
            "forwardOnly": \(plan.forwardOnly), "backend": "\(backend)"}
            """
    }
}
