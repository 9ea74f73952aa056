// Exports: read back with identical pixels, whole or not there, resumed, and careful with what others wrote.
import Datasets
import Exporting
import Files
import Foundation
import Shards
import TestSupport
import Testing
import Text

@Suite struct ExportTests {
    private let folder: TemporaryFolder
    private var shards: String { folder.file("shards/demo") }

    init() throws {
        folder = try TemporaryFolder("export")
        try DemoDataset.write(to: folder.file("demo"), count: 12, seed: 1)
        try shard("demo", root: folder.file("demo"))
    }

    private func shard(_ name: String, root: String, vocabulary: Vocabulary? = nil) throws {
        var ingest = IngestOptions(dataset: .kvasir)
        ingest.root = root
        ingest.name = name
        ingest.manifests = folder.file("manifests")
        let report = try Ingest.run(ingest)
        #expect(report.isWritten && report.summary.warnings.isEmpty, "\(report.summary.warnings)")
        var options = ShardingOptions()
        options.size = 64
        options.sizeLimit = 60_000
        options.vocabulary = vocabulary
        _ = try Sharding.run(manifest: report.manifest, folder: folder.file("shards"), options: options)
    }

    private func export(
        _ format: ExportFormat, _ name: String, samples: Int = 4, cancellation: Cancellation = Cancellation()
    ) throws -> ExportReport {
        var options = ExportOptions(format: format)
        options.samplesPerTar = samples
        options.threads = 2
        return try ShardExport.run(shards: shards, to: folder.file(name), options: options, cancellation: cancellation)
    }

