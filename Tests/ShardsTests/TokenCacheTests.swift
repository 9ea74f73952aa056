// Tokens as a cache: shards without them, shards with others, shards without captions; damage is named, old shards are replaced with care.
import Datasets
import Files
import Foundation
import Shards
import TestSupport
import Testing
import Text

@Suite struct TokenCacheTests {
    private static let words = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "one", "small", "polyp", "##s", "located", "in", "top", "left",
    ]

    private func everySplit(_ folder: TemporaryFolder, _ name: String, _ body: (String) throws -> Void) throws {
        for split in ["train", "val", "test"] { try body(folder.file("\(name)/demo/\(split)")) }
    }

    /// Everything a loader gives of a set, in batches of three.
    private func batches(_ set: ShardSet) throws -> [[Int32]] {
        let loader = try Loader(shards: set, options: LoaderOptions(batchSize: 3, seed: 4, workers: 2, augmentation: .reference))
        try loader.start(epoch: 1)
        defer { loader.stop() }
        var result: [[Int32]] = []
        while let slot = try loader.next() {
            let count = slot.count * set.tokenLength
            result.append(
                Array(UnsafeBufferPointer(start: slot.tokens, count: count))
                    + UnsafeBufferPointer(start: slot.attention, count: count).map(Int32.init))
            loader.release(slot)
        }
        return result
    }

    /// Other vocabulary and length, from shards that hold other tokens or none: all as if they had been made for it.
    @Test(arguments: [true, false]) func tokensMadeOnLoadAreThoseOfShardsMadeForThem(storesOthers: Bool) throws {
        var demo = try DemoShards()
        demo.options.storesTokens = storesOthers
        try demo.make("given")
        let vocabulary = try Vocabulary(tokens: Self.words)
        demo.options.storesTokens = true
        (demo.options.vocabulary, demo.options.tokenLength) = (vocabulary, 9)
        let report = try demo.make("wanted")
        var losses = CaptionLosses()
        try everySplit(demo.folder, "wanted") { path in
            let wanted = try ShardSet(folder: path), given = try ShardSet(folder: path.replacing("wanted", with: "given"))
            #expect(given.storesTokens == storesOthers)
            let (made, lost) = try given.tokenised(by: WordPieceTokenizer(vocabulary: vocabulary), length: 9, threads: 2)
            losses = losses + lost
            #expect(made.hasMadeTokens && made.tokenLength == 9 && made.count == wanted.count)
            #expect(try made.distinctTokens() == wanted.distinctTokens())
            for index in 0..<wanted.count {
                let one = try made.sample(at: index), other = try wanted.sample(at: index)
                #expect(one.tokens == other.tokens && one.caption == other.caption && one.image == other.image)
            }
            #expect(try batches(made) == batches(wanted))
        }
        #expect(losses.truncated == report.truncatedCaptions && losses.withUnknowns == report.captionsWithUnknowns)
        #expect(losses.truncated > 0 && losses.withUnknowns > 0)
    }

    @Test func shardsWithoutTokensHaveNoVocabularyAndAreUpToDateAgain() throws {
        var demo = try DemoShards()
        try demo.make()
        demo.options.storesTokens = false
        let report = try demo.make()
        #expect(report.hasCaptions && report.vocabularySize == nil && report.truncatedCaptions == 0)
        #expect(!FileIO.exists(demo.folder.file("out/demo/vocab.txt")))
        #expect(try demo.make().parts.allSatisfy(\.wasUpToDate))
        let index = try FileIO.readText(demo.folder.file("out/demo/train/index.json"))
        #expect(index.contains("\"formatVersion\": 2") && index.contains("\"tokens\": \"none\"") && !index.contains("vocabularySha256"))
        let verified = try Verification.run(folder: demo.folder.file("out/demo"), listing: true)
        #expect(verified.problems.isEmpty && verified.parts.allSatisfy { $0.hasCaptions == true && $0.hasTokens == false })
        #expect(verified.listing.allSatisfy { $0.caption?.isEmpty == false && $0.json.contains("\"tokensSha256\": null") })
    }

    /// The first format is as it was: programs that know no other read these shards.
    @Test func shardsWithTokensKeepTheirFormat() throws {
        let demo = try DemoShards()
        try demo.make()
        let index = try FileIO.readText(demo.folder.file("out/demo/train/index.json"))
        #expect(index.contains("\"formatVersion\": 1") && !index.contains("\"tokens\":") && !index.contains("\"captions\":"))
        #expect(try MDSIndex.read(folder: demo.folder.file("out/demo/train")).text == index)
    }

    private func withoutCaptions(_ demo: DemoShards) throws -> Manifest {
        var ingest = IngestOptions(dataset: .kvasir)
        ingest.root = demo.folder.file("demo")
        ingest.name = "demo"
        ingest.manifests = demo.folder.file("manifests")
        ingest.leavesCaptionsOut = true
        ingest.shares = try SplitShares("60/20/20")
        return try Ingest.run(ingest).manifest
    }

    @Test func imagesWithoutCaptionsAreShardedVerifiedAndLoaded() throws {
        let demo = try DemoShards()
        let report = try Sharding.run(manifest: try withoutCaptions(demo), folder: demo.folder.file("out"), options: demo.options)
        #expect(!report.hasCaptions && report.vocabularySize == nil && !report.builtVocabulary)
        #expect(!FileIO.exists(demo.folder.file("out/demo/vocab.txt")))
        let index = try FileIO.readText(demo.folder.file("out/demo/train/index.json"))
        #expect(index.contains("\"captions\": \"none\"") && !index.contains("\"caption\""))
        let verified = try Verification.run(folder: demo.folder.file("out/demo"), listing: true)
        #expect(verified.problems.isEmpty && verified.parts.allSatisfy { $0.hasCaptions == false })
        #expect(verified.listing.allSatisfy { $0.caption == nil && $0.json.contains("\"caption\": null") })
        let set = try ShardSet(folder: demo.folder.file("out/demo/train"))
        #expect(!set.hasCaptions && !set.storesTokens && set.tokenLength == 0)
        #expect(try set.captions().isEmpty && set.distinctTokens().isEmpty && set.sample(at: 0).tokens == nil)
        let loader = try Loader(shards: set, options: LoaderOptions(batchSize: 4, workers: 2, augmentation: .full))
        try loader.start(epoch: 0)
        var seen = 0
        while let slot = try loader.next() {
            #expect(slot.ids.count == slot.count && slot.captions.isEmpty)
            seen += slot.count
            loader.release(slot)
        }
        #expect(seen == set.count)
        // Nothing has to stay true, so pictures are flipped both ways.
        let plans = try (0..<40).map { try set.augmentedSample(at: 0, .full, seed: 1, epoch: $0, captions: nil).plan }
        #expect(plans.contains { $0.mirroring.horizontal } && plans.contains { $0.mirroring.vertical })
    }

    @Test func captionsOrTokensThatGoAreASettingThatNeedsOverwrite() throws {
        var demo = try DemoShards()
        try demo.make()
        let out = demo.folder.file("out")
        func changes(_ manifest: Manifest, _ options: ShardingOptions) throws -> [String] {
            let error = #expect(throws: ShardError.self) {
                _ = try ShardReplacement.find(manifest, folder: out, options: options, overwrites: false)
            }
            guard case .otherSettings(let found)? = error else { return [] }
            return found.changes
        }
        let bare = try withoutCaptions(demo)
        #expect(try changes(bare, demo.options) == ["captions stored, now none"])
        demo.options.storesTokens = false
        #expect(try changes(demo.manifest, demo.options) == ["tokens stored, now none"])
        demo.options.storesTokens = true
        _ = try Sharding.run(manifest: bare, folder: out, options: demo.options)
        #expect(!FileIO.exists(out + "/demo/vocab.txt"))
        #expect(try changes(demo.manifest, demo.options) == ["captions none, now stored"])
    }

    @Test func anIndexThatContradictsItselfIsRefused() throws {
        var demo = try DemoShards()
        demo.options.storesTokens = false
        try demo.make()
        let path = demo.folder.file("out/demo/train/index.json"), text = try FileIO.readText(path)
        for (from, to, says) in [
            ("\"tokens\": \"none\"", "\"tokens\": \"some\"", "tokens some in format 2"),
            ("\"formatVersion\": 2", "\"formatVersion\": 1", "vocabularySha256 and tokenLength, expected both"),
            ("\"formatVersion\": 2", "\"formatVersion\": 3", "shards of version 3, expected 1 or 2"),
            ("\"tokens\": \"none\"", "\"tokens\": \"none\", \"captions\": \"some\"", "captions is some"),
        ] {
            let changed = text.replacing(from, with: to)
            #expect(changed != text)
            try FileIO.writeAtomically(changed, to: path)
            let error = #expect(throws: ShardError.self) { _ = try ShardSet(folder: demo.folder.file("out/demo/train")) }
            #expect(error.map { "\($0)" }?.contains(says) == true, "\(String(describing: error))")
        }
    }
}
