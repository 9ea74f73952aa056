// Whole runs of a small model: a resumed run equals an uninterrupted one byte for byte, loader threads change nothing, bad numbers stop it.
import Files
import Foundation
import Networks
import Tensors
import TestSupport
import Testing
import Training

@Suite(.serialized) struct TrainerTests {
    @Test func aResumedRunEqualsAnUninterruptedOne() throws {
        let runs = try Runs()
        let observer = Observer()
        #expect(try runs.train("whole", observer: observer) == .finished(epochs: 3))
        // 10 images in batches of 4: three steps an epoch.
        #expect(observer.steps.map(\.step) == Array(1...9))
        #expect(observer.epochs.map(\.metrics.images) == [4, 4, 4])
        #expect(observer.captions.last.map { $0.done == $0.total && $0.total > 0 } == true)

        // Stopped in the middle of an epoch, at its end, and by Ctrl-C; other loader threads in each part.
        #expect(try runs.train("parts", steps: 2) == .reachedStepLimit(step: 2))
        #expect(try runs.train("parts", resume: true, workers: 3, steps: 6) == .reachedStepLimit(step: 6))
        let interrupted = Observer()
        interrupted.stop = (step: 7, cancellation: Cancellation())
        #expect(try runs.train("parts", resume: true, workers: 2, observer: interrupted) == .interrupted(step: 7))
        #expect(try runs.train("parts", resume: true) == .finished(epochs: 3))
        try runs.expectEqual("whole", "parts", everyFileOfARun)
    }

