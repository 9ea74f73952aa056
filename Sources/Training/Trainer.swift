// The training loop: batches, steps, validation after each epoch, and saved states from which a resumed run equals an uninterrupted one bit
// for bit. Not for choosing settings (RunConfiguration) or for output (TrainingObserver).
// Invariant: every step is a function of (settings, epoch, batch, saved state). The loader's order and augmentation depend on (seed,
// epoch), dropout on (seed, step). The time of saving does not affect them.
import Files
import Foundation
import Metrics
import Networks
import Randomness
import Shards
import Tensors
import Text

/// Receives the trainer's progress.
public protocol TrainingObserver: AnyObject {
    func note(_ line: String)
    /// Captions are encoded before the first step, each distinct one once.
    func captionsEncoded(_ done: Int, of total: Int)
    func stepFinished(_ progress: StepProgress)
    func epochFinished(_ summary: EpochSummary)
}

public struct StepProgress: Sendable {
    public let epoch: Int, epochs: Int, batch: Int, batches: Int, step: Int
    /// Images of this epoch that were trained on so far, and images in a whole epoch.
    public let images: Int, imagesPerEpoch: Int
    /// Images of this step, and its seconds including its share of the loader's time, without validation and saving.
    public let count: Int, seconds: Double
    public let terms: LossTerms
    /// The arithmetic rate over the last second or more, divided by that of a large product on this machine; nil at the start.
    public let shareOfPeak: Double?
}

public struct EpochSummary: Sendable {
    public let epoch: Int, epochs: Int
    public let training: LossTerms, validation: LossTerms
    public let metrics: SegmentationMetrics
    public let isBest: Bool
    public let imagesPerSecond: Double
}

/// A launched step without its result.
private struct PendingStep {
    let step: Int, epoch: Int, count: Int
    let samples: [String]
    let learningRate: Double
    let start: Double
    let terms: any PendingValues
}

public enum TrainingOutcome: Sendable, Equatable {
    case finished(epochs: Int)
    case stoppedEarly(epoch: Int)
    case reachedStepLimit(step: Int)
    case interrupted(step: Int)
}

public final class Trainer {
    /// A run is saved at least once per this number of seconds.
    static let secondsBetweenSaves = 600.0
    /// Epochs shorter than this, as on a GPU, are not all saved: writing the states would take longer than computing them.
    static let secondsBetweenEpochSaves = 20.0
    /// Number of steps that may be launched ahead of their results: enough to keep the device busy while the host prepares the next batch.
    static let pendingSteps = 8

    private let configuration: RunConfiguration
    private let execution: Execution
    private let backend: any Backend
    private let step: TrainingStep
    private let data: TrainingData
    private let schedule: any Schedule
    private let store: CheckpointStore
    private let log: RunLog
    private let curves: RunCurves
    private let report: RunReport
    private let observer: any TrainingObserver
    private var state: TrainerState
    private var share: ShareOfPeak
    /// Launched steps whose loss has not arrived yet.
    private var pending: [PendingStep] = []
    /// The tensors of the batches, by number of samples: a recorded step reads the same tensors every time.
    private var batches: [Int: BatchTensors] = [:]
    private var nextLoader: (epoch: Int, loader: Loader)?
    private var lastFinish = 0.0
    /// Seconds of this epoch's steps.
    private var stepSeconds = 0.0
    private var lastSave = ProcessInfo.processInfo.systemUptime

    /// How a run is executed; does not affect its result.
    public struct Execution: Sendable {
        public var workers: Int
        /// Stops after this total number of steps.
        public var stepLimit: Int?
        public var cancellation: Cancellation

        public init(workers: Int, stepLimit: Int? = nil, cancellation: Cancellation = Cancellation()) {
            self.workers = workers
            self.stepLimit = stepLimit
            self.cancellation = cancellation
        }
    }

