// --skip-bad: a run without bad shards is the run over the others, resumes exactly, and a run that damage stopped can go on.
import Files
import Foundation
import Shards
import TestSupport
import Testing
import Training

@Suite(.serialized) struct SkipBadTests {
    private let runs: Runs
    /// Shards of 3, 3, 3 and 1 samples; of 3 and 1 for validation.
    init() throws { runs = try Runs(perShard: 3) }

    private func path(_ split: String, _ number: Int) -> String { runs.shards + "/\(split)/shard.0000\(number).mds.zstd" }

    /// Changes a byte in the middle of a shard; a second call changes it back.
    private func flip(_ split: String, _ number: Int) throws {
        var bytes = try FileIO.read(path(split, number))
        bytes[bytes.count / 2] ^= 0x10
        try FileIO.writeAtomically(bytes, to: path(split, number))
    }

    private func log(_ run: String) throws -> [Substring] {
        try FileIO.readText(runs.folder.file(run + "/log.jsonl")).split(separator: "\n")
    }

    @Test func whereNothingIsBadItChangesNothing() throws {
        try runs.train("without", steps: 4)
        try runs.train("with", steps: 4, skippingBad: true)
        try runs.expectEqual("without", "with", everyFileOfARun.filter { $0 != "config.json" })
        #expect(try RunConfiguration.read(runs.folder.file("with/config.json")).skipsBad == true)
        #expect(try !FileIO.readText(runs.folder.file("without/config.json")).contains("skipsBad"))
    }

    @Test func aRunWithoutBadShardsIsTheRunOverTheOthersAndResumesExactly() throws {
        // The same run where the index does not list the two shards.
        let whole = runs.shards, index = try MDSIndex.read(folder: whole + "/train"), validation = try MDSIndex.read(folder: whole + "/val")
        try #require(index.shards.map(\.samples) == [3, 3, 3, 1] && validation.shards.map(\.samples) == [3, 1])
        try FileIO.writeAtomically(
            MDSIndex(shards: [index.shards[0], index.shards[2], index.shards[3]], provenance: nil).text, to: whole + "/train/index.json")
        try FileIO.writeAtomically(MDSIndex(shards: [validation.shards[1]], provenance: nil).text, to: whole + "/val/index.json")
        try runs.train("shorter") { $0.augmentation = .full }
        try FileIO.writeAtomically(index.text, to: whole + "/train/index.json")
        try FileIO.writeAtomically(validation.text, to: whole + "/val/index.json")

        try flip("train", 1)
        let lost = try FileIO.read(path("val", 0))
        try FileIO.remove(path("val", 0))
        let observer = Observer()
        #expect(try runs.train("whole", skippingBad: true, observer: observer) { $0.augmentation = .full } == .finished(epochs: 3))
        // 7 images in batches of 4: two steps an epoch.
        #expect(observer.steps.map(\.batches) == Array(repeating: 2, count: 6) && observer.epochs.map(\.metrics.images) == [1, 1, 1])
        let named = observer.notes.filter { $0.hasPrefix("left out (--skip-bad): ") }
        #expect(named.count == 2 && named[0].contains(path("train", 1) + ", 3 samples: sha256 is"), "\(named)")
        #expect(named.last?.contains(path("val", 0) + ", 3 samples: the file is missing") == true, "\(named)")
        try runs.expectEqual("shorter", "whole", ["metrics.csv", "best.safetensors", "last.safetensors", "optimizer.safetensors"])
        #expect(try log("whole").prefix(2).allSatisfy { $0.hasPrefix("{\"quarantined\":\"") && $0.contains("\"samples\":3,\"reason\":\"") })
        #expect(try log("whole").dropFirst(2) == log("shorter")[...])

        // Stopped in the middle of an epoch and at its end, other loader threads in each part; one shard is repaired on the way and stays
        // out.
        #expect(try runs.train("parts", steps: 1, skippingBad: true) { $0.augmentation = .full } == .reachedStepLimit(step: 1))
        try flip("train", 1)
        #expect(try runs.train("parts", resume: true, workers: 3, steps: 4) == .reachedStepLimit(step: 4))
        try FileIO.writeAtomically(lost, to: path("val", 0))
        #expect(try runs.train("parts", resume: true, workers: 2, skippingBad: true) == .finished(epochs: 3))
        try runs.expectEqual("whole", "parts", everyFileOfARun)
    }

    @Test(arguments: [true, false]) func withoutItABadShardStopsTheRunAndTheMessageNamesTheFlag(missing: Bool) throws {
        if missing { try FileIO.remove(path("train", 2)) } else { try flip("train", 2) }
        let error = #expect(throws: TrainingError.self) { try runs.train("run") }
        let text = error.map { "\($0)" } ?? ""
        #expect(error?.kind == .data && text.contains(path("train", 2)) && text.contains("--skip-bad"), "\(text)")
        #expect(!FileIO.exists(runs.folder.file("run")))
    }

    @Test func aRunThatDamageStoppedGoesOnWithoutTheShard() throws {
        try runs.train("run", steps: 4)
        try flip("train", 0)
        let error = #expect(throws: TrainingError.self) { try runs.train("run", resume: true) }
        #expect(error.map { "\($0)" }?.contains("--skip-bad (with --resume") == true)
        try FileManager.default.copyItem(atPath: runs.folder.file("run"), toPath: runs.folder.file("again"))

        // The second epoch is at its second batch: the seven images that are left make two in all.
        let observer = Observer()
        #expect(try runs.train("run", resume: true, skippingBad: true, observer: observer) == .finished(epochs: 3))
        #expect(observer.steps.map(\.step) == [5, 6, 7] && observer.steps.map(\.batch) == [2, 1, 2])
        #expect(try RunConfiguration.read(runs.folder.file("run/config.json")).skipsBad == true)
        let lines = try log("run")
        #expect(
            lines.count == 8 && lines[4].hasPrefix("{\"quarantined\":\"train/shard.00000.mds.zstd\",\"samples\":3,\"reason\":\"sha256 is"))

        // Once more from the same state, in parts: the shard stays out though it is whole again, and the bytes are the same.
        try runs.train("again", resume: true, workers: 3, steps: 5, skippingBad: true)
        try flip("train", 0)
        try runs.train("again", resume: true, workers: 2)
        try runs.expectEqual("run", "again", everyFileOfARun)
    }

    @Test func aSplitWithoutAnyWholeShardIsAnError() throws {
        for number in 0..<2 { try flip("val", number) }
        let error = #expect(throws: TrainingError.self) { try runs.train("run", skippingBad: true) }
        #expect(
            error?.kind == .data && error.map { "\($0)" }?.contains("val: none of 2 shards is intact (shard.00000.mds.zstd: sha256") == true
        )
    }

    @Test func whatIsWrongWithTheIndexIsNoMatterOfShards() throws {
        try FileIO.writeAtomically("{}", to: runs.shards + "/val/index.json")
        let error = #expect(throws: TrainingError.self) { try runs.train("run", skippingBad: true) }
        #expect(error?.kind == .usage && error.map { "\($0)" }?.contains("not a valid MDS index") == true)
    }

    @Test func theSummaryNamesTheFirstShards() {
        let shards = (0..<10).map { QuarantinedShard(split: "train", shard: "shard.\($0).mds", samples: 4, reason: "the file is missing") }
        #expect(Array(shards.prefix(1)).summary == "1 bad shard with 4 samples left out: train/shard.0.mds")
        #expect(shards.summary.hasPrefix("10 bad shards with 40 samples left out: train/shard.0.mds, "))
        #expect(shards.summary.hasSuffix("train/shard.7.mds and 2 more"))
    }
}
