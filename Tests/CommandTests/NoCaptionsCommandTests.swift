// Images and masks without captions, and shards without tokens, the whole way with the built programs.
import Foundation
import TestSupport
import Testing

@Suite struct NoCaptionsCommandTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder("no-captions")
        expect(try run("prep", "demo", "--out", "demo", "--count", "12"))
    }

    private func run(_ program: String, _ words: String...) throws -> Outcome { try BuiltPrograms.run(program, words, in: folder.path) }

    private func expect(_ outcome: Outcome, code: Int32 = 0, _ texts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(outcome.code == code, "\(outcome.everything)", sourceLocation: sourceLocation)
        for text in texts {
            #expect(outcome.everything.contains(text), "no \(text) in \(outcome.everything)", sourceLocation: sourceLocation)
        }
    }

    @Test func optionsAboutCaptionsAreRefusedWithIt() throws {
        for option in [
            ["--captions", "demo/anns"], ["--caption", "polyp"], ["--sheet", "1"], ["--prompt", "p3"], ["--image-column", "a"],
            ["--caption-column", "b"], ["--split-column", "c"], ["--group-column", "d"],
        ] {
            let outcome = try BuiltPrograms.run(
                "prep", ["ingest", "table", "--images", "demo/images", "--masks", "demo/masks", "--name", "x", "--no-captions"] + option,
                in: folder.path)
            expect(outcome, code: 2, "\(option[0]) needs captions, but --no-captions leaves them out; give only one of the two")
        }
    }

    @Test func theWholeWayWithoutCaptions() throws {
        expect(
            try run("prep", "ingest", "kvasir", "--root", "demo", "--name", "bare", "--no-captions", "--split", "60/20/20"),
            "captions  none, by --no-captions; left out: anns/test.json, anns/train.json, anns/val.json")
        expect(try run("prep", "shard", "bare", "--vocabulary", "v.txt"), code: 2, "--vocabulary has no effect here: bare has no captions")
        expect(try run("prep", "shard", "bare", "--no-tokens"), code: 2, "--no-tokens has no effect here: bare has no captions")
        expect(try run("prep", "stats", "bare", "--vocabulary", "v.txt"), code: 2)
        let sharded = try run("prep", "shard", "bare")
        expect(sharded, "bare: RGB images, captions: none")
        #expect(!sharded.everything.contains("vocabulary"), "\(sharded.everything)")
        expect(try run("prep", "shard", "bare"), "up to date")
        // The list is known as one, and replaced.
        for _ in 0..<2 { expect(try run("prep", "verify", "shards/bare", "--list-json", "list.jsonl")) }
        expect(try run("prep", "verify", "shards/bare"), "captions: none, all hashes and contents good")
        for source in ["bare", "shards/bare"] { expect(try run("prep", "stats", source, "--html", "bare.html"), "captions: none") }
        expect(try run("prep", "preview", "shards/bare", "--augment", "full", "--epoch", "2"))
        expect(try run("prep", "export", "shards/bare", "--out", "tars"))
        expect(
            try run("prep", "export", "shards/bare", "--to", "folder", "--out", "out"),
            "next: prep ingest lvit --root out --no-captions --name NAME")
        expect(try run("prep", "ingest", "lvit", "--root", "out", "--no-captions", "--name", "again"), "12 samples", "the folders' names")
        expect(try run("prep", "shard", "again"))
        // Pixels and splits are the same, so the shards differ in nothing but the set's name and the size before resizing.
        func listing(_ name: String) throws -> [[String]] {
            expect(try run("prep", "verify", "shards/\(name)", "--list-json", "\(name).jsonl"))
            struct Line: Decodable { let id: String, split: String, imageSha256: String, maskSha256: String }
            return try String(contentsOfFile: folder.file("\(name).jsonl"), encoding: .utf8).split(separator: "\n").map {
                let line = try JSONDecoder().decode(Line.self, from: Data($0.utf8))
                return [line.id, line.split, line.imageSha256, line.maskSha256]
            }
        }
        #expect(try listing("bare") == listing("again"))

        let options = ["--model", "unet", "--model-option", "width=2", "--max-steps", "1", "--epochs", "1", "--batch-size", "8"]
        let trained = try BuiltPrograms.run("train", ["--shards", "shards/bare", "--run", "runs/bare"] + options, in: folder.path)
        expect(trained, "three channels; captions: none")
        expect(try run("segment", "evaluate", "--run", "runs/bare", "--shards", "shards/bare"), "test split")
        let refused = try run("train", "--shards", "shards/bare", "--run", "runs/text")
        expect(refused, code: 2, "shards/bare holds images without captions, but ua-vls reads captions", "--model unet")
        #expect(!FileManager.default.fileExists(atPath: folder.file("runs/text")))
        expect(
            try run("train", "--shards", "shards/bare", "--model", "unet", "--token-length", "9"), code: 2,
            "--token-length: unet reads no captions")
    }

    @Test func tokensAreMadeWhereShardsHaveNone() throws {
        expect(try run("prep", "ingest", "kvasir", "--root", "demo", "--name", "demo"))
        expect(
            try run("prep", "shard", "demo", "--no-tokens", "--vocabulary", "x"), code: 2,
            "--vocabulary has no effect here, it applies only without --no-tokens")
        expect(try run("prep", "shard", "demo", "--no-tokens"), "captions without tokens")
        expect(try run("prep", "verify", "shards/demo"), "tokens: none, all hashes and contents good")
        expect(try run("prep", "stats", "shards/demo"), "distinct captions")
        expect(try run("prep", "preview", "shards/demo", "--augment", "full"))
        let trained = try run(
            "train", "--shards", "shards/demo", "--batch-size", "2", "--epochs", "1", "--max-steps", "4", "--token-length", "12")
        expect(
            trained, "captions tokenised on load with a vocabulary built from the captions, 12 tokens; the shards hold no tokens;",
            "cut to the token length")
        expect(
            try run("segment", "evaluate", "--run", "runs/demo", "--shards", "shards/demo", "--split", "val"),
            "captions tokenised on load with runs/demo/vocab.txt, 12 tokens")
        expect(
            try run("train", "--run", "runs/demo", "--resume", "--token-length", "24"), code: 2,
            "--token-length 24 differs from the run's 12")
    }
}