    /// - Parameter resumes: continues from the folder's saved state; otherwise the folder must have none.
    public init(
        configuration: RunConfiguration, folder: RunFolder, data: TrainingData, backend: any Backend, execution: Execution,
        resumes: Bool, observer: any TrainingObserver
    ) throws(TrainingError) {
        self.configuration = configuration
        self.execution = execution
        self.backend = backend
        self.data = data
        self.observer = observer
        let (model, summary) = try TrainingError.wrapping { () throws(NetworkError) in
            let model = try ModelZoo.model(
                configuration.model,
                ModelSetup(backend: backend, activations: configuration.precision, seed: configuration.seed, initialises: false))
            return (model, try ModelSummary(model, imageSize: data.train.imageSize))
        }
        step = TrainingStep(
            model, loss: SegmentationLoss(configuration.loss), optimizer: configuration.optimizerConfiguration)
        share = ShareOfPeak(operationsPerImage: summary.operationsPerTrainingStep) {
            MachinePeak.operations(configuration.precision, backend)
        }
        schedule = Schedules.make(configuration.scheduleConfiguration)
        store = CheckpointStore(folder: folder, metadata: data.metadata)
        if resumes {
            state = try store.restore(model, step.optimizer)
        } else {
            state = TrainerState(
                seed: configuration.seed,
                stopping: EarlyStopping(minimumEpochs: configuration.minimumEpochs, patience: configuration.patience))
            if let path = configuration.initialWeights {
                observer.note(try CheckpointStore.initialise(model, from: path))
            } else {
                model.parameters.initialise()
            }
        }
        // Before the logs, which lose what is behind the saved state: a foreign file in its folder ends the run.
        curves = try RunCurves(folder, configuration, state: state, resumes: resumes)
        do throws(FileError) { log = try RunLog(folder, state: state) } catch { throw .file(error) }
        report = RunReport(folder, configuration, data, state: state) { [observer] in observer.note($0) }
        if !state.finished { try TrainingError.wrapping { () throws(FileError) in try leaveOut(data.quarantined) } }
    }

    /// Records the shards that are missing since the state was saved. The current epoch continues at the same batch, in the order of the
    /// remaining samples. That order is a function of the saved state and the set of shards, like everything else.
    private func leaveOut(_ shards: [QuarantinedShard]) throws(FileError) {
        let known = state.quarantined ?? []
        let new = shards.filter { !known.contains($0) }
        if new.isEmpty { return }
        for shard in new { try log.quarantined(shard) }
        state.quarantined = known + new
        state.nextBatch = min(state.nextBatch, data.batchesPerEpoch)
    }

    public func run() throws(TrainingError) -> TrainingOutcome {
        do throws(TrainingError) { return try runEpochs() } catch { throw error.ofARun }
    }

    private func runEpochs() throws(TrainingError) -> TrainingOutcome {
        while !state.finished, state.epoch < configuration.epochs {
            if let outcome = try trainEpoch() { return outcome }
            if state.stopping.shouldStop(after: state.epoch - 1), state.epoch < configuration.epochs {
                state.finished = true
                try save()
                report.write(.stoppedEarly(epoch: state.epoch))
                return .stoppedEarly(epoch: state.epoch - 1)
            }
        }
        return .finished(epochs: state.epoch)
    }

