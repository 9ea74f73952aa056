// `Augmentation.full`: a function of (seed, epoch, sample), pixels and captions that stay together, and the loader's promises with it.
import Files
import Foundation
import Shards
import TestSupport
import Testing
import Text

@Suite struct AugmentationTests {
    private struct Batch: Equatable {
        let ids: [String], captions: [String], image: [UInt8], mask: [UInt8], tokens: [Int32], attention: [UInt8]
    }

    private let demo: DemoShards
    private let set: ShardSet
    private let vocabulary: Vocabulary
    private let captions: MirroredCaptions

    init() throws {
        demo = try DemoShards()
        try demo.make()
        set = try ShardSet(folder: demo.folder.file("out/demo/train"))
        vocabulary = try Vocabulary(contentsOf: demo.folder.file("out/demo/vocab.txt"))
        captions = try MirroredCaptions(of: set, vocabulary: vocabulary)
    }

    private func batches(workers: Int, epoch: Int, from start: Int = 0) throws -> [Batch] {
        let options = LoaderOptions(batchSize: 3, seed: 7, workers: workers, augmentation: .full, mirroredCaptions: captions)
        let loader = try Loader(shards: set, options: options)
        defer { loader.stop() }
        try loader.start(epoch: epoch, fromBatch: start)
        var result: [Batch] = []
        let pixels = set.imageHeight * set.imageWidth
        while let slot = try loader.next() {
            result.append(
                Batch(
                    ids: slot.ids, captions: slot.captions,
                    image: Array(UnsafeBufferPointer(start: slot.image, count: slot.count * pixels * set.channels)),
                    mask: Array(UnsafeBufferPointer(start: slot.mask, count: slot.count * pixels)),
                    tokens: Array(UnsafeBufferPointer(start: slot.tokens, count: slot.count * set.tokenLength)),
                    attention: Array(UnsafeBufferPointer(start: slot.attention, count: slot.count * set.tokenLength))))
            loader.release(slot)
        }
        return result
    }

    @Test func threadsAndPlacesOfEntryChangeNothing() throws {
        for epoch in [0, 5] {
            let one = try batches(workers: 1, epoch: epoch)
            for start in 0...one.count { #expect(try batches(workers: 3, epoch: epoch, from: start) == Array(one.dropFirst(start))) }
        }
        #expect(try batches(workers: 1, epoch: 0) != batches(workers: 1, epoch: 5))
    }

    @Test func theLoaderGivesTheSamplesOfThePreviewWithTheTokensOfTheirCaptions() throws {
        let tokenizer = WordPieceTokenizer(vocabulary: vocabulary)
        var mirrored = 0
        for epoch in 0..<4 {
            for batch in try batches(workers: 2, epoch: epoch) {
                for (place, id) in batch.ids.enumerated() {
                    let index = try #require(try (0..<set.count).first { try set.sample(at: $0).id == id })
                    let (sample, plan) = try set.augmentedSample(at: index, .full, seed: 7, epoch: epoch, captions: captions)
                    let size = sample.image.count, area = sample.mask.count, length = set.tokenLength
                    #expect(Array(batch.image[(place * size)..<((place + 1) * size)]) == sample.image)
                    #expect(Array(batch.mask[(place * area)..<((place + 1) * area)]) == sample.mask)
                    #expect(batch.captions[place] == sample.caption)
                    let tokens = tokenizer.encode(CaptionText.normalised(try #require(sample.caption)), length: length)
                    #expect(Array(batch.tokens[(place * length)..<((place + 1) * length)]) == tokens.ids)
                    #expect(Array(batch.attention[(place * length)..<((place + 1) * length)]) == tokens.attention)
                    #expect(sample.mask.allSatisfy { $0 <= 1 } && sample.mask.contains(1))
                    if plan.mirroring.horizontal || plan.mirroring.vertical { mirrored += 1 }
                }
            }
        }
        #expect(mirrored > 5)
    }

    @Test func aFlipMovesTheTargetToTheSideThatTheCaptionNames() throws {
        var seen = (flips: 0, sides: 0)
        for epoch in 0..<30 {
            for index in 0..<set.count {
                let stored = try set.sample(at: index)
                let (sample, plan) = try set.augmentedSample(at: index, .full, seed: 3, epoch: epoch, captions: captions)
                guard plan.mirroring.horizontal, plan.rotation == nil, plan.zoom == nil, !plan.mirroring.vertical else { continue }
                seen.flips += 1
                let width = set.imageWidth
                for row in 0..<set.imageHeight {
                    let line = Array(stored.mask[(row * width)..<((row + 1) * width)])
                    #expect(Array(sample.mask[(row * width)..<((row + 1) * width)]) == line.reversed())
                }
                if let caption = stored.caption, caption.contains("left") {
                    seen.sides += 1
                    #expect(sample.caption == caption.replacing("left", with: "right"))
                }
            }
        }
        #expect(seen.flips > 20 && seen.sides > 0)
    }

    @Test func probabilitiesAreAsDocumented() throws {
        var counts = (horizontal: 0, vertical: 0, rotation: 0, contrast: 0, brightness: 0, zoom: 0, all: 0)
        for epoch in 0..<150 {
            for index in 0..<set.count {
                let plan = try set.augmentedSample(at: index, .full, seed: 11, epoch: epoch, captions: captions).plan
                counts.all += 1
                if plan.mirroring.horizontal { counts.horizontal += 1 }
                if plan.mirroring.vertical { counts.vertical += 1 }
                if let rotation = plan.rotation {
                    counts.rotation += 1
                    #expect(abs(rotation) <= 10)
                }
                if let contrast = plan.contrast {
                    counts.contrast += 1
                    #expect((0.9...1.1).contains(contrast))
                }
                if plan.brightness != nil { counts.brightness += 1 }
                if plan.zoom != nil { counts.zoom += 1 }
            }
        }
        // Four standard deviations of that many draws.
        func near(_ count: Int, _ probability: Double) -> Bool {
            abs(Double(count) - Double(counts.all) * probability) < 4 * (Double(counts.all) * probability * (1 - probability)).squareRoot()
        }
        #expect(near(counts.horizontal, 0.5) && near(counts.vertical, 0.25) && near(counts.zoom, 0.1), "\(counts)")
        #expect(near(counts.rotation, 0.3) && near(counts.contrast, 0.3) && near(counts.brightness, 0.3), "\(counts)")
    }

    @Test func aVocabularyThatDoesNotGiveTheStoredTokensIsRefused() throws {
        let other = try Vocabulary(tokens: vocabulary.tokens.reversed())
        let error = #expect(throws: ShardError.self) { _ = try MirroredCaptions(of: set, vocabulary: other) }
        #expect(error.map { "\($0)" }?.contains("does not give the stored tokens") == true)
    }

    @Test func withoutCaptionsNothingIsMirrored() throws {
        for epoch in 0..<20 {
            let (sample, plan) = try set.augmentedSample(at: 0, .full, seed: 1, epoch: epoch, captions: nil)
            #expect(!plan.mirroring.horizontal && !plan.mirroring.vertical)
            #expect(sample.caption == (try set.sample(at: 0).caption))
        }
    }
}
