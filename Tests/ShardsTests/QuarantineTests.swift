// Shards that are bad: every kind of damage is found, and a set without them is as if its index did not list them.
import Files
import Foundation
import Shards
import TestSupport
import Testing

@Suite struct QuarantineTests {
    private let demo: DemoShards
    private var split: String { demo.folder.file("out/demo/train") }

    init() throws { demo = try DemoShards() }

    /// The paths of the split's shards.
    private func shards() throws -> [String] { try MDSIndex.read(folder: split).shards.map { split + "/" + $0.stored.basename } }

    private func found(_ known: Set<String> = []) throws -> [QuarantinedShard] {
        try Quarantine.find(folder: split, split: "train", known: known, threads: 2)
    }

    @Test(arguments: ["zstd:3", nil] as [String?]) func missingTruncatedLongerAndChangedShardsAreFound(compression: String?) throws {
        var demo = demo
        demo.options.compression = compression
        try demo.make()
        #expect(try found() == [])
        let index = try MDSIndex.read(folder: split)
        try #require(index.shards.count > 2)
        let path = try shards()[1]
        let whole = try FileIO.read(path)
        let damages: [(bytes: [UInt8]?, reason: String)] = [
            (nil, "the file is missing"), ([], "has 0 bytes, the index declares \(whole.count)"),
            (Array(whole.dropLast()), "has \(whole.count - 1) bytes"), (whole + [0], "has \(whole.count + 1) bytes"),
            (Array(whole.dropFirst()) + [0], "sha256 is"), (whole.map { ~$0 }, "sha256 is"),
        ]
        for damage in damages {
            try FileIO.remove(path)
            if let bytes = damage.bytes { try FileIO.writeAtomically(bytes, to: path) }
            let bad = try found()
            #expect(bad.map(\.shard) == [index.shards[1].stored.basename] && bad.map(\.samples) == [index.shards[1].samples])
            #expect(bad.first?.split == "train" && bad.first?.reason.hasPrefix(damage.reason) == true, "\(bad)")
            #expect(try found([index.shards[1].stored.basename]) == [])
        }
    }

    @Test func aChangedByteAnywhereIsFound() throws {
        var demo = demo
        demo.options.size = 16
        demo.options.sizeLimit = 1 << 20
        try demo.make()
        let path = try #require(try shards().first)
        let whole = try FileIO.read(path)
        for place in stride(from: 0, to: whole.count, by: 11) {
            var bytes = whole
            bytes[place] ^= 1 << (place % 8)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            #expect(try found().count == 1, "byte \(place)")
        }
    }

    /// Writes two samples, the second of which may be off, with right hashes or none, and looks for what is bad.
    private func findInOwn(
        caption: [UInt8] = Array("a polyp".utf8), mask: UInt8 = 1, attention: UInt8 = 1, width: UInt8 = 4,
        hashes: [String] = MDSSchema.defaultHashes, change: (inout [UInt8]) -> Void = { _ in }
    ) throws -> [QuarantinedShard] {
        let schema = MDSSchema(
            columns: [
                MDSColumn("attention", "ndarray:uint8:2"), MDSColumn("caption", "str"), MDSColumn("height", "int"), MDSColumn("id", "str"),
                MDSColumn("image", "ndarray:uint8:4,4,1"), MDSColumn("mask", "ndarray:uint8:4,4"), MDSColumn("tokens", "ndarray:int32:2"),
                MDSColumn("width", "int"),
            ], compression: nil, hashes: hashes)
        let folder = demo.folder.file("own")
        try? FileManager.default.removeItem(atPath: folder)
        let writer = try MDSWriter(folder: folder, schema: schema)
        func number(_ value: UInt8) -> [UInt8] { [value] + [UInt8](repeating: 0, count: 7) }
        for (caption, mask, attention, width) in [(Array("whole".utf8), 0, 1, 4), (caption, mask, attention, width)] {
            try writer.append([
                [1, attention], caption, number(4), Array("sample".utf8), [UInt8](repeating: 9, count: 16),
                [UInt8](repeating: mask, count: 16),
                [UInt8](repeating: 0, count: 8), number(width),
            ])
        }
        try writer.finish()
        let path = folder + "/shard.00000.mds"
        var bytes = try FileIO.read(path)
        change(&bytes)
        try FileIO.writeAtomically(bytes, to: path)
        return try Quarantine.find(folder: folder, split: "val")
    }

    @Test func aSampleThatIsNoneCondemnsItsShardThoughAllHashesHold() throws {
        #expect(try findInOwn() == [])
        #expect(try findInOwn(caption: [0xFF, 0xFE]).map(\.reason) == ["sample number 1: its id or caption is not UTF-8"])
        #expect(try findInOwn(mask: 7).map(\.reason) == ["sample number 1: its mask holds 7, expected 0 and 1"])
        #expect(try findInOwn(attention: 3).map(\.samples) == [2])
        #expect(try findInOwn(width: 0).map(\.reason) == ["sample number 1: its original size is 0x4"])
    }

    @Test func aLengthThatIsWrongInAShardWithoutHashesIsFound() throws {
        #expect(try findInOwn(hashes: []) == [])
        let bad = try findInOwn(hashes: []) { bytes in
            // The first sample begins with the length of its caption.
            bytes[Int(bytes[4]) | Int(bytes[5]) << 8] ^= 0x40
        }
        #expect(bad.map(\.reason) == ["sample number 0: column caption ends behind its sample"])
    }

    @Test(arguments: [nil, 2] as [Int?]) func aSetWithoutAShardIsAsIfItWereNotListed(window: Int?) throws {
        try demo.make()
        let index = try MDSIndex.read(folder: split)
        try #require(index.shards.count > 2)
        let bad = index.shards[1].stored.basename
        let other = demo.folder.file("other")
        try FileManager.default.copyItem(atPath: split, toPath: other)
        let shorter = MDSIndex(shards: index.shards.filter { $0.stored.basename != bad }, provenance: index.provenance)
        try FileIO.writeAtomically(shorter.text, to: other + "/" + MDSIndex.name)
        let path = split + "/" + bad
        try FileIO.writeAtomically(try FileIO.read(path).map { ~$0 }, to: path)

        let want = try ShardSet(folder: other), left = try ShardSet(folder: split, leavingOut: [bad])
        #expect(left.count == want.count && left.count == index.shards.reduce(0) { $0 + $1.samples } - index.shards[1].samples)
        #expect(left.declared == index && left.index == shorter)
        for epoch in 0..<2 {
            let expected = try batches(want, workers: 1, epoch: epoch, window: window)
            #expect(Set(expected.flatMap(\.ids)).count == want.count)
            for workers in [1, 3] { #expect(try batches(left, workers: workers, epoch: epoch, window: window) == expected) }
        }
    }

    private struct Batch: Equatable {
        let ids: [String], image: [UInt8], mask: [UInt8]
    }

    private func batches(_ set: ShardSet, workers: Int, epoch: Int, window: Int?) throws -> [Batch] {
        let loader = try Loader(
            shards: set, options: LoaderOptions(batchSize: 3, seed: 7, workers: workers, augmentation: .reference, shuffleWindow: window))
        defer { loader.stop() }
        try loader.start(epoch: epoch)
        var result: [Batch] = []
        while let slot = try loader.next() {
            let pixels = slot.count * set.imageHeight * set.imageWidth
            result.append(
                Batch(
                    ids: slot.ids, image: Array(UnsafeBufferPointer(start: slot.image, count: pixels * set.channels)),
                    mask: Array(UnsafeBufferPointer(start: slot.mask, count: pixels))))
            loader.release(slot)
        }
        return result
    }
}