    /// Nil if the epoch was completed.
    private func trainEpoch() throws(TrainingError) -> TrainingOutcome? {
        let epoch = state.epoch
        /// Of a batch of this epoch.
        func learningRate(_ batch: Int) -> Double { schedule.learningRate(epoch: epoch, batch: batch, of: data.batchesPerEpoch) }
        let loader = try startedLoader(epoch: epoch)
        defer { loader.stop() }
        let start = ProcessInfo.processInfo.systemUptime
        lastFinish = 0
        stepSeconds = 0
        let imagesBefore = state.sums.images
        while true {
            if let limit = execution.stepLimit, state.step + pending.count >= limit { return try endAtStepLimit() }
            if execution.cancellation.isCancelled { return try endInterrupted() }
            guard let slot = try TrainingError.wrapping({ () throws(ShardError) in try loader.next() }) else { break }
            try takeStep(slot, epoch: epoch, learningRate: learningRate(state.nextBatch + pending.count))
            loader.release(slot)
            try finish(atMost: Self.pendingSteps)
            if ProcessInfo.processInfo.systemUptime - lastSave > Self.secondsBetweenSaves {
                try finish(atMost: 0)
                try save()
            }
        }
        // The loader prepares the next epoch's first batches during the rest of this one.
        loader.stop()
        if epoch + 1 < configuration.epochs { nextLoader = (epoch + 1, try started(epoch: epoch + 1, batch: 0)) }
        try finish(atMost: 0)
        let trainSeconds = ProcessInfo.processInfo.systemUptime - start
        guard let result = try validate() else { return try endInterrupted() }
        let isBest = state.stopping.record(result.terms.total, epoch: epoch)
        let images = state.sums.images - imagesBefore
        let record = EpochRecord(
            epoch: epoch, step: state.step, learningRate: learningRate(0), training: state.sums.means, validation: result.terms,
            metrics: result.metrics, isBest: isBest)
        try curves.epoch(record, pictures: result.pictures)
        report.epoch(epoch, step: state.step, pictures: result.pictures)
        try TrainingError.wrapping { () throws(FileError) in
            try log.epoch(record)
            try log.timing(
                epoch: epoch, trainSeconds: trainSeconds, stepSeconds: stepSeconds, images: images,
                validationSeconds: ProcessInfo.processInfo.systemUptime - start - trainSeconds)
        }
        observer.epochFinished(
            EpochSummary(
                epoch: epoch, epochs: configuration.epochs, training: state.sums.means, validation: result.terms, metrics: result.metrics,
                isBest: isBest, imagesPerSecond: stepSeconds > 0 ? Double(images) / stepSeconds : 0))
        if isBest { try store.saveBest(step.model, step: state.step, epoch: epoch, validationLoss: result.terms.total) }
        state.epoch += 1
        state.nextBatch = 0
        state.sums = LossSums()
        state.finished = state.epoch == configuration.epochs
        if state.finished || state.epoch == 1 || ProcessInfo.processInfo.systemUptime - lastSave > Self.secondsBetweenEpochSaves {
            try save()
        }
        report.write(state.finished ? .finished : .running)
        return nil
    }

    private func startedLoader(epoch: Int) throws(TrainingError) -> Loader {
        defer { nextLoader = nil }
        if let (prepared, loader) = nextLoader, prepared == epoch, state.nextBatch == 0 { return loader }
        return try started(epoch: epoch, batch: state.nextBatch)
    }

    private func started(epoch: Int, batch: Int) throws(TrainingError) -> Loader {
        let loader = try data.trainingLoader(workers: execution.workers)
        try TrainingError.wrapping { () throws(ShardError) in try loader.start(epoch: epoch, fromBatch: batch) }
        return loader
    }

    /// Launches a step; `finish` reads its result.
    private func takeStep(_ slot: BatchSlot, epoch: Int, learningRate: Double) throws(TrainingError) {
        let start = ProcessInfo.processInfo.systemUptime
        let batch = batches[slot.count] ?? BatchTensors(count: slot.count, shards: data.train, features: data.features, backend: backend)
        batches[slot.count] = batch
        try data.fill(batch, from: slot, on: backend)
        let number = state.step + pending.count + 1
        let seed = SplitMix64.hash(configuration.seed ^ SplitMix64.hash(UInt64(number)))
        // If the loss is not finite, the parameters do not change: `finish` ends the run, and the last saved state is still good.
        step.run(batch, StepVariables(dropoutSeed: seed, learningRate: Float(learningRate), step: number))
        pending.append(
            PendingStep(
                step: number, epoch: epoch, count: slot.count, samples: slot.ids, learningRate: learningRate, start: start,
                terms: step.beginTerms()))
        do throws(BackendError) { try backend.check() } catch { throw explained(error, batch: slot.count) }
    }

    /// The error of a batch that is too large for the device. It states the batch that would fit, computed from the memory that the step
    /// needs to its end.
    private func explained(_ error: BackendError, batch: Int) -> TrainingError {
        guard case .outOfMemory(_, _, let wanted, let available, let total) = error else { return .backend(error) }
        // A twentieth is reserved for memory that is not counted: the libraries' own, and gaps between blocks.
        let fits = available / 20 * 19 * batch / max(1, wanted)
        return .batchTooLarge(batch: batch, fits: min(fits, batch - 1), wanted: wanted, available: available, total: total)
    }

