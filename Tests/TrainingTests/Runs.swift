// Whole runs of a small model in a temporary folder, and the comparison of their files.
import Files
import Foundation
import Networks
import Tensors
import TestSupport
import Testing
import Training

/// Remembers what it was told, and asks for a stop after a given step.
final class Observer: TrainingObserver {
    var notes: [String] = [], captions: [(done: Int, total: Int)] = [], steps: [StepProgress] = [], epochs: [EpochSummary] = []
    var stop: (step: Int, cancellation: Cancellation)?

    func note(_ line: String) { notes.append(line) }
    func captionsEncoded(_ done: Int, of total: Int) { captions.append((done, total)) }
    func stepFinished(_ progress: StepProgress) {
        steps.append(progress)
        if let stop, progress.step == stop.step { stop.cancellation.cancel() }
    }
    func epochFinished(_ summary: EpochSummary) { epochs.append(summary) }
}

struct Runs {
    let folder: TemporaryFolder
    var shards: String { folder.file("shards") }

    init(perShard: Int? = nil, size: Int = 64, captions: TinyShards.Captions = .tokens) throws {
        folder = try TemporaryFolder()
        try TinyShards.write(to: folder.file("shards"), perShard: perShard, size: size, captions: captions)
    }

    @discardableResult
    func train(
        _ name: String, resume: Bool = false, workers: Int = 1, steps: Int? = nil, skippingBad: Bool = false,
        observer: Observer = Observer(),
        on device: (any Backend)? = nil,
        change: (inout RunConfiguration) -> Void = { _ in }, beforeSteps: () -> Void = {}
    ) throws -> TrainingOutcome {
        let run = RunFolder(folder.file(name))
        let recorded = resume ? try RunConfiguration.read(run.configuration) : nil
        var configuration = recorded ?? TinyShards.configuration(shards)
        if !resume { change(&configuration) }
        if skippingBad { configuration.skipsBad = true }
        let backend = try device ?? CPUBackend(threads: 1)
        let cancellation = observer.stop?.cancellation ?? Cancellation()
        let prepared = try #require(
            try RunPreparation.make(
                configuration, folder: run, resuming: recorded, backend: backend, cancellation: Cancellation(),
                observer: observer))
        let trainer = try Trainer(
            configuration: prepared.configuration, folder: run, data: prepared.data, backend: backend,
            execution: Trainer.Execution(workers: workers, stepLimit: steps, cancellation: cancellation), resumes: resume,
            observer: observer)
        beforeSteps()
        return try trainer.run()
    }

    func expectEqual(_ left: String, _ right: String, _ names: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
        for name in names {
            let first = try FileIO.read(folder.file("\(left)/\(name)")), second = try FileIO.read(folder.file("\(right)/\(name)"))
            #expect(first == second, "\(name) differs", sourceLocation: sourceLocation)
        }
    }
}

let everyFileOfARun = [
    "config.json", "log.jsonl", "metrics.csv", "best.safetensors", "last.safetensors", "optimizer.safetensors", "state.json", "vocab.txt",
    "outlines.jsonl",
]
