// Splits: from the source, or drawn on request as a pure function of ids, shares and seed; never silently.
import Datasets
import TestSupport
import Testing

@Suite struct SplitTests {
    private let names = (0..<20).map { "case\($0)" }

    private func set() throws -> (SampleFolder, IngestOptions) {
        let set = try SampleFolder()
        try set.pairs(names)
        return (set, set.options(captions: [try set.captions(names, file: "captions/all.json")]))
    }

    @Test func withoutASplitNothingIsDrawn() throws {
        let (set, options) = try set()
        defer { withExtendedLifetime(set) {} }
        let error = failure { _ = try Ingest.run(options) }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("20 of 20 samples have no split") == true)
        #expect(error?.description.contains("add --split 80/10/10 --seed 1") == true)
    }

    @Test func drawnSplitsAreExactAndRepeatable() throws {
        var (set, options) = try set()
        defer { withExtendedLifetime(set) {} }
        options.shares = try SplitShares("80/10/10")
        let first = try Ingest.run(options)
        #expect(first.summary.counts == .init(train: 16, val: 2, test: 2, all: 20))
        #expect(first.summary.splitsFrom == "drawn by --split 80/10/10 with seed 1")
        #expect(try Ingest.run(options).manifest.samples == first.manifest.samples)
        options.seed = 2
        #expect(try Ingest.run(options).manifest.samples.map(\.split) != first.manifest.samples.map(\.split))
    }

    @Test func aBadFileDoesNotMoveTheOthers() throws {
        var (set, options) = try set()
        options.shares = try SplitShares("60/20/20")
        options.skipBad = true
        let before = try Ingest.run(options).manifest.samples
        try set.folder.write([], to: "images/case7.png")
        let after = try Ingest.run(options).manifest.samples
        #expect(after == before.filter { $0.id != "case7" })
    }

    @Test func aSplitThatIsNotNeededIsRefused() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b", "c"])
        for (name, split) in [("a", "train"), ("b", "val"), ("c", "test")] { try set.captions([name], file: "captions/\(split).json") }
        var options = set.options()
        options.shares = try SplitShares("80/10/10")
        #expect(failure { _ = try Ingest.run(options) }?.description.contains("leave --split out") == true)
    }

    @Test func theSplitsThatAreKnownAreNamed() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b"])
        for (name, split) in [("a", "train"), ("b", "val")] { try set.captions([name], file: "captions/\(split).json") }
        var options = set.options()
        options.shares = try SplitShares("80/10/10")
        let text = failure { _ = try Ingest.run(options) }?.description ?? ""
        #expect(text.hasPrefix("--split given, but every sample already has a split, train or val: "), "\(text)")
    }

    @Test func samplesWithoutASplitAreDrawnAlone() throws {
        let set = try SampleFolder()
        try set.pairs(names)
        try set.captions(Array(names.prefix(10)), file: "captions/test.json")
        try set.captions(Array(names.dropFirst(10)), file: "captions/rest.json")
        var options = set.options()
        options.shares = try SplitShares("80/20/0")
        let report = try Ingest.run(options)
        #expect(report.summary.counts == .init(train: 8, val: 2, test: 10, all: 20))
        #expect(report.summary.splitsFrom.contains("10 samples without one drawn by"))
    }

    @Test(arguments: ["80/10", "80/10/10/0", "a/b/c", "0/50/50", "-1/1/1", "80/10/inf", "", "//"])
    func sharesThatAreNone(text: String) {
        let error = failure { _ = try SplitShares(text) }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("--split 80/10/10") == true)
    }

    @Test func sharesMayBeFractions() throws {
        _ = try SplitShares("0.8/0.1/0.1")
        _ = try SplitShares(" 7 / 2 / 1 ")
    }
}
