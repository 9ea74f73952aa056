// Every byte of a small set changed in turn: of its shard, compressed and not, and of its index. Either opening or reading fails with a
// ShardError, or all samples are the very same: never a crash, never a silently wrong sample.
import Files
import Foundation
import Shards
import Testing

@Suite struct ShardDamageTests {
    private struct Outcome: Equatable {
        var detected = 0, harmless = 0
        var wrong: [Int] = []
    }

    /// What every sample of a split holds, as one text a sample.
    private static func content(_ split: String) throws(ShardError) -> [String] {
        let set = try ShardSet(folder: split)
        var samples: [String] = []
        for number in 0..<set.count {
            let sample = try set.sample(at: number)
            samples.append(
                "\(sample.id) \(sample.caption ?? "") \(sample.width) \(sample.height) \(sample.tokens?.ids ?? []) "
                    + "\(sample.tokens?.attention ?? []) "
                    + Digest.sha256(sample.image) + Digest.sha256(sample.mask))
        }
        return samples
    }

    /// Changes every byte of a file of the split, with one of the masks in turn.
    private static func flip(_ path: String, in split: String, masks: [UInt8]) throws -> Outcome {
        let bytes = try FileIO.read(path)
        let right = try content(split)
        var outcome = Outcome()
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= masks[place % masks.count]
            try #require(damaged.withUnsafeBytes { overwrite(path, $0) })
            do throws(ShardError) {
                if try content(split) == right { outcome.harmless += 1 } else { outcome.wrong.append(place) }
            } catch {
                outcome.detected += 1
            }
        }
        try FileIO.writeAtomically(bytes, to: path)
        #expect(try content(split) == right)
        return outcome
    }

    private static func overwrite(_ path: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let file = fopen(path, "wb") else { return false }
        defer { fclose(file) }
        return fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count
    }

    @Test(arguments: ["zstd:3", nil] as [String?]) func everyByteOfAShard(compression: String?) throws {
        var demo = try DemoShards()
        demo.options.size = 16
        demo.options.compression = compression
        try demo.make()
        let split = demo.folder.file("out/demo/val")
        let shard = split + "/" + (try #require(try MDSIndex.read(folder: split).shards.first)).stored.basename
        let outcome = try Self.flip(shard, in: split, masks: [0x01, 0xFF])
        #expect(outcome.wrong.isEmpty, "bytes \(outcome.wrong.prefix(20)) change samples and nobody notices")
        #expect(outcome.detected > 500)
        print("shard, \(compression ?? "not compressed"): \(outcome.detected) detected, \(outcome.harmless) harmless")
    }

    @Test func everyByteOfAnIndex() throws {
        var demo = try DemoShards()
        demo.options.size = 16
        try demo.make()
        let split = demo.folder.file("out/demo/val")
        let outcome = try Self.flip(split + "/index.json", in: split, masks: [0x01, 0x10, 0xFF])
        #expect(outcome.wrong.isEmpty, "bytes \(outcome.wrong.prefix(20)) change samples and nobody notices")
        #expect(outcome.detected > 500)
        print("index: \(outcome.detected) detected, \(outcome.harmless) harmless")
    }
}