    /// Reads the results of steps in order: of all finished ones, and of as many others as needed to leave at most `limit` unfinished.
    private func finish(atMost limit: Int) throws(TrainingError) {
        while let next = pending.first, pending.count > limit || next.terms.isReady {
            let terms = step.loss.terms(next.terms.values)
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
            guard terms.isFinite else {
                throw .lossNotFinite(
                    step: next.step, epoch: next.epoch, terms: terms, learningRate: next.learningRate, samples: next.samples)
            }
            pending.removeFirst()
            try record(next, terms)
        }
    }

    private func record(_ done: PendingStep, _ terms: LossTerms) throws(TrainingError) {
        state.step = done.step
        state.nextBatch += 1
        state.sums.add(terms, count: done.count)
        try TrainingError.wrapping { () throws(FileError) in
            try log.step(done.step, epoch: done.epoch, batch: state.nextBatch, learningRate: done.learningRate, terms: terms)
        }
        try curves.step(done.step, learningRate: done.learningRate, terms: terms)
        report.step(epoch: done.epoch, batch: state.nextBatch, learningRate: done.learningRate, terms: terms)
        let now = ProcessInfo.processInfo.systemUptime, seconds = now - max(done.start, lastFinish)
        // From the end of one step to the end of the next; an epoch's first step counts from its own start.
        let whole = now - (lastFinish > 0 ? lastFinish : done.start)
        stepSeconds += whole
        observer.stepFinished(
            StepProgress(
                epoch: done.epoch, epochs: configuration.epochs, batch: state.nextBatch, batches: data.batchesPerEpoch, step: done.step,
                images: state.sums.images, imagesPerEpoch: data.train.count, count: done.count, seconds: whole, terms: terms,
                shareOfPeak: share.value))
        share.add(images: done.count, seconds: seconds, now: now)
        lastFinish = ProcessInfo.processInfo.systemUptime  // the measurement of the peak is not part of a step
    }

    private func validate() throws(TrainingError) -> Validation.Result? {
        try Validation(model: step.model, loss: step.loss, data: data, backend: backend, workers: execution.workers)
            .run(cancellation: execution.cancellation)
    }

    /// Saves the exact state. If there is no best checkpoint yet, the current parameters are saved as one, so that the run can be
    /// evaluated.
    private func endAtStepLimit() throws(TrainingError) -> TrainingOutcome? {
        try finish(atMost: 0)
        try save()
        var result: Validation.Result?
        if state.stopping.best == nil {
            result = try validate()
            if let result {
                try store.saveBest(step.model, step: state.step, epoch: state.epoch, validationLoss: result.terms.total)
                observer.note("stopped before an epoch's end: best.safetensors holds the parameters of step \(state.step)")
            }
        }
        try logUnfinishedEpoch(result)
        // Cancelled while it was validated.
        if state.stopping.best == nil, result == nil { return .interrupted(step: state.step) }
        return .reachedStepLimit(step: state.step)
    }

    private func endInterrupted() throws(TrainingError) -> TrainingOutcome? {
        try finish(atMost: 0)
        try save()
        try logUnfinishedEpoch(nil)
        return .interrupted(step: state.step)
    }

    /// What there is of the epoch within which the run stops, after its state is saved: a resumed run writes it anew.
    private func logUnfinishedEpoch(_ result: Validation.Result?) throws(TrainingError) {
        if state.sums.images > 0 {
            let record = EpochRecord(
                epoch: state.epoch, step: state.step,
                learningRate: schedule.learningRate(epoch: state.epoch, batch: 0, of: data.batchesPerEpoch), training: state.sums.means,
                validation: result?.terms, metrics: result?.metrics, isBest: false)
            try TrainingError.wrapping { () throws(FileError) in try log.unfinishedEpoch(record) }
        }
        report.write(.stopped(step: state.step))
    }

    private func save() throws(TrainingError) {
        try TrainingError.wrapping { () throws(FileError) in try log.settle(into: &state) }
        if state.finished { try curves.finish(step: state.step) }
        try curves.flush()
        report.flush()
        try store.save(step.model, step.optimizer, state: state)
        lastSave = ProcessInfo.processInfo.systemUptime
        if lastFinish > 0 { lastFinish = lastSave }  // saving is not part of a step either
    }
}
