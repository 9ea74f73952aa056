// Bad input to the built programs: one clear error each, the right exit code, nothing lost and nothing half-written.
import Foundation
import TestSupport
import Testing

@Suite struct BadInputTests {
    private func expect(
        _ outcome: Outcome, code: Int32, says parts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.code == code, "\(outcome.everything)", sourceLocation: sourceLocation)
        #expect(outcome.error.contains("error: "), "\(outcome.everything)", sourceLocation: sourceLocation)
        for part in parts {
            #expect(outcome.error.contains(part), "no \"\(part)\" in: \(outcome.everything)", sourceLocation: sourceLocation)
        }
    }

    /// Six demo pictures in a folder of the test's own.
    private func demo() throws -> TemporaryFolder {
        let folder = try TemporaryFolder("bad")
        let outcome = try BuiltPrograms.run("prep", ["demo", "--out", "data/demo", "--count", "6"], in: folder.path)
        #expect(outcome.code == 0, "\(outcome.everything)")
        return folder
    }

    private func ingest(_ folder: TemporaryFolder, _ more: String...) throws -> Outcome {
        try BuiltPrograms.run("prep", ["ingest", "kvasir", "--root", "data/demo", "--name", "demo"] + more, in: folder.path)
    }

    private func firstPicture(_ folder: TemporaryFolder) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("data/demo/images")).sorted()
        return "data/demo/images/" + (try #require(names.first))
    }

    @Test func unknownDataset() throws {
        let folder = try TemporaryFolder("bad")
        let outcome = try BuiltPrograms.run("prep", ["ingest", "kvasr"], in: folder.path)
        expect(outcome, code: 2, says: "kvasr", "kvasir")
    }

    @Test func wrongRoot() throws {
        let folder = try TemporaryFolder("bad")
        let outcome = try BuiltPrograms.run("prep", ["ingest", "kvasir", "--root", "nowhere"], in: folder.path)
        expect(outcome, code: 2, says: "nowhere")
        try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
        let empty = try BuiltPrograms.run("prep", ["ingest", "kvasir", "--root", "empty"], in: folder.path)
        expect(empty, code: 2, says: "empty")
    }

    @Test func zeroByteAndTruncatedPictures() throws {
        let folder = try demo()
        let picture = try firstPicture(folder), path = folder.file(picture)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for size in [0, whole.count / 2] {
            try whole.prefix(size).write(to: URL(fileURLWithPath: path))
            let outcome = try ingest(folder)
            #expect(outcome.code == 1, "\(outcome.everything)")
            #expect(outcome.error.contains((picture as NSString).lastPathComponent), "\(outcome.everything)")
            #expect(!FileManager.default.fileExists(atPath: folder.file("manifests/demo.jsonl")))
        }
        let skipping = try ingest(folder, "--skip-bad")
        #expect(skipping.code == 0 || skipping.code == 1, "\(skipping.everything)")
        let manifest = try String(contentsOfFile: folder.file("manifests/demo.jsonl"), encoding: .utf8)
        #expect(manifest.split(separator: "\n").count == 5)
    }

    @Test func captionsThatAreNotJSON() throws {
        let folder = try demo()
        try folder.write("not json {", to: "captions.json")
        expect(try ingest(folder, "--captions", "captions.json"), code: 2, says: "captions.json")
    }

    @Test func aSheetWithoutTheColumns() throws {
        let folder = try demo()
        try folder.write(StoredZip.workbook([["Picture", "Words"], ["demo_0001.png", "a polyp"]]), to: "captions.xlsx")
        expect(try ingest(folder, "--captions", "captions.xlsx"), code: 2, says: "captions.xlsx", "Image", "Description")
    }

    @Test func anOutputThatCannotBeWritten() throws {
        let folder = try demo()
        expect(try ingest(folder, "--manifests", "/proc/no-such-place/manifests"), code: 3, says: "/proc/no-such-place")
    }

    @Test func shardsOfAnotherVersion() throws {
        let work = try DemoWork.shared.get().copy()
        for split in ["train", "val", "test"] {
            let path = work.file("shards/demo/\(split)/index.json")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let changed = text.replacingOccurrences(of: "\"formatVersion\": 1", with: "\"formatVersion\": 99")
            #expect(changed != text)
            try changed.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let outcome = try BuiltPrograms.run("train", ["--shards", "shards/demo", "--run", "runs/new"], in: work.path)
        expect(outcome, code: 2, says: "99", "prep shard")
        #expect(!FileManager.default.fileExists(atPath: work.file("runs/new")))
    }

    @Test func aTextEncoderOfAVocabularyAlone() throws {
        let work = try DemoWork.shared.get().copy()
        try work.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\npolyp\n", to: "encoder/vocab.txt")
        let outcome = try BuiltPrograms.run(
            "train", ["--shards", "shards/demo", "--run", "runs/new", "--text-encoder", "encoder"], in: work.path)
        expect(outcome, code: 2, says: "encoder: found no config.json")
    }

    @Test func checkpointsThatAreNone() throws {
        let work = try DemoWork.shared.get().copy()
        func evaluate(_ checkpoint: String) throws -> Outcome {
            try BuiltPrograms.run("segment", ["evaluate", "--checkpoint", checkpoint, "--shards", "shards/demo"], in: work.path)
        }
        expect(try evaluate("nowhere.safetensors"), code: 2, says: "nowhere.safetensors")
        try work.write("words", to: "words.safetensors")
        expect(try evaluate("words.safetensors"), code: 2, says: "words.safetensors")
        // A safetensors file of another network, without our header and with it.
        for metadata in ["", "\"__metadata__\":{\"format\":\"swift-vlseg\",\"formatVersion\":\"99\"},"] {
            let header = "{\(metadata)\"conv1.weight\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
            let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
            try work.write(length + Array(header.utf8) + [0, 0, 0, 0], to: "other.safetensors")
            expect(try evaluate("other.safetensors"), code: 2, says: "other.safetensors")
        }
    }

    @Test func devicesAndFormatsThatAreNotThere() throws {
        let cuda = try BuiltPrograms.run("train", ["--shards", "shards/demo", "--device", "cuda:99"], in: "/tmp")
        expect(cuda, code: 3, says: "--device cuda:99", "--device cpu")
        let devices = try BuiltPrograms.run("train", ["devices"], in: "/tmp")
        #expect(devices.code == 0 && devices.output.contains("\ncpu  "), "\(devices.everything)")
        expect(
            try BuiltPrograms.run("train", ["--shards", "shards/demo", "--device", "gpu"], in: "/tmp"), code: 2,
            says: "auto, cpu, cuda, cuda:N")
        let precision = try BuiltPrograms.run("train", ["--shards", "shards/demo", "--precision", "fp8"], in: "/tmp")
        expect(precision, code: 2, says: "fp32")
    }
}
