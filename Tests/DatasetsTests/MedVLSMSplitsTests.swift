// Kvasir-SEG's splits as MedVLSM published them: the table equals the published files, and is used where nothing else says.
import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite struct MedVLSMSplitsTests {
    /// One image of each split.
    private static let train = "cju2r11x7sdgx0988o8ule0wl", val = "cju2rpa30t07b0835im0erql0", test = "cju2rqo702wpx0855fn7d5cxh"
    private let set: SampleFolder

    init() throws { set = try SampleFolder() }

    private func captions(_ names: [String], file: String = "medvlsm.json") throws -> IngestOptions {
        set.options(captions: [try set.captions(names, file: file)])
    }

    @Test func theTableKnowsTheRelease() throws {
        let table = try #require(MedVLSMSplits())
        #expect(table.split(of: Self.train) == .train && table.split(of: Self.val) == .val && table.split(of: Self.test) == .test)
        #expect(table.split(of: "demo_0001") == nil)
    }

    @Test(.enabled(if: RealData.isPresent, Comment(rawValue: RealData.skipMessage)))
    func theTableEqualsThePublishedFiles() throws {
        struct Object: Decodable { let img_name: String }
        let table = try #require(MedVLSMSplits())
        for (split, count) in [(Split.train, 800), (.val, 100), (.test, 100)] {
            let bytes = try FileIO.read(RealData.path("captions/kvasir-medvlsm-\(split.rawValue).json"))
            let names = try JSONDecoder().decode([Object].self, from: Data(bytes)).map { FileName.stem($0.img_name) }
            #expect(names.count == count && names.allSatisfy { table.split(of: $0) == split })
        }
    }

    @Test func captionsWithoutASplitGetThePublishedOne() throws {
        try set.pairs([Self.train, Self.val, Self.test])
        let report = try Ingest.run(try captions([Self.train, Self.val, Self.test]))
        #expect(report.isWritten && report.summary.splitsFrom == "as MedVLSM published them")
        #expect(
            Dictionary(uniqueKeysWithValues: report.manifest.samples.map { ($0.id, $0.split) }) == [
                Self.train: .train, Self.val: .val, Self.test: .test,
            ])
    }

    @Test func whatSaysASplitComesFirst() throws {
        try set.pairs([Self.train, Self.val, Self.test])
        var options = try captions([Self.train, Self.val, Self.test])
        options.shares = try SplitShares("1/1/1")
        #expect(try Ingest.run(options).summary.splitsFrom == "drawn by --split 1/1/1 with seed 1")
        let named = try Ingest.run(try captions([Self.train, Self.val, Self.test], file: "test.json"))
        #expect(named.summary.counts.test == 3 && named.summary.splitsFrom == "the caption files' names")
    }

    @Test func aSampleOfAnotherSetIsAProblem() throws {
        try set.pairs([Self.train, Self.val, "mine"])
        var options = try captions([Self.train, Self.val, "mine"])
        let strict = try Ingest.run(options)
        #expect(!strict.isWritten && strict.summary.problems.map(\.kind) == [.noSplit] && strict.summary.problems[0].id == "mine")
        #expect(
            strict.summary.problems[0].reason.contains("MedVLSM's published splits do not contain it")
                && strict.summary.problems[0].reason.contains("--split 80/10/10"))
        options.skipBad = true
        #expect(try Ingest.run(options).manifest.samples.count == 2)
    }

    @Test func anotherSetInTheSameFoldersIsAskedForItsSplits() throws {
        try set.pairs(["a", "b"])
        let error = failure { _ = try Ingest.run(try captions(["a", "b"])) }
        #expect(error?.description.contains("2 of 2 samples have no split") == true)
    }
}
