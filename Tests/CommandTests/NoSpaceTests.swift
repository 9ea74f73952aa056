// A full disk: a file system of one megabyte, which only root can mount.
import Foundation
import TestSupport
import Testing

@Suite struct NoSpaceTests {
    @Test(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.reason)))
    func noSpaceLeft() throws {
        let work = try DemoWork.shared.get()
        let small = try SmallDisk(size: "1m")
        defer { #expect(small.eject()) }
        let shard = try BuiltPrograms.run(
            "prep", ["shard", "demo", "--out", small.file("shards"), "--compression", "none"], in: work.folder.path)
        #expect(shard.code == 3 && shard.error.contains("no space"), "\(shard.everything)")
        let train = try BuiltPrograms.run(
            "train", ["--shards", "shards/demo", "--run", small.file("run"), "--batch-size", "2", "--max-steps", "1"], in: work.folder.path)
        #expect(train.code == 3 && train.error.contains("no space"), "\(train.everything)")
        let names = FileManager.default.enumerator(atPath: small.path)?.compactMap { $0 as? String } ?? []
        #expect(!names.contains { $0.hasSuffix("state.json") || $0.hasSuffix(".safetensors") || $0.hasSuffix(".next") }, "\(names)")
    }
}
