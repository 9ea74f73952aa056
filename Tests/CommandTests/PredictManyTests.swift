// `segment predict --images` and `--shards`, through the built program.
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct PredictManyTests {
    private let work: TemporaryFolder

    init() throws { work = try DemoWork.shared.get().copy() }

    private func predict(_ words: String...) throws -> Outcome {
        try BuiltPrograms.run("segment", ["predict", "--run", "runs/demo"] + words, in: work.path)
    }

    private func lines(_ path: String) throws -> [Substring] {
        try String(contentsOfFile: work.file(path), encoding: .utf8).split(separator: "\n")
    }

    /// Three of the demo's images in a folder of their own, with a table of captions.
    private func scans() throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: work.file("data/demo/images")).sorted().prefix(3)
        try FileManager.default.createDirectory(atPath: work.file("scans"), withIntermediateDirectories: true)
        for name in names {
            try FileManager.default.copyItem(atPath: work.file("data/demo/images/\(name)"), toPath: work.file("scans/\(name)"))
        }
        try work.write(
            "image,caption\n" + names.map { "\($0),\"one polyp, at the top\"\n" }.joined() + "other.png,nothing\n", to: "captions.csv")
        return names.map { ($0 as NSString).deletingPathExtension }
    }

    @Test func aFolderOfImagesIsSegmentedAndTheCommandGoesOn() throws {
        let ids = try scans()
        try work.write("no picture", to: "scans/bad.png")
        try work.write("notes", to: "scans/notes.txt")
        let words = ["--images", "scans", "--captions", "captions.csv", "--out", "masks", "--overlays", "over", "--probabilities", "maps"]
        func run() throws -> Outcome { try BuiltPrograms.run("segment", ["predict", "--run", "runs/demo"] + words, in: work.path) }
        // bad.png has no caption, and is no picture.
        var outcome = try run()
        #expect(outcome.code == 1 && outcome.output.contains("masks: 3 masks"), "\(outcome.everything)")
        #expect(
            outcome.error.contains("scans/bad.png: no row of captions.csv names it") && outcome.error.contains("1 image was not segmented"))
        #expect(outcome.error.contains("1 row names none of the images"))
        try work.write(try String(contentsOfFile: work.file("captions.csv"), encoding: .utf8) + "bad.png,one polyp\n", to: "captions.csv")
        outcome = try run()
        #expect(outcome.code == 1 && outcome.error.contains("masks: 3 of 4 images are done already"), "\(outcome.everything)")
        #expect(outcome.error.contains("scans/bad.png"))
        try FileManager.default.removeItem(atPath: work.file("scans/bad.png"))
        outcome = try run()
        #expect(outcome.code == 0 && outcome.error.contains("3 of 3 images are done already"), "\(outcome.everything)")
        #expect(try lines("masks/predictions.csv").map { $0.prefix { $0 != "," } } == ["id"] + ids.map { $0[...] })
        for file in ids.flatMap({ ["masks/\($0).png", "over/\($0).jpg", "maps/\($0).npy"] }) {
            #expect(FileManager.default.fileExists(atPath: work.file(file)), "\(file)")
        }
        // One image alone gives the same mask.
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: work.file("scans")).sorted().first { !$0.hasSuffix(".txt") })
        let alone = try predict("--image", "scans/\(name)", "--text", "one polyp, at the top", "--out", "alone.png")
        #expect(alone.code == 0)
        #expect(
            FileManager.default.contents(atPath: work.file("alone.png"))
                == FileManager.default.contents(atPath: work.file("masks/\(ids[0]).png")))
    }

    @Test func aSplitOfShardsIsSegmented() throws {
        let outcome = try predict("--shards", "shards/demo", "--split", "val", "--out", "masks", "--batch-size", "2", "--workers", "3")
        #expect(outcome.code == 0, "\(outcome.everything)")
        #expect(try lines("masks/predictions.csv").dropFirst().allSatisfy { $0.contains(",val/") })
    }

    /// The measures of an evaluation of the same split, and a job that goes on.
    @Test func theUncertaintyOfManyImagesIsThatOfAnEvaluation() throws {
        let words = ["--shards", "shards/demo", "--out", "masks", "--uncertainty", "mc-dropout:2", "--uncertainty-map", "heat"]
        func run() throws -> Outcome { try BuiltPrograms.run("segment", ["predict", "--run", "runs/demo"] + words, in: work.path) }
        let made = try run()
        #expect(made.code == 0, "\(made.everything)")
        let table = try lines("masks/predictions.csv")
        #expect(table[0].hasSuffix(",mean_probability,mean_entropy,entropy,mutual_information,variance,expected_dice_loss"))
        struct Report: Decodable {
            struct Sample: Decodable { let id: String, uncertainty: [String: Double] }
            let samples: [Sample]
        }
        let scored = try BuiltPrograms.run(
            "segment",
            ["evaluate", "--run", "runs/demo", "--shards", "shards/demo", "--resamples", "0", "--uncertainty", "mc-dropout:2"]
                + ["--json", "report.json"], in: work.path)
        #expect(scored.code == 0, "\(scored.everything)")
        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: work.file("report.json"))))
        #expect(report.samples.count == table.count - 1)
        for (sample, line) in zip(report.samples, table.dropFirst()) {
            let values = line.split(separator: ",").suffix(4).map { Double($0) ?? .nan }
            let wanted = ["entropy", "mutualInformation", "variance", "expectedDiceLoss"].map { sample.uncertainty[$0] ?? .nan }
            #expect(line.hasPrefix(sample.id + ",") && zip(values, wanted).allSatisfy { abs($0 - $1) < 1e-5 }, "\(line) \(wanted)")
            #expect(FileManager.default.fileExists(atPath: work.file("heat/\(sample.id).png")))
        }
        // What dropout drops does not depend on what was done before.
        let last = try #require(report.samples.last).id
        let heat = FileManager.default.contents(atPath: work.file("heat/\(last).png"))
        try FileManager.default.removeItem(atPath: work.file("heat/\(last).png"))
        let again = try run()
        #expect(again.code == 0 && again.error.contains("\(table.count - 2) of \(table.count - 1) images are done"), "\(again.everything)")
        #expect(FileManager.default.contents(atPath: work.file("heat/\(last).png")) == heat)
        #expect(try lines("masks/predictions.csv") == table)
        let other = try predict("--shards", "shards/demo", "--out", "masks", "--uncertainty", "augment")
        #expect(other.code == 2 && other.error.contains("temperature, uncertainty or shards"), "\(other.everything)")
    }

    @Test func severalNetworksAreAveraged() throws {
        let ids = try scans()
        try FileManager.default.copyItem(atPath: work.file("runs/demo"), toPath: work.file("runs/twin"))
        let runs = ["predict", "--run", "runs/demo", "runs/twin"]
        let words = ["--images", "scans", "--captions", "captions.csv", "--out"]
        let one = try BuiltPrograms.run("segment", ["predict", "--run", "runs/demo"] + words + ["one"], in: work.path)
        let two = try BuiltPrograms.run("segment", runs + words + ["two", "--uncertainty", "ensemble"], in: work.path)
        #expect(one.code == 0 && two.code == 0, "\(one.everything) \(two.everything)")
        for id in ids {
            let masks = ["one", "two"].map { FileManager.default.contents(atPath: work.file("\($0)/\(id).png")) }
            #expect(masks[0] != nil && masks[0] == masks[1], "two equal networks have the mask of one")
        }
        for line in try lines("two/predictions.csv").dropFirst() {
            let values = line.split(separator: ",").suffix(4).compactMap { Double($0) }
            #expect(values.count == 4 && values[0] > 0 && values[1] == 0 && values[2] == 0, "\(line)")
        }
        for (words, says) in [
            (runs + ["--image", "scans/\(ids[0]).png", "--text", "a", "--out", "m.png"], "give --images"),
            (runs + words + ["new", "--uncertainty", "augment"], "--uncertainty ensemble"),
            (["predict", "--run", "runs/demo"] + words + ["new", "--uncertainty", "ensemble"], "give --run more than once"),
            (["predict", "--run", "runs/demo", "--images", "scans", "--no-text", "--out", "new", "--uncertainty", "captions"], "caption"),
        ] {
            let outcome = try BuiltPrograms.run("segment", words, in: work.path)
            #expect(outcome.code == 2 && outcome.error.contains(says), "\(words) \(outcome.everything)")
        }
    }

    @Test func patternsAndOneSentenceForAll() throws {
        let ids = try scans()
        let pattern = try predict("--images", "scans/*", "--text", "one polyp", "--out", "masks")
        #expect(pattern.code == 0, "\(pattern.everything)")
        #expect(try lines("masks/predictions.csv").count == ids.count + 1)
        // No picture segment wrote.
        try work.write("a photograph", to: "kept/\(ids[1]).png")
        for (words, says) in [
            (["--images", "scans", "--out", "new"], "has none; give --captions FILE, --text SENTENCE for all images, or --no-text"),
            (["--images", "nothing/*", "--text", "a", "--out", "new"], "no such file or folder, and no file matches it as a pattern"),
            (["--images", "scans", "--text", "a"], "--out"),
            (["--images", "scans", "--text", "a", "--out", "scans"], "which is an input"),
            (["--images", "scans", "--image", "scans/a.png", "--text", "a", "--out", "new"], "--image"),
            (["--image", "scans/a.png", "--captions", "captions.csv", "--out", "m.png"], "--captions"),
            (["--images", "scans", "--text", "a", "--out", "kept"], "kept/\(ids[1]).png"),
            (["--images", "scans", "--text", "a", "--out", "shards/demo"], "--out shards/demo: a folder of shards"),
            (
                ["--images", "scans", "--text", "a", "--out", "new", "--overlays", "shards/demo/val"],
                "--overlays shards/demo/val: a folder of"
            ),
            (
                ["--images", "scans", "--text", "a", "--out", "masks", "--precision", "bf16"],
                "another checkpoint, precision, text encoder, threshold, temperature, uncertainty or shards"
            ),
        ] {
            let outcome = try BuiltPrograms.run("segment", ["predict", "--run", "runs/demo"] + words, in: work.path)
            #expect(outcome.code == 2 && outcome.error.contains(says), "\(words) \(outcome.everything)")
        }
    }
}