    private func files(_ name: String) throws -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.file(name))
        where FileIO.isFile(folder.file(name) + "/" + path) {
            result[path] = try FileIO.read(folder.file(name) + "/" + path)
        }
        return result
    }

    @Test func aFolderIsReadBackWithIdenticalPixels() throws {
        #expect(try export(.folder, "out").parts.map(\.samples).reduce(0, +) == 12)
        try shard("again", root: folder.file("out"), vocabulary: try Vocabulary(contentsOf: shards + "/vocab.txt"))
        for split in ["train", "val", "test"] {
            let first = try ShardSet(folder: "\(shards)/\(split)"), second = try ShardSet(folder: folder.file("shards/again/\(split)"))
            #expect(first.count == second.count && first.count > 0)
            for index in 0..<first.count {
                let one = try first.sample(at: index), two = try second.sample(at: index)
                #expect(one.id == two.id && one.caption == two.caption && one.tokens == two.tokens)
                #expect(one.image == two.image && one.mask == two.mask)
            }
        }
    }

    @Test func aTableIngestReadsTheFolderToo() throws {
        _ = try export(.folder, "out")
        var options = IngestOptions(dataset: .table)
        options.table = TableChoices(images: folder.file("out/images"), masks: folder.file("out/masks"))
        options.captions = ["train", "val", "test"].map { folder.file("out/captions/\($0).json") }
        options.name = "table"
        options.manifests = folder.file("manifests")
        let report = try Ingest.run(options)
        #expect(report.isWritten && report.summary.counts.all == 12 && report.summary.counts.val > 0)
    }

    @Test func tarFilesHoldEverySampleAndAreTheSameEachTime() throws {
        let report = try export(.webdataset, "out")
        let train = try ShardSet(folder: shards + "/train")
        #expect(report.parts.first { $0.split == "train" }?.tars == (train.count + 3) / 4)
        let first = try files("out")
        #expect(first.keys.filter { $0.hasSuffix(".tar") }.count == report.parts.map(\.tars).reduce(0, +))
        let tar = try #require(first["train-000000.tar"])
        #expect(tar.count % 512 == 0 && tar.suffix(1024).allSatisfy { $0 == 0 })
        // Members in order, by walking the headers.
        var names: [String] = [], contents: [[UInt8]] = [], at = 0
        while tar[at] != 0 {
            names.append(String(decoding: tar[at..<(at + 100)].prefix { $0 != 0 }, as: UTF8.self))
            let size = try #require(Int(String(decoding: tar[(at + 124)..<(at + 135)], as: UTF8.self), radix: 8))
            contents.append(Array(tar[(at + 512)..<(at + 512 + size)]))
            at += 512 + (size + 511) / 512 * 512
        }
        let sample = try train.sample(at: 0)
        #expect(names.prefix(4) == ["\(sample.id).png", "\(sample.id).mask.png", "\(sample.id).txt", "\(sample.id).json"])
        #expect(names.count == 4 * min(4, train.count))
        #expect(String(decoding: contents[2], as: UTF8.self) == sample.caption)
        #expect(String(decoding: contents[3], as: UTF8.self).contains("\"width\":\(sample.width)"))
        // What is known beyond it, and nothing else.
        let facts = try #require(try JSONSerialization.jsonObject(with: Data(contents[3])) as? [String: Any])
        #expect(facts["otherCaptions"] as? [String] == (try train.otherCaptions(of: 0)))
        #expect(Set(facts.keys) == ["caption", "height", "id", "otherCaptions", "split", "width"])
        _ = try export(.webdataset, "second")
        #expect(try files("second") == first)
    }

    @Test(arguments: ExportFormat.allCases) func aStoppedExportGoesOn(format: ExportFormat) throws {
        _ = try export(format, "whole")
        let whole = try files("whole")
        let stopped = Cancellation()
        stopped.cancel()
        #expect(throws: ExportError.self) { _ = try export(format, "out", cancellation: stopped) }
        #expect(!FileIO.exists(folder.file("out")))
        // As a stop half-way leaves it: some files there, the others not.
        let partial = folder.file("out.partial-export")
        for (path, bytes) in whole where path.hasPrefix("train-000000") || path.hasPrefix("images/") {
            try FileIO.createFolder((partial + "/" + path as NSString).deletingLastPathComponent)
            try FileIO.writeAtomically(bytes, to: partial + "/" + path)
        }
        let report = try export(format, "out")
        #expect(report.reused > 0 && !report.wasUpToDate)
        #expect(try files("out") == whole)
        #expect(!FileIO.exists(partial))
        #expect(try export(format, "out").wasUpToDate)
    }

    @Test func idsThatDifferInDotsAreKeptApart() throws {
        func keys(_ ids: String...) -> [String]? { try? WebDatasetKeys.of(ids, among: Set(ids), folder: "x") }
        #expect(keys("a.b", "c", "x.png", "e.mask", "e") == ["a_b", "c", "x_png", "e_mask", "e"])
        #expect(keys("a.b", "a_b", "c d", "c_d", "x.y.z") == ["a%2Eb", "a_b", "c d", "c_d", "x_y_z"])
        #expect(keys("a.b_c", "a_b.c", "a_b_c", "100%.x", "100%_x") == ["a%2Eb_c", "a_b%2Ec", "a_b_c", "100%25%2Ex", "100%_x"])
        #expect(keys("a", "a") == nil)
        // The other one is in another split.
        #expect(try WebDatasetKeys.of(["a.b"], among: ["a.b", "a_b"], folder: "x") == ["a%2Eb"])
        // Whatever the ids: one name each, without a dot.
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let ids = Set((0..<30).map { _ in String((0..<4).map { _ in "ab._%2E".randomElement(using: &random) ?? "a" }) }).sorted()
            if let keys = try? WebDatasetKeys.of(ids, among: Set(ids), folder: "x") {
                #expect(Set(keys).count == ids.count && !keys.contains { $0.contains(".") })
            }
        }
    }

    @Test func whatOthersWroteIsLeftAlone() throws {
        try folder.write("mine", to: "foreign/notes.txt")
        func error(_ body: () throws -> ExportReport) -> String { do { return "no error: \(try body())" } catch { return "\(error)" } }
        #expect(error { try export(.folder, "foreign") }.contains("exists and is not an export of this program (found notes.txt)"))
        _ = try export(.folder, "out")
        #expect(error { try export(.webdataset, "out") }.contains("holds another export"))
        try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
        #expect(!(try export(.folder, "empty").wasUpToDate))
        #expect(
            error { try ShardExport.run(shards: folder.file("demo"), to: folder.file("x"), options: ExportOptions(format: .folder)) }
                .contains("not a shard folder"))
    }
}