    /// A version with fewer metrics began the run: its columns stay, and every row has as many fields.
    @Test func aResumedRunKeepsTheColumnsOfItsMetrics() throws {
        let runs = try Runs()
        try runs.train("run", steps: 2)
        let metrics = runs.folder.file("run/metrics.csv"), state = runs.folder.file("run/state.json")
        let header = try FileIO.readText(metrics).prefix { $0 != "\n" } + "\n"
        let older = header.replacing(",val_sensitivity", with: "").replacing(",complete", with: "")
        #expect(older.utf8.count == header.utf8.count - ",val_sensitivity,complete".utf8.count)
        try FileIO.writeAtomically(Array(older.utf8), to: metrics)
        let recorded = try FileIO.readText(state)
        let length = recorded.replacing("\"metricsLength\" : \(header.utf8.count)", with: "\"metricsLength\" : \(older.utf8.count)")
        #expect(length != recorded)
        try FileIO.writeAtomically(Array(length.utf8), to: state)
        // Nothing in such columns tells an epoch that is not whole: it has no row.
        try runs.train("run", resume: true, steps: 4)
        #expect(try FileIO.readText(metrics).filter { $0 == "\n" }.count == 2)
        try runs.train("run", resume: true)
        try runs.train("whole")
        func table(_ name: String) throws -> [[Substring]] {
            try FileIO.readText(runs.folder.file(name)).split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false)
            }
        }
        let whole = try table("whole/metrics.csv"), kept = try table("run/metrics.csv")
        let dropped = [try #require(whole[0].firstIndex(of: "val_sensitivity")), try #require(whole[0].firstIndex(of: "complete"))]
        #expect(kept == whole.map { row in row.indices.filter { !dropped.contains($0) }.map { row[$0] } })
    }

    @Test func aResumedRunInBF16EqualsAnUninterruptedOne() throws {
        let runs = try Runs()
        try runs.train("whole", steps: 4) { $0.precision = .bfloat16 }
        try runs.train("parts", steps: 2) { $0.precision = .bfloat16 }
        try runs.train("parts", resume: true, workers: 2, steps: 4)
        try runs.expectEqual("whole", "parts", everyFileOfARun)
    }

    @Test func loaderThreadsChangeNothing() throws {
        let runs = try Runs()
        try runs.train("one", workers: 1, steps: 5)
        try runs.train("four", workers: 4, steps: 5)
        try runs.expectEqual("one", "four", everyFileOfARun)
    }

    @Test func flippedCaptionsAreEncodedOnceAndARunWithThemResumesExactly() throws {
        let runs = try Runs()
        let observer = Observer()
        try runs.train("whole", observer: observer) { $0.augmentation = .full }
        // "left" and "right" are each other's flip: nothing new to encode.
        #expect(observer.captions.last?.total == 2)
        #expect(
            observer.notes.contains {
                $0.hasPrefix("--augment full: all 2 distinct captions can be rewritten for a left-right flip; all 2")
            })
        try runs.train("parts", steps: 2) { $0.augmentation = .full }
        try runs.train("parts", resume: true, workers: 3, steps: 5)
        try runs.train("parts", resume: true, workers: 2)
        try runs.expectEqual("whole", "parts", everyFileOfARun)
        try runs.train("reference")
        #expect(try FileIO.read(runs.folder.file("whole/log.jsonl")) != FileIO.read(runs.folder.file("reference/log.jsonl")))
    }

    @Test func theLossFalls() throws {
        let runs = try Runs()
        let observer = Observer()
        try runs.train("run", observer: observer) {
            $0.epochs = 12
            $0.learningRate = 3e-3
            $0.augmentation = .none
        }
        let losses = observer.epochs.map(\.training.total)
        #expect(try #require(losses.last) < 0.8 * #require(losses.first), "losses \(losses)")
    }

    @Test func aLossThatIsNotFiniteStopsTheRunAndNamesTheSamples() throws {
        let runs = try Runs()
        let error = #expect(throws: TrainingError.self) { try runs.train("run") { $0.learningRate = 1e30 } }
        #expect(error?.kind == .data)
        let text = try #require(error.map { "\($0)" })
        #expect(text.contains("sample-") && text.contains("Try a lower --lr"), "\(text)")
    }

    @Test func aFolderWithARunIsNotOverwritten() throws {
        let runs = try Runs()
        try runs.train("run", steps: 1)
        let error = #expect(throws: TrainingError.self) { try runs.train("run", steps: 1) }
        #expect(error.map { "\($0)" }?.contains("already contains a run; continue it with --run") == true)
        #expect(error?.kind == .usage)
    }

    @Test func otherShardsAreNoticedOnResume() throws {
        let runs = try Runs()
        try runs.train("run", steps: 1)
        let index = runs.shards + "/val/index.json"
        try FileIO.writeAtomically(try FileIO.readText(index) + "\n", to: index)
        try FileManager.default.removeItem(atPath: runs.shards + "/train")
        try FileManager.default.copyItem(atPath: runs.shards + "/test", toPath: runs.shards + "/train")
        let error = #expect(throws: TrainingError.self) { try runs.train("run", resume: true) }
        #expect(error.map { "\($0)" }?.contains("the training shards are not those that the run began with") == true)
    }

    @Test func aSaveThatWasCutOffIsFinishedOrForgotten() throws {
        let runs = try Runs()
        try runs.train("run", steps: 2)
        try FileManager.default.copyItem(atPath: runs.folder.file("run"), toPath: runs.folder.file("later"))
        try runs.train("later", resume: true, steps: 4)

        // All three written, none renamed: the save counts.
        for name in ["last.safetensors", "optimizer.safetensors", "state.json"] {
            try FileManager.default.copyItem(atPath: runs.folder.file("later/\(name)"), toPath: runs.folder.file("run/\(name).next"))
        }
        try FileManager.default.copyItem(atPath: runs.folder.file("run"), toPath: runs.folder.file("uncommitted"))
        // What is on the disk before a state is saved.
        for name in ["log.jsonl", "metrics.csv", "outlines.jsonl", "best.safetensors"] {
            try FileIO.remove(runs.folder.file("run/\(name)"))
            try FileManager.default.copyItem(atPath: runs.folder.file("later/\(name)"), toPath: runs.folder.file("run/\(name)"))
        }
        try runs.train("run", resume: true)

        // Without the state the other two are forgotten.
        try FileIO.remove(runs.folder.file("uncommitted/state.json.next"))
        try runs.train("uncommitted", resume: true)
        try runs.train("whole")
        try runs.expectEqual("whole", "run", everyFileOfARun)
        try runs.expectEqual("whole", "uncommitted", everyFileOfARun)
        #expect(!FileIO.exists(runs.folder.file("uncommitted/last.safetensors.next")))
    }

    @Test func initialWeightsOfAnotherModelAreRefused() throws {
        let runs = try Runs()
        try runs.train("run", steps: 1)
        let best = runs.folder.file("run/best.safetensors")
        let error = #expect(throws: TrainingError.self) {
            try runs.train("other", steps: 1) {
                $0.initialWeights = best
                $0.model.options["widths"] = "16,16,32,64"
            }
        }
        #expect(error.map { "\($0)" }?.contains("these are the weights of another model") == true)
        let observer = Observer()
        try runs.train("same", steps: 1, observer: observer) { $0.initialWeights = best }
        #expect(observer.notes.contains { $0.hasPrefix("initial weights from \(best)") })
    }
}
