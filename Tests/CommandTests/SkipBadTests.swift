// `train` on shards one of which is damaged, with the built program and the full model.
import Foundation
import TestSupport
import Testing

@Suite struct SkipBadTests {
    @Test func aDamagedShardIsNamedAndLeftOutOnRequest() throws {
        let work = try DemoWork.shared.get().copy()
        let made = try BuiltPrograms.run("prep", ["shard", "demo", "--shard-bytes", "700000", "--overwrite"], in: work.path)
        #expect(made.code == 0, "\(made.everything)")
        let shard = "shards/demo/train/shard.00001.mds.zstd"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: work.file(shard)))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: work.file(shard)))

        func train(_ words: String...) throws -> Outcome { try BuiltPrograms.run("train", words, in: work.path) }
        let stopped = try train("--shards", "shards/demo", "--run", "runs/new", "--batch-size", "2", "--max-steps", "1")
        #expect(stopped.code == 1 && stopped.error.contains(shard) && stopped.error.contains("--skip-bad"), "\(stopped.everything)")
        #expect(!FileManager.default.fileExists(atPath: work.file("runs/new")))

        let skipped = try train("--shards", "shards/demo", "--run", "runs/new", "--batch-size", "2", "--max-steps", "1", "--skip-bad")
        #expect(skipped.code == 1, "\(skipped.everything)")
        #expect(skipped.error.contains("checking train: ") && skipped.error.contains("checking val: "), "\(skipped.error)")
        #expect(
            skipped.error.components(separatedBy: "left out (--skip-bad): ").count == 2 && skipped.error.contains("\(shard), "),
            "\(skipped.error)")
        #expect(skipped.output.contains("stopped at step 1") && skipped.error.contains("1 bad shard with "), "\(skipped.everything)")
        #expect(skipped.error.contains(" samples left out: train/shard.00001.mds.zstd; runs/new/log.jsonl says why"), "\(skipped.error)")
        let configuration = try String(contentsOfFile: work.file("runs/new/config.json"), encoding: .utf8)
        #expect(configuration.contains("\"skipsBad\" : true"))
        struct Line: Decodable { let quarantined: String, samples: Int, reason: String }
        let log = try String(contentsOfFile: work.file("runs/new/log.jsonl"), encoding: .utf8).split(separator: "\n")
        let line = try JSONDecoder().decode(Line.self, from: Data(try #require(log.first).utf8))
        #expect(
            log.count == 2 && line.quarantined == "train/shard.00001.mds.zstd" && line.samples > 0 && line.reason.hasPrefix("sha256 is "))

        let resumed = try train("--run", "runs/new", "--resume", "--max-steps", "2")
        #expect(resumed.code == 1 && resumed.error.contains("1 bad shard with "), "\(resumed.everything)")
    }
}
