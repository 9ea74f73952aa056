// Real datasets, where they are at hand: what is in, what is missing by name, and where splits come from.
import Datasets
import Files
import TestSupport
import Testing

@Suite(.enabled(if: RealData.isPresent, Comment(rawValue: RealData.skipMessage)))
struct RealDatasetTests {
    private func ingest(
        _ dataset: DatasetKind, _ root: String, captions: [String] = [], split: String? = nil
    ) throws -> IngestReport {
        let folder = try TemporaryFolder("real")
        var options = IngestOptions(dataset: dataset)
        options.root = RealData.path(root)
        options.captions = captions.map { RealData.path("captions/" + $0) }
        options.manifests = folder.path
        options.skipBad = true
        options.threads = ParallelMap.availableThreads
        options.shares = try split.map { try SplitShares($0) }
        return try Ingest.run(options)
    }

    private let medVLSM = ["train", "val", "test"].map { "kvasir-medvlsm-\($0).json" }

    @Test func kvasirAt256() throws {
        let summary = try ingest(.kvasir, "kvasir-seg-256", captions: medVLSM).summary
        #expect(summary.counts == .init(train: 798, val: 100, test: 100, all: 998))
        #expect(summary.skipped == ["cju1gkndf6yi10801o1qnje19.jpg", "cju2hqt33lmra0988fr5ijv8j.jpg"])
        #expect(summary.problems.allSatisfy { $0.kind == .captionWithoutImage })
        #expect(summary.captionSources["p6"] ?? 0 > 900)
        #expect(
            summary.release?.lines == [
                "images: 0 original, 998 re-encoded at another size", "masks: 0 original, 998 re-encoded at another size",
                "2 of the release's samples are missing",
            ])
    }

    @Test func kvasirOriginals() throws {
        let report = try ingest(.kvasir, "kvasir-seg-original", captions: medVLSM)
        #expect(report.summary.counts.all == 5)
        let sizes = report.manifest.samples.map { "\($0.width)x\($0.height)" }
        #expect(sizes == ["622x529", "1348x1070", "619x529", "622x528", "617x528"])
        #expect(report.summary.release?.lines == ["images: 5 original", "masks: 5 original", "995 of the release's samples are missing"])
        // The official release's hashes of the first pair.
        let table = try FileIO.readText(RealData.path("kvasir-seg-official-sha256.tsv"))
        for sample in report.manifest.samples {
            #expect(table.contains("\(sample.image)\t\(sample.imageSHA256)\t"))
            #expect(table.contains("\(sample.mask)\t\(sample.maskSHA256)\t"))
        }
    }

    @Test func mosmedSlices() throws {
        let summary = try ingest(.mosmed, "mosmed-plus-sample", captions: ["mosmed-plus-train-val.xlsx"], split: "80/10/10").summary
        #expect(summary.counts == .init(train: 18, val: 2, test: 2, all: 22))
        #expect(summary.problems.filter { $0.kind == .missingCaption }.map(\.id) == (4...8).map { "bjorke_\($0)" })
        #expect(summary.problems.filter { $0.kind == .captionWithoutImage }.map(\.id) == [100, 29, 30].map { "bjorke_\($0).png" })
    }

    @Test func mosmedWithAllSheets() throws {
        let summary = try ingest(.mosmed, "mosmed-plus-sample", captions: ["Train", "Val", "Test"].map { "mosmed-plus-\($0).xlsx" }).summary
        #expect(summary.counts.all == 27)
        #expect(summary.problems.count == 2729 - 27)
    }

    @Test func monuseg() throws {
        let report = try ingest(.lvit, "monuseg")
        #expect(report.summary.name == "monuseg")
        #expect(report.summary.counts == .init(train: 8, val: 3, test: 6, all: 17))
        #expect(report.summary.problems.count == 44 - 17)
        #expect(report.manifest.samples.filter { $0.image.hasSuffix(".tif") }.count == 6)
    }
}
