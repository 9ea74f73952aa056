// No output of any program takes the place of an input, of another output, or of a file that is somebody else's; all found before any work.
import Foundation
import TestSupport
import Testing

@Suite struct OutputTests {
    private func expect(_ outcome: Outcome, code: Int32 = 2, says parts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(outcome.code == code, "\(outcome.everything)", sourceLocation: sourceLocation)
        for part in parts {
            #expect(outcome.error.contains(part), "no \"\(part)\" in: \(outcome.everything)", sourceLocation: sourceLocation)
        }
    }

    private func bytes(_ work: TemporaryFolder, _ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: work.file(name)))
    }

    private func picture(_ work: TemporaryFolder) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: work.file("data/demo/images")).sorted()
        return "data/demo/images/" + (try #require(names.first))
    }

    private func predict(_ work: TemporaryFolder, _ words: String...) throws -> Outcome {
        try BuiltPrograms.run(
            "segment", ["predict", "--run", "runs/demo", "--image", try picture(work), "--text", "one polyp"] + words, in: work.path)
    }

    @Test func predictKeepsOffItsInputs() throws {
        let work = try DemoWork.shared.get().copy(), image = try picture(work), files = FileManager.default
        let before = try bytes(work, image)
        try files.createSymbolicLink(atPath: work.file("link.png"), withDestinationPath: image)
        try files.linkItem(atPath: work.file(image), toPath: work.file("hard.png"))
        for out in [image, "./" + image, "link.png", "hard.png"] {
            expect(
                try predict(work, "--out", out, "--overwrite"), says: "--out \(out) is the same file as --image \(image), which is an input"
            )
        }
        expect(try predict(work, "--out", (image as NSString).deletingPathExtension + ".PNG"), says: "differ only in capitals")
        expect(
            try predict(work, "--out", "m.png", "--overlay", "data/../m.png"),
            says: "--out m.png and --overlay data/../m.png are the same file")
        expect(try predict(work, "--out", "m.png", "--overlay", "M.PNG"), says: "differ only in capitals")
        #expect(try bytes(work, image) == before && !files.fileExists(atPath: work.file("m.png")))
        let best = try bytes(work, "runs/demo/best.safetensors").count
        expect(try predict(work, "--out", "runs/demo/best.safetensors"), says: "ends in .png")
        try files.createSymbolicLink(atPath: work.file("mask.png"), withDestinationPath: "runs/demo/best.safetensors")
        expect(try predict(work, "--out", "mask.png", "--overwrite"), says: "is a file of --run runs/demo, which is an input")
        #expect(try bytes(work, "runs/demo/best.safetensors").count == best)
    }

    @Test func predictReplacesItsOwnPicturesOnly() throws {
        let work = try DemoWork.shared.get().copy(), files = FileManager.default
        try files.copyItem(atPath: work.file(try picture(work)), toPath: work.file("photo.png"))
        try work.write("not mine", to: "map.npy")
        let before = try bytes(work, "photo.png")
        expect(
            try predict(work, "--out", "photo.png"), says: "--out photo.png: this file exists and is not a picture that segment wrote",
            "--overwrite")
        expect(try predict(work, "--out", "m.png", "--overlay", "photo.png"), says: "--overlay photo.png")
        expect(try predict(work, "--out", "m.png", "--probabilities", "map.npy"), says: "not a map of probabilities")
        #expect(try bytes(work, "photo.png") == before && !files.fileExists(atPath: work.file("m.png")))
        for _ in 0..<2 {
            let outcome = try predict(work, "--out", "m.png", "--overlay", "o.jpg", "--probabilities", "p.npy")
            #expect(outcome.code == 0, "\(outcome.everything)")
        }
        #expect(
            try bytes(work, "o.jpg").prefix(2).elementsEqual([0xFF, 0xD8])
                && bytes(work, "m.png").prefix(4).elementsEqual([0x89, 0x50, 0x4E, 0x47]))
        let forced = try predict(work, "--out", "photo.png", "--probabilities", "map.npy", "--overwrite")
        #expect(forced.code == 0, "\(forced.everything)")
    }

    /// Foundation's path functions end the program for these.
    @Test func namesOfOneLetterAreNames() throws {
        let work = try TemporaryFolder("letters")
        for (program, words) in [
            ("prep", ["demo", "--out", "d", "--count", "6"]),
            ("prep", ["ingest", "kvasir", "--root", "d", "--name", "n", "--manifests", "m"]),
            ("prep", ["shard", "n", "--manifests", "m", "--out", "s"]), ("prep", ["export", "s/n", "--out", "e"]),
            ("prep", ["stats", "n", "--manifests", "m"]),
        ] {
            let outcome = try BuiltPrograms.run(program, words, in: work.path)
            #expect(outcome.code == 0, "\(outcome.everything)")
        }
        for words in [
            ["verify", "x"], ["preview", "x"], ["export", "x", "--out", "y"], ["stats", "x"], ["shard", "x"],
            ["ingest", "kvasir", "--root", "x"],
        ] {
            #expect(try BuiltPrograms.run("prep", words, in: work.path).code < 4)
        }
        #expect(try BuiltPrograms.run("train", ["--shards", "x", "--run", "r"], in: work.path).code == 2)
        #expect(
            try BuiltPrograms.run(
                "segment", ["predict", "--checkpoint", "c", "--image", "i", "--no-text", "--out", "m.png"], in: work.path
            ).code == 2)
    }

    @Test func endingsDecide() throws {
        let work = try DemoWork.shared.get().folder
        expect(try predict(work, "--out", "x.jpg"), says: "JPEG changes values", "x.png")
        expect(try predict(work, "--out", "x.bmp"), says: "expected a name that ends in .png, such as x.png")
        expect(try predict(work, "--out", "x"), says: "such as x.png")
        expect(try predict(work, "--out", "x.png", "--overlay", "o.webp"), says: ".png or .jpg or .jpeg")
        expect(try predict(work, "--out", "x.png", "--probabilities", "p.png"), says: "ends in .npy")
    }

    @Test func whatCannotBeWrittenIsKnownBeforeTheModelIsLoaded() throws {
        let work = try DemoWork.shared.get().folder
        expect(
            try predict(work, "--out", "no/such/m.png"), says: "no/such/m.png",
            "there is no folder no/such; make it first: mkdir -p no/such")
        expect(try predict(work, "--out", "m.png", "--overlay", "/proc/o.png"), code: 3, says: "/proc/o.png")
        func evaluate(_ words: String...) throws -> Outcome {
            try BuiltPrograms.run("segment", ["evaluate", "--run", "runs/demo", "--shards", "shards/demo"] + words, in: work.path)
        }
        for (outcome, code) in [(try evaluate("--json", "no/such/report.json"), 2), (try evaluate("--predictions", "/proc/no/such"), 3)] {
            expect(outcome, code: Int32(code))
            #expect(!outcome.error.contains("encoding") && !outcome.error.contains("evaluating"), "\(outcome.error)")
        }
    }

    @Test func oneOfTextAndNoText() throws {
        let work = try DemoWork.shared.get().folder, image = try picture(work)
        func predict(_ words: String...) throws -> Outcome {
            try BuiltPrograms.run("segment", ["predict", "--run", "nowhere", "--image", image, "--out", "x.png"] + words, in: work.path)
        }
        let silent = try BuiltPrograms.run("segment", ["predict", "--run", "runs/demo", "--image", image, "--out", "x.png"], in: work.path)
        expect(silent, says: "is of a model that reads a caption; give --text SENTENCE, or --no-text")
        expect(try predict("--text", "a", "--no-text"), says: "--text and --no-text cannot be used together")
        // Both are taken, and the missing run is next.
        for words in [["--no-text"], ["--text", ""], ["--text="]] {
            let outcome = try BuiltPrograms.run(
                "segment", ["predict", "--run", "nowhere", "--image", image, "--out", "x.png"] + words, in: work.path)
            expect(outcome, says: "nowhere")
        }
    }

    @Test func evaluateKeepsOffShardsRunAndForeignFiles() throws {
        let work = try DemoWork.shared.get().copy()
        func evaluate(_ words: String...) throws -> Outcome {
            try BuiltPrograms.run("segment", ["evaluate", "--run", "runs/demo", "--shards", "shards/demo"] + words, in: work.path)
        }
        expect(try evaluate("--json", "runs/demo/state.json", "--overwrite"), says: "is a file of --run runs/demo, which is an input")
        expect(
            try evaluate("--json", "shards/demo/vocab.txt"),
            says: "--json shards/demo/vocab.txt is inside --shards shards/demo, which is an input")
        for folder in ["shards/demo", "shards/demo/test", "shards/demo/new", "runs/demo"] {
            expect(try evaluate("--predictions", folder), says: "--predictions \(folder)", "which is an input")
        }
        try work.write("{\"mine\": true}", to: "notes.json")
        expect(try evaluate("--json", "notes.json"), says: "not a report of an evaluation", "--overwrite")
        struct Line: Decodable { let id: String }
        let listing = try BuiltPrograms.run("prep", ["verify", "shards/demo/test", "--list-json", "-"], in: work.path)
        let first = try #require(listing.output.split(separator: "\n").first)
        let id = try JSONDecoder().decode(Line.self, from: Data(first.utf8)).id
        try work.write("a photograph", to: "predictions/\(id).png")
        expect(
            try evaluate("--predictions", "predictions"), says: "holds files that no evaluation wrote (predictions/\(id).png)",
            "--overwrite")
        for split in ["shards/demo/train", "shards/demo/index.json", "shards/demo/train/index.json", "shards"] {
            let outcome = try BuiltPrograms.run("segment", ["evaluate", "--run", "runs/demo", "--shards", split], in: work.path)
            expect(
                outcome,
                says: split == "shards" ? "shards/demo" : split == "shards/demo/index.json" ? split : "give the set's folder, shards/demo")
        }
    }

    @Test func prepKeepsOffShardsAndForeignFiles() throws {
        let work = try DemoWork.shared.get().copy()
        func prep(_ words: String...) throws -> Outcome { try BuiltPrograms.run("prep", words, in: work.path) }
        try work.write("mine", to: "grid.png")
        expect(try prep("preview", "shards/demo"), says: "--out grid.png: this file exists and is not a picture that prep wrote")
        expect(try prep("preview", "shards/demo", "--out", "g.gif"), says: "g.gif")
        for name in ["g.png", "g.jpg"] {
            for _ in 0..<2 { #expect(try prep("preview", "shards/demo", "--count", "4", "--out", name).code == 0) }
        }
        try work.write("<html>mine</html>", to: "report.html")
        expect(try prep("stats", "demo", "--html", "report.html"), says: "not a report that prep stats wrote")
        expect(try prep("stats", "demo", "--html", "no/such/r.html"), says: "mkdir -p no/such")
        expect(
            try prep("verify", "shards/demo", "--list-json", "shards/demo/train/samples.jsonl", "--overwrite"),
            says: "is a file of DIR shards/demo")
        for out in ["shards/demo", "shards/demo/out"] { expect(try prep("export", "shards/demo", "--out", out), says: "--out \(out)") }
        try work.write("{\"file_name\": \"a.png\", \"text\": \"a polyp\"}\n", to: "manifests/metadata.jsonl")
        let before = try bytes(work, "manifests/metadata.jsonl")
        expect(
            try prep("ingest", "kvasir", "--root", "data/demo", "--name", "metadata"),
            says: "manifests/metadata.jsonl: this file exists, and prep ingest did not write it", "--overwrite")
        #expect(try bytes(work, "manifests/metadata.jsonl") == before)
        for _ in 0..<2 { #expect(try prep("ingest", "kvasir", "--root", "data/demo", "--name", "größe_画像").code == 0) }
        for name in ["../x", "a/b", ".x", "a\u{1B}b", "a b"] {
            expect(try prep("ingest", "kvasir", "--root", "data/demo", "--name", name), says: "cannot be a manifest's name")
        }
        for word in ["dmeo", "demo.jsonl", "manifests/demo.jsonl"] { expect(try prep("shard", word), says: "did you mean demo?") }
        expect(try prep("ingest", "kvasr"), says: "did you mean kvasir?")
        expect(
            try prep("ingest", "kvasir", "--root", "data/demo", "--seed", "3"),
            says: "--seed has no effect here, it applies only with --split")
    }

    /// A model of colour images scores grey shards and segments a grey picture, and says so; a picture that is stored in colour but shows
    /// grey needs no word.
    @Test func picturesOfOtherChannelsAreConvertedAndItIsSaid() throws {
        let work = try DemoWork.shared.get().copy()
        // The demo's masks as images: grey.
        for name in try FileManager.default.contentsOfDirectory(atPath: work.file("data/demo/masks")) {
            try FileManager.default.createDirectory(atPath: work.file("data/grey/images"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: work.file("data/demo/masks/\(name)"), toPath: work.file("data/grey/images/\(name)"))
        }
        for name in ["masks", "anns"] {
            try FileManager.default.copyItem(atPath: work.file("data/demo/\(name)"), toPath: work.file("data/grey/\(name)"))
        }
        for words in [
            ["ingest", "kvasir", "--root", "data/grey", "--name", "grey"], ["shard", "grey", "--vocabulary", "shards/demo/vocab.txt"],
        ] {
            let outcome = try BuiltPrograms.run("prep", words, in: work.path)
            #expect(outcome.code == 0, "\(outcome.everything)")
        }
        let evaluation = try BuiltPrograms.run("segment", ["evaluate", "--run", "runs/demo", "--shards", "shards/grey"], in: work.path)
        let said = "one channel, but the model was trained on colour images: the grey channel is repeated three times"
        #expect(evaluation.code == 0 && evaluation.error.contains(said), "\(evaluation.everything)")
        let image = "data/grey/images/" + ((try picture(work)) as NSString).lastPathComponent
        let prediction = try BuiltPrograms.run(
            "segment", ["predict", "--run", "runs/demo", "--image", image, "--no-text", "--out", "m.png"], in: work.path)
        #expect(prediction.code == 0 && prediction.error.contains(said) && !prediction.error.contains("GPU"), "\(prediction.everything)")
    }

    @Test func shardsOfOtherSettingsAreReplacedOnlyWhenAsked() throws {
        let work = try DemoWork.shared.get().copy()
        func shard(_ words: String...) throws -> Outcome { try BuiltPrograms.run("prep", ["shard", "demo"] + words, in: work.path) }
        let index = try bytes(work, "shards/demo/train/index.json")
        for (words, change) in [
            (["--size", "64"], "size 224, now 64"), (["--compression", "none"], "compression zstd:3, now none"),
            (["--resize", "reference"], "resize pillow, now reference"),
            (["--shard-bytes", "1000000"], "shard-bytes 8388608, now 1000000"),
        ] {
            let outcome = try BuiltPrograms.run("prep", ["shard", "demo"] + words, in: work.path)
            expect(outcome, says: "holds 224x224 shards of demo, made with other settings (\(change))", "--overwrite", "--out")
        }
        #expect(try bytes(work, "shards/demo/train/index.json") == index)
        let same = try shard()
        #expect(same.code == 0 && same.output.contains("up to date"), "\(same.everything)")
        let replaced = try shard("--size", "64", "--overwrite")
        #expect(
            replaced.code == 0 && replaced.error.contains("replaces 224x224 shards of demo (size 224, now 64)"), "\(replaced.everything)")
        #expect(try shard("--size", "64").output.contains("up to date"))
        let evaluation = try BuiltPrograms.run("segment", ["evaluate", "--run", "runs/demo", "--shards", "shards/demo"], in: work.path)
        expect(evaluation, says: "images are 64x64, the model takes 224x224", "`prep shard demo --size 224 --overwrite`")
        let resumed = try BuiltPrograms.run("train", ["--run", "runs/demo", "--resume", "--shards", "shards/demo"], in: work.path)
        expect(resumed, says: "the shards are now 64x64, but the run began with 224x224", "prep shard demo --size 224")
        // Of another's making: a model's vocabulary where that of the shards would go.
        try work.write("[PAD]\n", to: "models/demo/vocab.txt")
        expect(try shard("--out", "models"), says: "models/demo/vocab.txt: this file exists, and `prep shard` did not write it")
    }

    @Test func trainChecksItsFolderAndNamesFirst() throws {
        let work = try DemoWork.shared.get().copy()
        func train(_ words: String...) throws -> Outcome { try BuiltPrograms.run("train", words, in: work.path) }
        try work.write("{\"model_type\": \"bert\"}", to: "models/bert/config.json")
        try work.write("[PAD]\n", to: "models/bert/vocab.txt")
        expect(
            try train("--shards", "shards/demo", "--run", "models/bert"), says: "contains files but no run (config.json, vocab.txt)",
            "--overwrite")
        for run in ["shards/demo", "shards/demo/run"] {
            expect(try train("--shards", "shards/demo", "--run", run), says: "--run \(run)", "which is an input")
        }
        expect(
            try train("--shards", "shards/demo", "--run", "r", "--init", "none.safetensors"), says: "--init none.safetensors: no such file")
        expect(try train("--shards", "shards/demo", "--run", "r", "--text-encoder", "none"), says: "--text-encoder none: no such folder")
        // A name of the Hugging Face hub in a path's place.
        for (option, name) in [("--text-encoder", "microsoft/BiomedVLP-CXR-BERT-specialized"), ("--init", "facebook/convnext-tiny-224")] {
            let outcome = try train("--shards", "shards/demo", "--run", "r", option, name)
            expect(outcome, says: "\(option) \(name): no such folder", "are not fetched", "hf download \(name) --local-dir models/")
        }
        // A folder is taken for its weights, by their usual names.
        expect(
            try train("--shards", "shards/demo", "--run", "r", "--init", "models/bert"),
            says: "models/bert: found no weights in this folder")
        expect(try train("--shards", "shards/demo/train", "--run", "r"), says: "give the set's folder, ", "/shards/demo")
        expect(try train("--shards", "shards/dmeo", "--run", "r"), says: "shards/dmeo is not a shard folder")
        expect(try train("--shards", "shards/demo", "--run", "/proc/no/run"), code: 3, says: "/proc/no/run")
        #expect(!FileManager.default.fileExists(atPath: work.file("r")))
        let longer = try train("--run", "runs/demo", "--resume", "--epochs", "300")
        expect(
            longer, says: "--epochs 300 differs from the run's 2", "--run runs/demo-300 --epochs 300 --init runs/demo/best.safetensors",
            "--batch-size 2")
        for (words, message) in [
            (["--shards", "shards/demo", "--loss", "bce", "--lambda-entropy", "0.2"], "--lambda-entropy"),
            (["--shards", "shards/demo", "--device", "cpu", "--tf32"], "--tf32"),
            (["benchmark", "--text", "--image-size", "64"], "--image-size"),
            (["benchmark", "--text", "--forward-only"], "--forward-only"),
            (["profile", "--text", "--model-option", "mixer=linear"], "--model-option"),
        ] { expect(try BuiltPrograms.run("train", words, in: work.path), says: "\(message) has no effect here") }
        for words in [["benchmark", "--epochs", "3"], ["summary", "--batch-size", "3"], ["devices", "--json"]] {
            expect(try BuiltPrograms.run("train", words, in: work.path), says: "unknown option \(words[1])")
        }
        expect(try train("--shards", "shards/demo", "--cache", "c"), says: "--cache")
    }

    @Test func namesWithControlCharactersAreShownEscaped() throws {
        let work = try DemoWork.shared.get().copy(), files = FileManager.default
        let name = "x\u{1B}[2J\nerror: forged"
        try files.copyItem(atPath: work.file(try picture(work)), toPath: work.file("data/demo/images/\(name).png"))
        let outcomes = [
            try BuiltPrograms.run("prep", ["ingest", "kvasir", "--root", "data/demo", "--name", "demo"], in: work.path),
            try BuiltPrograms.run("prep", ["ingest", "kvasir", "--root", "data/demo", "--name", "demo", "--json"], in: work.path),
            try BuiltPrograms.run(
                "segment", ["predict", "--run", "runs/demo", "--image", "\(name).png", "--no-text", "--out", "m.png"], in: work.path),
            try BuiltPrograms.run("prep", ["stats", name], in: work.path),
            try BuiltPrograms.run("train", ["--shards", name], in: work.path),
        ]
        for outcome in outcomes {
            #expect(outcome.code != 0 && !outcome.everything.contains("\u{1B}"), "\(outcome.everything)")
            #expect(!outcome.error.split(separator: "\n").contains { $0.hasPrefix("error: forged") }, "\(outcome.everything)")
        }
        #expect(outcomes[0].error.contains("x\\u{1b}[2J\\nerror: forged"), "\(outcomes[0].everything)")
    }
}
