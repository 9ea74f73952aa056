// `segment explain` through the built program: what it writes for one image and for samples of shards, and what it refuses.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct ExplainCommandTests {
    /// Shards of 64x64 pixels, and a run of a small U-Net and of a small UA-VLS on them.
    private static let runs = Result { () throws -> TemporaryFolder in
        let work = try DemoWork.shared.get().copy()
        for (program, words) in [
            ("prep", ["shard", "demo", "--size", "64", "--out", "small"]),
            (
                "train",
                ["--model", "unet", "--model-option", "width=2", "--shards", "small/demo", "--run", "runs/unet", "--max-steps", "1"]
            ),
            (
                "train",
                [
                    "--model-option", "depths=1,1,1,1", "widths=16,16,32,32", "text-positions=8,5,4", "--shards", "small/demo", "--run",
                    "runs/text", "--batch-size", "2", "--max-steps", "1",
                ]
            ),
        ] {
            let outcome = try BuiltPrograms.run(program, words, in: work.path)
            guard outcome.code == 0 else { throw DemoWork.Failure(description: outcome.everything) }
        }
        return work
    }

    private let work: TemporaryFolder

    init() throws { work = try Self.runs.get() }

    private func explain(_ words: String...) throws -> Outcome { try BuiltPrograms.run("segment", ["explain"] + words, in: work.path) }

    private struct Report: Decodable {
        struct Effect: Decodable {
            let change: String, word: String?, caption: String, unchanged: String?
            let area: Double, areaChange: Double, meanChange: Double, agreement: Double, dice: Double?
        }
        struct Stage: Decodable {
            struct Word: Decodable { let word: String, share: Double }
            let stage: String, heads: Int, words: [Word]
        }
        struct Sample: Decodable { let id: String, dice: Double?, files: [String], words: [Effect], attention: [Stage] }
        struct Tap: Decodable { let name: String, width: Int }
        let kind: String, methods: [String], taps: [Tap], samples: [Sample]
    }

    private func report(_ folder: String) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: work.file(folder + "/explanations.json"))))
    }

    private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: work.file(name)) }

    private func image() throws -> String {
        let folder = work.file("data/demo/images")
        return "data/demo/images/" + (try #require(FileManager.default.contentsOfDirectory(atPath: folder).sorted().first))
    }

    @Test func aNetworkWithoutTextIsExplained() throws {
        let taps = try explain("--run", "runs/unet", "--list-taps")
        #expect(taps.code == 0 && taps.output.contains("down4: 4x4, 16 channels\n"), "\(taps.everything)")
        let image = try image(), mask = image.replacingOccurrences(of: "/images/", with: "/masks/")
        let outcome = try explain(
            "--run", "runs/unet", "--image", image, "--mask", mask, "--tap", "down4,up1", "--method", "grad-cam,grad-cam++,hirescam",
            "--target", "truth", "--arrays", "--out", "why")
        #expect(outcome.code == 0 && outcome.output.hasPrefix("why/index.html: 1 sample(s), 2 feature map(s)"), "\(outcome.everything)")
        let report = try report("why"), sample = try #require(report.samples.first)
        #expect(report.taps.map(\.name) == ["down4", "up1"] && report.methods == ["grad-cam", "grad-cam++", "hirescam"])
        #expect(sample.words.isEmpty && sample.attention.isEmpty && sample.dice != nil)
        for file in sample.files { #expect(exists("why/" + file), "\(file)") }
        #expect(sample.files.filter { $0.hasSuffix(".npy") }.count == 7)
        let page = try String(contentsOfFile: work.file("why/index.html"), encoding: .utf8)
        #expect(page.contains("data:image/jpeg;base64,") && !page.contains("://"))
        // Again: the folder is an explanation's own. What the first wrote is not left between the new files; what it did not write is.
        _ = try work.write("mine", to: "why/notes.npy")
        let point = try explain("--run", "runs/unet", "--image", image, "--point", "10,20", "--out", "why")
        #expect(point.code == 0, "\(point.everything)")
        let left = try Set(FileManager.default.contentsOfDirectory(atPath: work.file("why")))
        #expect(try left == Set(["explanations.json", "index.html", "notes.npy"] + self.report("why").samples.flatMap(\.files)), "\(left)")
        #expect(left.count == 4)
    }

    @Test func arraysOfOthersAreNotReplaced() throws {
        let image = try image(), id = ((image as NSString).lastPathComponent as NSString).deletingPathExtension
        _ = try work.write("mine", to: "arrays/\(id).probabilities.npy")
        let words = ["--run", "runs/unet", "--image", image, "--out", "arrays"]
        let refused = try BuiltPrograms.run("segment", ["explain", "--arrays"] + words, in: work.path)
        #expect(refused.code == 2 && refused.error.contains("arrays/\(id).probabilities.npy"), "\(refused.everything)")
        let plain = try BuiltPrograms.run("segment", ["explain"] + words, in: work.path)
        #expect(plain.code == 0, "\(plain.everything)")
        #expect(try String(contentsOfFile: work.file("arrays/\(id).probabilities.npy"), encoding: .utf8) == "mine")
    }

    /// The demo's pictures are larger than the 64x64 pixels of the shards.
    @Test func aPointIsCountedInTheOriginalImage() throws {
        struct Lines: Decodable { let id: String, image: String, width: Int, height: Int }
        let lines = try String(contentsOfFile: work.file("manifests/demo.jsonl"), encoding: .utf8).split(separator: "\n")
        let sample = try #require(lines.lazy.compactMap { try? JSONDecoder().decode(Lines.self, from: Data($0.utf8)) }.first)
        let image = "data/demo/images/" + (sample.image as NSString).lastPathComponent
        #expect(sample.width > 100 && sample.height > 90)
        let splits = try ["train", "val", "test"].filter { split in
            let outcome = try explain(
                "--run", "runs/unet", "--shards", "small/demo", "--split", split, "--ids", sample.id, "--point", "100,90", "--arrays",
                "--out",
                "point-shards")
            return outcome.code == 0
        }
        #expect(splits.count == 1)
        let file = try explain("--run", "runs/unet", "--image", image, "--point", "100,90", "--arrays", "--out", "point-file")
        #expect(file.code == 0, "\(file.everything)")
        let names = try report("point-file").samples[0].files.filter { $0.hasSuffix(".npy") }
        #expect(names.count > 2)
        for name in names {
            #expect(
                FileManager.default.contents(atPath: work.file("point-shards/" + name))
                    == FileManager.default.contents(atPath: work.file("point-file/" + name)), "\(name)")
        }
        let outside = try explain(
            "--run", "runs/unet", "--shards", "small/demo", "--split", splits[0], "--ids", sample.id, "--point", "100000,0", "--out", "x")
        #expect(
            outside.code == 2 && outside.error.contains("(\(sample.id) is \(sample.width)x\(sample.height) pixels at its own size)"),
            "\(outside.everything)")
    }

    @Test func wordsAndAttentionAreShown() throws {
        let outcome = try explain("--run", "runs/text", "--shards", "small/demo", "--split", "train", "--worst", "2", "--out", "words")
        #expect(outcome.code == 0, "\(outcome.everything)")
        let report = try report("words")
        #expect(report.samples.count == 2 && (report.samples[0].dice ?? 1) <= (report.samples[1].dice ?? 0))
        for sample in report.samples {
            let words = sample.words.filter { $0.change == "without" }
            #expect(!words.isEmpty && sample.words.suffix(3).map(\.change) == ["none", "mirrored", "wrong-count"])
            for effect in words { #expect(effect.unchanged == nil && !effect.caption.contains("  ")) }
            #expect(sample.attention.map(\.stage) == ["decoder16", "decoder8", "decoder4"])
            for stage in sample.attention {
                let sum = stage.words.reduce(0) { $0 + $1.share }
                #expect(stage.heads == 4 && stage.words.count == words.count && sum > 0 && sum < 1)
            }
            #expect(exists("words/\(sample.id).png") && exists("words/\(sample.id).attention.png"))
        }
        let id = report.samples[0].id
        let plain = try explain(
            "--run", "runs/text", "--shards", "small/demo", "--split", "train", "--ids", id, "--no-words", "--out", "plain")
        #expect(plain.code == 0 && !exists("plain/\(id).attention.png") && exists("plain/\(id).png"), "\(plain.everything)")
    }

    @Test func whatCannotBeExplainedIsNamed() throws {
        let image = try image()
        _ = try work.write("mine", to: "taken/index.html")
        for (words, says) in [
            (["--out", "x"], "nothing to explain; give --image FILE, or --shards DIR with --ids or --worst"),
            (["--image", image], "--out"),
            (["--image", "no.png", "--out", "x"], "--image no.png: no such file"),
            (["--shards", "small/demo", "--out", "x"], "choose some with --ids A,B or --worst N"),
            (["--shards", "small/demo", "--ids", "nobody", "--out", "x"], "small/demo/test has no nobody"),
            (["--image", image, "--tap", "attic", "--out", "x"], "the network has no feature map attic; expected one of inc, down1"),
            (["--image", image, "--method", "magic", "--out", "x"], "--method is magic; expected grad-cam, grad-cam++, hirescam"),
            (["--image", image, "--point", "9999,1", "--out", "x"], "--point 9999,1: outside the image; expected a column from 0 to"),
            (["--image", image, "--point", "a", "--out", "x"], "--point is a; expected a column and a row, such as 120,84"),
            (["--image", image, "--target", "truth", "--out", "x"], "--target truth needs --mask FILE"),
            (["--image", image, "--out", "taken"], "--out taken: holds files that `segment explain` did not write (taken/index.html)"),
        ] as [([String], String)] {
            let outcome = try BuiltPrograms.run("segment", ["explain", "--run", "runs/unet"] + words, in: work.path)
            #expect(outcome.code == 2 && outcome.error.contains(says), "\(words): \(outcome.everything)")
        }
        let text = try explain("--run", "runs/text", "--image", image, "--out", "x")
        #expect(text.code == 2 && text.error.contains("give --text SENTENCE, or --no-text"), "\(text.everything)")
        #expect(!exists("x"))
    }
}
