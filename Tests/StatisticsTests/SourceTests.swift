// Statistics from manifests and shards, and what a word on the command line stands for.
import Datasets
import Files
import Shards
import Statistics
import TestSupport
import Testing
import Text

@Suite struct SourceTests {
    private func demo() throws -> (TemporaryFolder, Manifest) {
        let folder = try TemporaryFolder("statistics")
        try DemoDataset.write(to: folder.file("demo"), count: 12, seed: 1)
        var options = IngestOptions(dataset: .kvasir)
        options.root = folder.file("demo")
        options.name = "demo"
        options.manifests = folder.file("manifests")
        return (folder, try Ingest.run(options).manifest)
    }

    @Test func aManifestIsMeasured() throws {
        let (folder, manifest) = try demo()
        defer { withExtendedLifetime(folder) {} }
        let tokenizer = WordPieceTokenizer(vocabulary: Vocabulary.built(from: manifest.samples.compactMap(\.caption)))
        let one = try MeasuredDataset.measure(manifest, path: "p", tokenizer: tokenizer, threads: 1).statistics
        #expect(one == (try MeasuredDataset.measure(manifest, path: "p", tokenizer: tokenizer, threads: 3).statistics))
        #expect(one.all.samples == 12)
        #expect(one.all.colour == 12)
        #expect(one.train.samples + one.val.samples + one.test.samples == 12)
        #expect(one.all.captions.unknownWords == 0 && one.all.captions.truncated == 0)
        #expect((0.01...0.2).contains(one.all.masks.foreground?.mean ?? 0))
        #expect(DatasetStatistics.jsonText([one]).contains("\"source\" : \"manifest\""))
    }

    @Test func shardsAreMeasuredAsTheirManifestIs() throws {
        let (folder, manifest) = try demo()
        var options = ShardingOptions()
        options.size = 64
        options.tokenLength = 12
        _ = try Sharding.run(manifest: manifest, folder: folder.file("shards"), options: options)
        let made = folder.file("shards/demo")
        let shards = try MeasuredDataset.measure(shards: made, threads: 2).statistics
        let direct = try MeasuredDataset.measure(manifest, path: "p", threads: 2).statistics
        #expect(shards.name == "demo" && shards.source == .shards)
        for (one, other) in [(shards.train, direct.train), (shards.val, direct.val), (shards.test, direct.test), (shards.all, direct.all)] {
            #expect(one.samples == other.samples && one.sizes == other.sizes && one.colour == other.colour)
            #expect(one.captions.words == other.captions.words && one.captions.distinct == other.captions.distinct)
            #expect(abs((one.masks.foreground?.mean ?? 0) - (other.masks.foreground?.mean ?? 1)) < 0.005)
        }
        // Every caption has more than 12 tokens, and the vocabulary was built from them.
        #expect(shards.all.captions.truncated == 12 && shards.all.captions.unknownWords == 0)
        #expect(try MeasuredDataset.measure(shards: made, only: .val, threads: 1).statistics.all == shards.val)
        #expect(throws: StatisticsError.self) { try MeasuredDataset.measure(shards: folder.path, threads: 1) }
    }

    @Test func aFileThatChangedIsNamed() throws {
        let (folder, manifest) = try demo()
        try folder.write([1, 2, 3], to: "demo/masks/demo_0003.png")
        do {
            _ = try MeasuredDataset.measure(manifest, path: "p", threads: 2)
            Issue.record("a damaged mask was measured")
        } catch {
            #expect(error.description.contains("masks/demo_0003.png") && error.description.contains("run prep ingest again"))
        }
        try FileIO.remove(folder.file("demo/masks/demo_0003.png"))
        let text = (try? MeasuredDataset.measure(manifest, path: "p", threads: 2)).map { _ in "measured" } ?? "failed"
        #expect(text == "failed")
    }

    @Test func wordsStandForManifestsOrShards() throws {
        let (folder, _) = try demo()
        let manifests = folder.file("manifests")
        #expect(try StatsTarget("demo", manifests: manifests) == .manifests(folder: manifests, names: ["demo"]))
        #expect(try StatsTarget(nil, manifests: manifests) == .manifests(folder: manifests, names: ["demo"]))
        #expect(try StatsTarget(manifests + "/", manifests: "elsewhere") == .manifests(folder: manifests, names: ["demo"]))
        try folder.write("{}", to: "shards/demo/train/index.json")
        #expect(
            try StatsTarget(folder.file("shards/demo/"), manifests: manifests) == .shards(folder: folder.file("shards/demo"), only: nil))
        #expect(
            try StatsTarget(folder.file("shards/demo/train"), manifests: manifests)
                == .shards(folder: folder.file("shards/demo"), only: .train))
        #expect(throws: StatisticsError.self) { try StatsTarget(folder.file("demo"), manifests: manifests) }
        #expect(throws: StatisticsError.self) { try StatsTarget(nil, manifests: folder.file("nowhere")) }
        // A name that no manifest has is told apart by the reader, which names those there are.
        #expect(try StatsTarget("unknown", manifests: manifests) == .manifests(folder: manifests, names: ["unknown"]))
    }

    @Test(.enabled(if: RealData.isPresent, Comment(rawValue: RealData.skipMessage)))
    func kvasirHasOnePictureInTwoSplits() throws {
        let folder = try TemporaryFolder("kvasir")
        var options = IngestOptions(dataset: .kvasir)
        options.root = RealData.path("kvasir-seg-256")
        options.captions = ["train", "val", "test"].map { RealData.path("captions/kvasir-medvlsm-\($0).json") }
        options.manifests = folder.path
        options.skipBad = true
        options.threads = ParallelMap.availableThreads
        let manifest = try Ingest.run(options).manifest
        let statistics = try MeasuredDataset.measure(manifest, path: "p", threads: ParallelMap.availableThreads).statistics
        // MedVLSM counts the corner of some masks as a polyp: "two ... polyp, located in top left, right" over a mask of one polyp.
        let agreement = statistics.all.captions.agreement
        #expect(agreement.namingPlaces == 998 && agreement.placesMissing == 67 && agreement.countsDiffering == 143)
        let topLeft = agreement.places.first { $0.words == "top left" }
        #expect(topLeft?.named == 155 && topLeft?.missing == 67)
        #expect(agreement.places.filter { $0.words != "top left" }.allSatisfy { $0.missing == 0 })
        #expect(statistics.sides.reading == .viewer && statistics.sides.isCertain)
        let leakage = try #require(statistics.leakage)
        #expect(leakage.near.first.map { [$0.first, $0.second] } == ["cju30bmab08bi0835mvlr6e0r", "cju77k828z46w0871r0avuoo9"])
        #expect(leakage.identical.isEmpty && leakage.patients.isEmpty && leakage.isFound)
    }
}
