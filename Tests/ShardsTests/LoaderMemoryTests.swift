// A loader with little memory: what order it gives, that memory and threads do not change it, and that its place is small JSON.
import Files
import Foundation
import Shards
import Testing
import Text

@Suite struct LoaderMemoryTests {
    @Test(arguments: [(1, 7), (2, 7), (3, 5), (6, 7), (7, 7), (9, 7)]) func aWindowHoldsEverySampleOnceAndFewShards(
        window: Int, shards: Int
    ) {
        let counts = (0..<shards).map { 5 + 13 * $0 % 9 }
        let total = counts.reduce(0, +)
        let starts = counts.indices.map { counts[..<$0].reduce(0, +) }
        for epoch in 0..<5 {
            let order = SampleOrder.shuffled(samplesPerShard: counts, window: window, seed: 3, epoch: epoch)
            #expect(order.sorted() == Array(0..<total))
            #expect(order == SampleOrder.shuffled(samplesPerShard: counts, window: window, seed: 3, epoch: epoch))
            #expect(order != SampleOrder.shuffled(samplesPerShard: counts, window: window, seed: 3, epoch: epoch + 1))
            guard window < shards else {
                #expect(order == SampleOrder.shuffled(count: total, seed: 3, epoch: epoch))
                continue
            }
            // At every place, the shards that were begun and are not yet ended.
            let shardOf = order.map { sample in starts.lastIndex { $0 <= sample } ?? 0 }
            for place in order.indices {
                let open = Set(shardOf[...place]).intersection(shardOf[place...])
                #expect(open.count <= window + 1)
            }
        }
    }

    /// Batches of an epoch from a batch on, and the loader's place after `stop` of them.
    private func read(
        _ set: ShardSet, _ options: LoaderOptions, at state: LoaderState, count: Int = .max
    ) throws -> (batches: [[UInt8]], texts: [[String]], state: LoaderState) {
        let loader = try Loader(shards: set, options: options)
        defer { loader.stop() }
        try loader.start(at: state)
        var batches: [[UInt8]] = [], texts: [[String]] = []
        while batches.count < count, let slot = try loader.next() {
            let pixels = slot.count * set.imageHeight * set.imageWidth
            var bytes = Array(UnsafeBufferPointer(start: slot.mask, count: pixels))
            if let floats = slot.normalised {
                bytes += UnsafeRawBufferPointer(start: floats, count: 12 * pixels)
            } else {
                bytes += UnsafeBufferPointer(start: slot.image, count: pixels * set.channels)
            }
            bytes += UnsafeRawBufferPointer(start: slot.tokens, count: 4 * slot.count * set.tokenLength)
            batches.append(bytes)
            texts.append(slot.ids + slot.captions)
            loader.release(slot)
        }
        return (batches, texts, loader.state)
    }

    @Test(arguments: [BatchImages.bytes, .normalised], [nil, 2]) func stoppedAndResumedWithOtherThreadsIsTheSameBytes(
        images: BatchImages, window: Int?
    ) throws {
        let demo = try DemoShards()
        try demo.make()
        let folder = demo.folder.file("out/demo/train")
        let set = try ShardSet(folder: folder)
        var options = LoaderOptions(
            batchSize: 3, seed: 11, workers: 1, augmentation: .full,
            mirroredCaptions: try MirroredCaptions(of: set, vocabulary: Vocabulary(contentsOf: demo.folder.file("out/demo/vocab.txt"))),
            shuffleWindow: window, images: images)
        let whole = try read(set, options, at: LoaderState(seed: 11, epoch: 4, nextBatch: 0, batchSize: 3, shuffleWindow: window))
        #expect(whole.batches.count >= 3)
        for stop in 0...whole.batches.count {
            options.workers = 1 + stop % 4
            let first = try read(
                set, options, at: LoaderState(seed: 11, epoch: 4, nextBatch: 0, batchSize: 3, shuffleWindow: window), count: stop)
            let json = try JSONEncoder().encode(first.state)
            #expect(json.count < 200)
            let place = try JSONDecoder().decode(LoaderState.self, from: json)
            options.workers = 4 - stop % 4
            // Another process: shards opened anew, and hardly any memory.
            let rest = try read(ShardSet(folder: folder, memory: 1), options, at: place)
            #expect(first.batches + rest.batches == whole.batches)
            #expect(first.texts + rest.texts == whole.texts)
        }
    }

