// The loader: order and bytes are a function of (seed, epoch, batch) alone, and every sample comes once.
import Files
import Foundation
import Shards
import TestSupport
import Testing

@Suite struct LoaderTests {
    /// A batch, copied out.
    struct Batch: Equatable {
        let ids: [String], image: [UInt8], mask: [UInt8], tokens: [Int32], attention: [UInt8]
    }

    private static func batches(
        _ shards: ShardSet, workers: Int, epoch: Int = 0, from start: Int = 0, seed: UInt64 = 7, augmentation: Augmentation = .none,
        shuffle: Bool = true
    ) throws -> [Batch] {
        let options = LoaderOptions(batchSize: 3, seed: seed, shuffle: shuffle, workers: workers, augmentation: augmentation)
        let loader = try Loader(shards: shards, options: options)
        defer { loader.stop() }
        try loader.start(epoch: epoch, fromBatch: start)
        var result: [Batch] = []
        while let slot = try loader.next() {
            let pixels = shards.imageHeight * shards.imageWidth
            result.append(
                Batch(
                    ids: slot.ids, image: Array(UnsafeBufferPointer(start: slot.image, count: slot.count * pixels * shards.channels)),
                    mask: Array(UnsafeBufferPointer(start: slot.mask, count: slot.count * pixels)),
                    tokens: Array(UnsafeBufferPointer(start: slot.tokens, count: slot.count * shards.tokenLength)),
                    attention: Array(UnsafeBufferPointer(start: slot.attention, count: slot.count * shards.tokenLength))))
            loader.release(slot)
        }
        return result
    }

    private func shards(memory: Int = ShardSet.defaultMemory) throws -> (DemoShards, ShardSet) {
        let demo = try DemoShards()
        try demo.make()
        return (demo, try ShardSet(folder: demo.folder.file("out/demo/train"), memory: memory))
    }

    @Test func workersChangeNothing() throws {
        let (demo, set) = try shards()
        defer { withExtendedLifetime(demo) {} }
        let one = try Self.batches(set, workers: 1, augmentation: .reference)
        for workers in [2, 4] { #expect(try Self.batches(set, workers: workers, augmentation: .reference) == one) }
        #expect(one.flatMap(\.ids).count == set.count && Set(one.flatMap(\.ids)).count == set.count)
    }

    @Test func anEpochCanBeEnteredAnywhere() throws {
        let (demo, set) = try shards()
        defer { withExtendedLifetime(demo) {} }
        let whole = try Self.batches(set, workers: 2, epoch: 3, augmentation: .reference)
        for start in 0...whole.count {
            #expect(try Self.batches(set, workers: 3, epoch: 3, from: start, augmentation: .reference) == Array(whole.dropFirst(start)))
        }
    }

    @Test func orderFollowsSeedAndEpoch() throws {
        let (demo, set) = try shards()
        defer { withExtendedLifetime(demo) {} }
        func ids(_ epoch: Int, _ seed: UInt64, shuffle: Bool = true) throws -> [String] {
            try Self.batches(set, workers: 2, epoch: epoch, seed: seed, shuffle: shuffle).flatMap(\.ids)
        }
        #expect(try ids(0, 7) != ids(1, 7))
        #expect(try ids(0, 7) != ids(0, 8))
        #expect(try ids(0, 7, shuffle: false) == ids(5, 9, shuffle: false))
    }

    @Test func aSmallMemoryGivesTheSameBatches() throws {
        let (demo, set) = try shards()
        defer { withExtendedLifetime(demo) {} }
        let small = try ShardSet(folder: set.folder, memory: 1)
        #expect(try Self.batches(small, workers: 3) == Self.batches(set, workers: 1))
    }

    @Test func whatIsLoadedIsWhatWasStored() throws {
        let (demo, set) = try shards()
        defer { withExtendedLifetime(demo) {} }
        for batch in try Self.batches(set, workers: 2) {
            for (place, id) in batch.ids.enumerated() {
                let index = try #require(try (0..<set.count).first { try set.sample(at: $0).id == id })
                let sample = try set.sample(at: index)
                #expect(Array(batch.image[(place * sample.image.count)..<((place + 1) * sample.image.count)]) == sample.image)
                #expect(Array(batch.tokens[(place * 24)..<((place + 1) * 24)]) == sample.tokens?.ids)
                #expect(sample.mask.allSatisfy { $0 <= 1 } && sample.mask.contains(1))
            }
        }
    }

    @Test func stoppingHalfWayAndStartingAgain() throws {
        let (demo, set) = try shards()
        defer { withExtendedLifetime(demo) {} }
        let loader = try Loader(shards: set, options: LoaderOptions(batchSize: 1, seed: 1, workers: 3))
        for epoch in 0..<20 {
            try loader.start(epoch: epoch)
            let slot = try #require(try loader.next())
            loader.release(slot)
        }
        loader.stop()
    }

    @Test func damageReachesTheConsumerAsAnError() throws {
        let (demo, set) = try shards()
        defer { withExtendedLifetime(demo) {} }
        let name = try #require(set.index.shards.last).stored.basename
        var bytes = try FileIO.read(set.folder + "/" + name)
        bytes[bytes.count - 9] ^= 1
        try FileIO.writeAtomically(bytes, to: set.folder + "/" + name)
        // A small shard is unpacked whole when the set opens, a large one when its first sample is wanted.
        #expect(throws: ShardError.self) { _ = try Self.batches(ShardSet(folder: set.folder), workers: 2) }
        bytes.removeLast()
        try FileIO.writeAtomically(bytes, to: set.folder + "/" + name)
        #expect(throws: ShardError.self) { _ = try ShardSet(folder: set.folder) }
    }

    @Test(arguments: ["streaming-zstd", "streaming-raw"]) func shardsOfMosaicMLStreamingAreRead(name: String) throws {
        // Rows by the formula of Scripts/golden/shards.py.
        let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Golden/\(name)").path
        let set = try ShardSet(folder: folder)
        #expect(set.count == 7 && set.imageSize == 4 && set.channels == 3 && set.tokenLength == 6 && set.vocabularySHA256 == nil)
        for i in 0..<7 {
            let sample = try set.sample(at: i)
            #expect(sample.id == "sample-\(i)" && sample.width == 300 + i && sample.height == 200 + i)
            #expect(sample.caption == Array(repeating: "caption \(i) ü", count: i % 3 + 1).joined(separator: " "))
            #expect(sample.image == (0..<48).map { UInt8((7 * i + 3 * $0) % 256) })
            #expect(sample.mask == (0..<16).map { UInt8((i + $0) % 2) })
            #expect(sample.tokens?.ids == (0..<6).map { Int32(100 * i + $0) })
            #expect(sample.tokens?.attention == (0..<6).map { $0 <= i ? 1 : 0 })
        }
    }
}
