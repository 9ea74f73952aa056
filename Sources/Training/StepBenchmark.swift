// Times whole training steps (`TrainingStep`) on synthetic data, or only the forward pass. For Benchmarks/train.sh; no files, no loader.
import Foundation
import Networks
import Tensors

public struct StepBenchmark: Sendable {
    /// What to time.
    public struct Plan: Sendable {
        public var steps: Int, batchSize: Int, imageSize: Int
        public var model: ModelSpecification
        public var activations: NumberFormat
        public var forwardOnly: Bool
        /// Number of warm-up steps; nil for the number that the device needs to plan, to record a step and to reach its clock rate.
        public var warmUp: Int?

        public init(
            steps: Int, batchSize: Int, imageSize: Int = 224, model: ModelSpecification = ModelZoo.standard.published,
            activations: NumberFormat = .float32, forwardOnly: Bool = false, warmUp: Int? = nil
        ) {
            self.model = model
            self.warmUp = warmUp
            self.steps = steps
            self.batchSize = batchSize
            self.imageSize = imageSize
            self.activations = activations
            self.forwardOnly = forwardOnly
        }
    }

    public let plan: Plan
    /// Wall seconds of each timed step, without the warm-up steps, which allocate, plan and record.
    public let secondsPerStep: [Double]
    /// Peak memory of tensors, and of the process.
    public let peakBytes: Int
    public let peakResidentBytes: Int
    public let backend: String

    /// Computed from the median step.
    public var imagesPerSecond: Double { Double(plan.batchSize) / secondsPerStep.sorted()[secondsPerStep.count / 2] }

    public static func run(_ plan: Plan, backend: any Backend, afterWarmUp: () -> Void = {}) throws(TrainingError) -> StepBenchmark {
        let model = try TrainingError.wrapping { () throws(NetworkError) in
            try ModelZoo.model(plan.model, ModelSetup(backend: backend, activations: plan.activations, trains: !plan.forwardOnly))
        }
        let batch = SyntheticBatch.make(model.specification, batchSize: plan.batchSize, imageSize: plan.imageSize, on: backend)
        let run = plan.forwardOnly ? forwardPass(model, batch) : trainingStep(model, batch)

        var seconds: [Double] = []
        let warmUp = plan.warmUp ?? (backend is CUDABackend ? 5 : 1)
        for step in 1...(plan.steps + warmUp) {
            let start = ProcessInfo.processInfo.systemUptime
            run(StepVariables(dropoutSeed: UInt64(step), learningRate: 3e-4, step: step))
            backend.synchronise()
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
            if step > warmUp { seconds.append(ProcessInfo.processInfo.systemUptime - start) }
            if step == warmUp { afterWarmUp() }
        }
        return StepBenchmark(
            plan: plan, secondsPerStep: seconds, peakBytes: backend.peakBytes, peakResidentBytes: residentPeak(),
            backend: backend.summary)
    }

    private static func trainingStep(_ model: any SegmentationModel, _ batch: BatchTensors) -> (StepVariables) -> Void {
        let recipe = model.descriptor.recipe(model.specification)
        let step = TrainingStep(model, loss: SegmentationLoss(recipe.loss), optimizer: recipe.optimizerConfiguration)
        return { step.run(batch, $0) }
    }

    private static func forwardPass(_ model: any SegmentationModel, _ batch: BatchTensors) -> (StepVariables) -> Void {
        let plan = StepPlan(Identity())
        return { variables in
            model.backend.step(plan, variables) {
                let tape = model.tape(.inference)
                _ = model(batch.images, text: batch.text, tape).probabilities(tape)
            }
        }
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
            {"imagesPerSecond": \(String(format: "%.3f", imagesPerSecond)), "batchSize": \(plan.batchSize), "imageSize": \
            \(plan.imageSize), "secondsPerStep": [\(seconds)], \
            "peakBytes": \(peakBytes), "peakMegabytes": \(peakResidentBytes >> 20), "precision": "\(plan.activations.rawValue)", \
            "forwardOnly": \(plan.forwardOnly), "backend": "\(backend)"}
            """
    }
}
