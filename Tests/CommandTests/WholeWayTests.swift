// The whole way with the built programs and the full model: demo set, manifest, shards, one training step, scores, a mask.
import Foundation
import TestSupport
import Testing

@Suite struct WholeWayTests {
    @Test func theFilesOfARunAreThere() throws {
        let work = try DemoWork.shared.get().folder
        for name in [
            "config.json", "log.jsonl", "metrics.csv", "best.safetensors", "last.safetensors", "optimizer.safetensors", "state.json",
            "vocab.txt", "outlines.jsonl", "report.html",
        ] {
            #expect(FileManager.default.fileExists(atPath: work.file("runs/demo/\(name)")), "\(name)")
        }
        let log = try String(contentsOfFile: work.file("runs/demo/log.jsonl"), encoding: .utf8)
        #expect(log.split(separator: "\n").count == 1)
        struct Line: Decodable { let step: Int, loss: Double, dice: Double, spectral: Double, entropy: Double }
        let line = try JSONDecoder().decode(Line.self, from: Data(log.utf8))
        #expect(line.step == 1)
        #expect(abs(line.loss - (line.dice + 0.3 * line.spectral + 0.1 * line.entropy)) < 1e-6)
    }

    @Test func evaluationWritesScoresAndPredictions() throws {
        let work = try DemoWork.shared.get().copy()
        let outcome = try BuiltPrograms.run(
            "segment",
            ["evaluate", "--run", "runs/demo", "--shards", "shards/demo", "--json", "report.json", "--predictions", "predictions"],
            in: work.path)
        #expect(outcome.code == 0, "\(outcome.everything)")
        for part in ["test split", "model, all pixels", "everything", "nothing", "training mean mask"] {
            #expect(outcome.output.contains(part), "no \(part) in \(outcome.output)")
        }
        struct Report: Decodable {
            struct Sample: Decodable { let id: String, dice: Double }
            struct Trivial: Decodable { let dice: Double }
            struct Estimate: Decodable { let value: Double, low: Double?, high: Double? }
            struct Calibration: Decodable { let ece: Double, bins: [[String: Double?]] }
            let images: Int, dice: Double, accuracy: Double, samples: [Sample], trivial: [String: Trivial]
            let metrics: [String: Estimate?], calibration: Calibration
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: work.file("report.json"))))
        #expect(report.images == report.samples.count && report.images > 0)
        let dice = try #require(report.metrics["dice"] ?? nil)
        #expect(dice.value == report.dice && report.metrics.keys.contains("meanImageHd95") && report.calibration.bins.count == 15)
        #expect(try #require(dice.low) <= dice.value && dice.value <= #require(dice.high))
        #expect(Set(report.trivial.keys) == ["all", "none", "meanMask"])
        #expect(report.trivial["none"]?.dice == 0)
        for sample in report.samples {
            let probabilities = try Data(contentsOf: URL(fileURLWithPath: work.file("predictions/\(sample.id).npy")))
            #expect(probabilities.count == 128 + 224 * 224 * 4)
            #expect(FileManager.default.fileExists(atPath: work.file("predictions/\(sample.id).png")))
        }
        let withheld = try BuiltPrograms.run(
            "segment", ["evaluate", "--run", "runs/demo", "--shards", "shards/demo", "--no-text", "--json", "-"], in: work.path)
        #expect(withheld.code == 0 && withheld.output.contains("\"captionsWithheld\" : true"), "\(withheld.everything)")
    }

    @Test func captionsAreChangedAndCompared() throws {
        let work = try DemoWork.shared.get().copy()
        func evaluate(_ words: String...) throws -> Outcome {
            try BuiltPrograms.run("segment", ["evaluate", "--run", "runs/demo", "--shards", "shards/demo"] + words, in: work.path)
        }
        struct Report: Decodable {
            struct Estimate: Decodable { let value: Double }
            struct Variant: Decodable {
                let captions: String, changedCaptions: Int?, metrics: [String: Estimate?], meanImageDiceChange: Estimate?
            }
            let captions: String, image: String, dice: Double, variants: [Variant]
        }
        let outcome = try evaluate("--captions", "original,mirrored,none", "--json", "report.json", "--resamples", "50")
        #expect(outcome.code == 0 && outcome.output.contains("change of image Dice"), "\(outcome.everything)")
        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: work.file("report.json"))))
        #expect(report.variants.map(\.captions) == ["original", "mirrored", "none"] && report.captions == "original")
        #expect(report.variants[0].changedCaptions == 0 && report.variants[0].meanImageDiceChange == nil)
        #expect((report.variants[0].metrics["dice"] ?? nil)?.value == report.dice && report.variants[1].meanImageDiceChange != nil)
        #expect(report.variants[2].changedCaptions ?? 0 > 0)

        let blank = try evaluate("--captions", "shuffled", "--image", "blank", "--resamples", "0")
        #expect(
            blank.code == 0 && blank.output.contains("captions shuffled") && blank.output.contains("blank images"), "\(blank.everything)")
        for (words, says) in [
            (["--captions", "original,upside-down"], "expected original, none, mirrored, shuffled, wrong-count, generic"),
            (["--captions", "none,none"], "--captions names none twice"), (["--captions", "mirrored", "--no-text"], "give one of the two"),
            (["--captions", "original", "--no-text"], "give one of the two"), (["--resamples", "1"], "expected 40 or more, or 0 for none"),
        ] {
            let refused = try BuiltPrograms.run(
                "segment", ["evaluate", "--run", "runs/demo", "--shards", "shards/demo"] + words, in: work.path)
            #expect(refused.code == 2 && refused.error.contains(says), "\(refused.everything)")
        }
    }

    @Test func predictionHasTheImagesOwnSize() throws {
        let work = try DemoWork.shared.get().copy()
        let images = try FileManager.default.contentsOfDirectory(atPath: work.file("data/demo/images")).sorted()
        let image = "data/demo/images/" + (try #require(images.first))
        let outcome = try BuiltPrograms.run(
            "segment",
            [
                "predict", "--run", "runs/demo", "--image", image, "--text", "one small polyp located in top left", "--out", "mask.png",
                "--overlay", "overlay.png", "--probabilities", "map.npy",
            ], in: work.path)
        #expect(outcome.code == 0, "\(outcome.everything)")
        let size = try pngSize(work.file(image))
        #expect(try pngSize(work.file("mask.png")) == size)
        #expect(try pngSize(work.file("overlay.png")) == size)
        #expect(try Data(contentsOf: URL(fileURLWithPath: work.file("map.npy"))).count == 128 + 224 * 224 * 4)
    }

    /// A network that reads no text asks for none, in any program.
    @Test func uNetGoesTheWholeWayWithoutText() throws {
        let work = try DemoWork.shared.get().copy()
        func run(_ program: String, _ words: String...) throws -> Outcome { try BuiltPrograms.run(program, words, in: work.path) }
        let trained = try run(
            "train", "--model", "unet", "--model-option", "width=2", "--shards", "shards/demo", "--run", "runs/unet", "--max-steps", "1")
        #expect(trained.code == 0 && trained.error.contains("unet reads no captions"), "\(trained.everything)")
        let scored = try run("segment", "evaluate", "--run", "runs/unet", "--shards", "shards/demo", "--json", "-")
        #expect(scored.code == 0 && scored.output.contains("\"dice\""), "\(scored.everything)")
        let images = try FileManager.default.contentsOfDirectory(atPath: work.file("data/demo/images")).sorted()
        let image = "data/demo/images/" + (try #require(images.first))
        let predicted = try run("segment", "predict", "--run", "runs/unet", "--image", image, "--out", "mask.png")
        #expect(predicted.code == 0, "\(predicted.everything)")
        let size = try pngSize(work.file(image))
        #expect(try pngSize(work.file("mask.png")) == size)
        let told = try run("segment", "predict", "--run", "runs/unet", "--image", image, "--text", "one polyp", "--out", "told.png")
        #expect(told.code == 0 && told.error.contains("unet reads no caption; --text is not used"), "\(told.everything)")
        let withheld = try run("segment", "evaluate", "--run", "runs/unet", "--shards", "shards/demo", "--no-text")
        #expect(withheld.code == 2 && withheld.error.contains("leave --captions and --no-text out"), "\(withheld.everything)")
        for words in [["summary"], ["benchmark", "--batch-size", "1", "--steps", "1"], ["profile", "--batch-size", "1", "--steps", "1"]] {
            let outcome = try BuiltPrograms.run(
                "train", words + ["--model", "unet", "--model-option", "width=2", "--image-size", "32"], in: work.path)
            #expect(outcome.code == 0, "\(outcome.everything)")
        }
        let odd = try run("train", "summary", "--model", "unet", "--image-size", "100")
        #expect(odd.code == 2 && odd.error.contains("--image-size is 100; expected a multiple of 16, such as 96"), "\(odd.everything)")
    }

    @Test func aRunThatIsThereIsNotOverwrittenAndGoesOn() throws {
        let work = try DemoWork.shared.get().copy()
        let again = try BuiltPrograms.run("train", ["--shards", "shards/demo", "--max-steps", "1"], in: work.path)
        #expect(again.code == 2 && again.error.contains("--resume"), "\(again.everything)")
        let other = try BuiltPrograms.run("train", ["--run", "runs/demo", "--resume", "--lr", "0.5"], in: work.path)
        #expect(other.code == 2 && other.error.contains("--lr 0.5 differs from the run's 0.0003"), "\(other.everything)")
        let resumed = try BuiltPrograms.run("train", ["--run", "runs/demo", "--resume", "--max-steps", "2"], in: work.path)
        #expect(resumed.code == 0, "\(resumed.everything)")
        // What was trained on before the resume does not count.
        #expect(
            resumed.error.contains("training: 2 images in 1 step, ")
                && resumed.error.contains("the run takes about 698 MB, and 1222 MB while it saves"), "\(resumed.error)")
        #expect(resumed.error.contains("computing on the CPU") || resumed.error.contains("computing on: NVIDIA"), "\(resumed.error)")
        let log = try String(contentsOfFile: work.file("runs/demo/log.jsonl"), encoding: .utf8)
        #expect(log.split(separator: "\n").count == 2)
    }

    /// Width and height from a PNG's header.
    private func pngSize(_ path: String) throws -> [UInt8] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(data.prefix(4).elementsEqual([0x89, 0x50, 0x4E, 0x47]))
        return Array(data[16..<24])
    }
}
