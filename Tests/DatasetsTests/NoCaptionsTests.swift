// Sets without captions: images and masks alone, in every layout; said in manifest and summary; refused where it is not asked for.
import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite struct NoCaptionsTests {
    private func ingest(_ set: SampleFolder, _ dataset: DatasetKind = .kvasir, split: String? = nil) throws -> IngestReport {
        var options = set.options(dataset)
        options.leavesCaptionsOut = true
        options.shares = try split.map { try SplitShares($0) }
        return try Ingest.run(options)
    }

    private func expectNone(_ report: IngestReport, _ ids: [String], _ splits: [Split]) {
        #expect(report.isWritten && report.summary.problems.isEmpty, "\(report.summary.problems)")
        #expect(report.manifest.samples.map(\.id) == ids && report.manifest.samples.map(\.split) == splits)
        #expect(report.manifest.samples.allSatisfy { $0.caption == nil && $0.captionSource == nil } && !report.manifest.hasCaptions)
        #expect(report.summary.captions == "none" && report.summary.captionSources.isEmpty && report.summary.captionFiles.isEmpty)
        #expect(report.summary.formatVersion == 2 && report.summary.options.noCaptions == true)
    }

    @Test func everyLayoutIsReadWithoutCaptions() throws {
        let kvasir = try SampleFolder()
        try kvasir.pairs(["a", "b"])
        let drawn = try ingest(kvasir, split: "50/0/50")
        expectNone(drawn, ["a", "b"], drawn.manifest.samples.map(\.split))
        #expect(
            drawn.summary.captionsFrom == "none, by --no-captions" && drawn.summary.splitsFrom == "drawn by --split 50/0/50 with seed 1")

        let mosmed = try SampleFolder()
        try mosmed.pairs(["a", "b"], images: "frames")
        expectNone(try ingest(mosmed, .mosmed, split: "100/0/0"), ["a", "b"], [.train, .train])

        let qata = try SampleFolder()
        try qata.pairs(["a"], images: "Train Set/Images", masks: "Train Set/Ground-truths", prefix: "mask_")
        try qata.pairs(["b"], images: "Test Set/Images", masks: "Test Set/Ground-truths", prefix: "mask_")
        expectNone(try ingest(qata, .qata), ["a", "b"], [.train, .test])

        let lvit = try SampleFolder()
        for (name, split) in [("a", "Train"), ("b", "Val"), ("c", "Test")] {
            try lvit.pairs([name], images: "\(split)_Folder/img", masks: "\(split)_Folder/labelcol")
        }
        let folders = try ingest(lvit, .lvit)
        expectNone(folders, ["a", "b", "c"], [.train, .val, .test])
        #expect(folders.summary.splitsFrom == "the folders' names")

        let table = try SampleFolder()
        try table.pairs(["a", "b"])
        var options = table.options(.table)
        options.table = TableChoices(images: table.folder.file("images"), masks: table.folder.file("masks"))
        options.leavesCaptionsOut = true
        options.shares = try SplitShares("100/0/0")
        options.name = "t"
        expectNone(try Ingest.run(options), ["a", "b"], [.train, .train])
    }

    @Test func captionsThatAreThereAreLeftOutAndNamed() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b"])
        // Not even read: this is no caption file.
        try set.folder.write("{", to: "anns/train.json")
        let report = try ingest(set, split: "50/0/50")
        #expect(report.summary.captionsFrom == "none, by --no-captions; left out: anns/train.json")
    }

    @Test func theManifestHasNoCaptionAndIsReadBack() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        _ = try ingest(set, split: "100/0/0")
        let line = try FileIO.readText(set.manifests + "/kvasir.jsonl"),
            summary = try FileIO.readText(set.manifests + "/kvasir.summary.json")
        #expect(!line.contains("aption"), "\(line)")
        #expect(summary.contains("\"captions\" : \"none\"") && summary.contains("\"formatVersion\" : 2"), "\(summary)")
        let manifest = try Manifest.read(folder: set.manifests, name: "kvasir")
        #expect(!manifest.hasCaptions && manifest.samples[0].caption == nil)
    }

    @Test func aManifestWithSomeCaptionsIsRefused() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b"])
        let captions = try set.captions(["a", "b"])
        _ = try Ingest.run(set.options(captions: [captions]))
        let path = set.manifests + "/kvasir.jsonl", summaryPath = set.manifests + "/kvasir.summary.json"
        let text = try FileIO.readText(path), summary = try FileIO.readText(summaryPath)
        func reading(_ lines: String, _ summary: String) throws -> String {
            let hash = try #require(summary.range(of: "\"manifestSha256\" : \"")).upperBound
            let end = summary.index(hash, offsetBy: 64)
            try FileIO.writeAtomically(lines, to: path)
            try FileIO.writeAtomically(summary.replacingCharacters(in: hash..<end, with: Digest.sha256(lines)), to: summaryPath)
            return failure { _ = try Manifest.read(folder: set.manifests, name: "kvasir") }.map { "\($0)" } ?? "read"
        }
        let without = text.replacing("\"caption\":\"one polyp called b, located in left of the image\",", with: "")
        #expect(without != text)
        #expect(try reading(without, summary).contains("line 2: no caption"))
        let second = summary.replacing("\"formatVersion\" : 1", with: "\"formatVersion\" : 2")
        #expect(try reading(text, second).contains("captions: not there, expected \"none\" in format 2"))
        let none = second.replacing("\"captionsFrom\"", with: "\"captions\" : \"none\",\n  \"captionsFrom\"")
        #expect(try reading(text, none).contains("line 1: a caption in a set whose summary says that it has none"))
        let third = summary.replacing("\"formatVersion\" : 1", with: "\"formatVersion\" : 3")
        #expect(try reading(text, third).contains("manifest format 3, this program reads 1 to 2"))
    }

    @Test func withoutTheFlagTheErrorNamesIt() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        let none = try #require(failure { _ = try Ingest.run(set.options()) })
        #expect("\(none)".contains("or, for networks that read no captions, leave them out with --no-captions"), "\(none)")
        let blank = try set.folder.write("image,caption\na.png,\n", to: "c.csv")
        let empty = try #require(failure { _ = try Ingest.run(set.options(captions: [blank])) })
        #expect("\(empty)".contains("or leave captions out with --no-captions"), "\(empty)")
    }

    @Test func splitsAreAskedForWithoutCaptionFiles() throws {
        let set = try SampleFolder()
        try set.pairs(["a"], images: "frames")
        let error = try #require(failure { _ = try ingest(set, .mosmed) })
        #expect("\(error)".contains("(such as \"a\"); add --split 80/10/10 --seed 1"), "\(error)")
    }
}
