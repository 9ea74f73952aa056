// A full disk: a file system of one megabyte, which only root can mount.
import Foundation
import TestSupport
import Testing

@Suite struct NoSpaceTests {
    private static func mount(_ words: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    private static let canMount: Bool = {
        guard getuid() == 0, let folder = try? TemporaryFolder("mount") else { return false }
        guard mount(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path]) else { return false }
        return mount(["umount", folder.path])
    }()

    @Test(.enabled(if: canMount, "needs root and the right to mount a file system"))
    func noSpaceLeft() throws {
        let work = try DemoWork.shared.get()
        let small = try TemporaryFolder("small")
        try #require(Self.mount(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small.path]))
        defer { #expect(Self.mount(["umount", small.path])) }
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
