// A run's figures on the split that is compared: its evaluation, sizes, rate, and every predicted mask.
import Files
import Metrics
import Networks
import Segmenting
import Tensors
import Training

public struct RunEvaluation: Sendable {
    public let run: ComparedRun
    public let ids: [String]
    /// Of each image; nil where the shards do not know it.
    public let patients: [String?]
    /// The size at which masks were scored.
    public let size: ScoringSize
    /// In the order of the ids.
    public let masks: [PackedMask]

    /// How runs are evaluated, the same for all.
    public struct Plan: Sendable {
        public var shards: String, split: String
        public var batchSize = 8, workers = 1
        public var tolerance = 2.0, resamples = 2000
        /// Forward passes whose median is the rate; 0 for no rate.
        public var timedPasses = 5
        public var precision = NumberFormat.float32

        public init(shards: String, split: String) {
            self.shards = shards
            self.split = split
        }

        /// How the rate comes about, for `Comparison`; nil if nothing is timed.
        public func timing(on backend: any Backend) -> String? {
            timedPasses == 0
                ? nil
                : "median of \(timedPasses) forward passes of \(batchSize) images in \(precision.rawValue), captions encoded before, on "
                    + backend.summary
        }
    }

    /// - Parameters:
    ///   - note: receives messages on how the images and captions are read.
    ///   - progress: as `Evaluator.run`.
    public static func make(
        _ candidate: RunCandidate, _ model: TrainedModel, _ plan: Plan, cancellation: Cancellation, note: (String) -> Void,
        progress: @escaping (_ stage: Evaluator.Stage, _ done: Int, _ total: Int) -> Void
    ) throws(ComparingError) -> RunEvaluation {
        var evaluator = Evaluator(
            model: model, shards: plan.shards, split: plan.split, batchSize: plan.batchSize, workers: plan.workers)
        evaluator.tolerance = plan.tolerance
        evaluator.resamples = plan.resamples
        evaluator.readsTraining = false
        // As `segment evaluate`.
        evaluator.size = nil
        var masks: [PackedMask] = []
        let report: EvaluationReport
        do throws(SegmentingError) {
            report = try evaluator.run(
                predictions: nil, cancellation: cancellation, note: note, say: note,
                visit: { _, map in masks.append(PackedMask(map.mask())) }, progress: progress)
        } catch { throw .segmenting(error) }
        let network = model.network
        let summary = try RunCandidate.training { () throws(TrainingError) in
            try TrainingError.wrapping { () throws(NetworkError) in try ModelSummary(network, imageSize: model.imageSize) }
        }
        var metrics: [String: Estimate] = [:]
        for (metric, estimate) in report.estimates { metrics[metric.key] = estimate }
        let run = ComparedRun(
            name: candidate.name, checkpoint: model.checkpoint, model: network.descriptor.title,
            readsText: network.descriptor.readsText(network.specification), parameters: summary.parameters, operations: summary.operations,
            imagesPerSecond: try rate(model, plan), metrics: metrics, imagesWithSurfaces: report.imagesWithSurfaces,
            ece: report.calibration.ece,
            dice: report.samples.map { Dice.value($0.counts) }, setting: candidate.setting, otherSplits: candidate.otherSplits)
        if cancellation.isCancelled { throw .segmenting(.cancelled(predictions: nil)) }
        return RunEvaluation(
            run: run, ids: report.samples.map(\.id), patients: report.samples.map(\.patient), size: report.size, masks: masks)
    }

    private static func rate(_ model: TrainedModel, _ plan: Plan) throws(ComparingError) -> Double? {
        if plan.timedPasses == 0 { return nil }
        let timed = StepBenchmark.Plan(
            steps: plan.timedPasses, batchSize: plan.batchSize, imageSize: model.imageSize, model: model.network.specification,
            activations: plan.precision, forwardOnly: true)
        return try RunCandidate.training { () throws(TrainingError) in try StepBenchmark.run(timed, backend: model.backend) }
            .imagesPerSecond
    }
}