    /// Orders that must never change while `SampleOrder.version` stays; made by the same formulas in Python's integers.
    @Test func ordersStayWhatTheyAre() {
        #expect(SampleOrder.version == 2)
        #expect(SampleOrder.shuffled(count: 12, seed: 3, epoch: 1) == [2, 6, 3, 10, 11, 5, 0, 8, 1, 7, 9, 4])
        #expect(
            SampleOrder.shuffled(samplesPerShard: [5, 3, 6, 4], window: 2, seed: 3, epoch: 1)
                == [8, 11, 10, 16, 12, 15, 9, 13, 14, 3, 2, 17, 5, 1, 0, 4, 6, 7])
    }

    @Test func aPlaceOfAnotherLoaderIsRefused() throws {
        let demo = try DemoShards()
        try demo.make()
        let loader = try Loader(shards: ShardSet(folder: demo.folder.file("out/demo/train")), options: LoaderOptions(batchSize: 3, seed: 1))
        for (state, word) in [
            (LoaderState(seed: 2, epoch: 0, nextBatch: 0, batchSize: 3), "seed"),
            (LoaderState(seed: 1, epoch: 0, nextBatch: 0, batchSize: 2), "batches"),
            (LoaderState(seed: 1, epoch: 0, nextBatch: 0, batchSize: 3, shuffleWindow: 2), "window"),
        ] {
            let error = #expect(throws: ShardError.self) { try loader.start(at: state) }
            #expect("\(error, default: "")".contains(word))
        }
    }

    @Test func normalisedBatchesAreTheStoredImagesNormalised() throws {
        let demo = try DemoShards()
        try demo.make()
        let set = try ShardSet(folder: demo.folder.file("out/demo/train"))
        let loader = try Loader(shards: set, options: LoaderOptions(batchSize: 4, seed: 1, workers: 2, images: .normalised))
        defer { loader.stop() }
        try loader.start(epoch: 0)
        var seen = 0
        while let slot = try loader.next() {
            let floats = try #require(slot.normalised)
            let pixels = set.imageHeight * set.imageWidth
            for place in 0..<slot.count {
                let image = try set.sample(at: slot.sampleIndices[place]).image
                for channel in 0..<3 {
                    let values = (0..<pixels).map { Double(image[3 * $0 + channel]) }
                    let mean = values.reduce(0, +) / Double(pixels)
                    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels)).squareRoot()
                    for i in 0..<pixels {
                        let found = Double(floats[(place * pixels + i) * 3 + channel])
                        if abs(found - (values[i] - mean) / deviation) > 1e-5 { Issue.record("pixel \(i): \(found)") }
                    }
                }
                seen += 1
            }
            loader.release(slot)
        }
        #expect(seen == set.count)
    }

    @Test func theWindowFollowsFromTheMemory() throws {
        let demo = try DemoShards()
        try demo.make()
        let set = try ShardSet(folder: demo.folder.file("out/demo/train"))
        var options = LoaderOptions(batchSize: 1, workers: 1)
        #expect(try set.plan(memory: 1 << 30, for: options) == nil)
        options.shuffleWindow = 2
        #expect(try set.plan(memory: 1 << 30, for: options) == 2, "what is recorded stays")
        options.shuffleWindow = nil
        let error = #expect(throws: ShardError.self) { try set.plan(memory: 1000, for: options) }
        #expect("\(error, default: "")".contains("give at least"))
    }
}
