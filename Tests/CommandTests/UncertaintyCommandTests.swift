// `segment calibrate`, --calibrated, --threshold, --uncertainty and several --run, with the built programs.
import Foundation
import TestSupport
import Testing

@Suite struct UncertaintyCommandTests {
    private func segment(_ words: [String], in work: TemporaryFolder) throws -> Outcome {
        try BuiltPrograms.run("segment", words, in: work.path)
    }

    private let evaluation = ["evaluate", "--run", "runs/demo", "--shards", "shards/demo", "--resamples", "0"]

    @Test func aCheckpointIsCalibratedThenScoredSo() throws {
        let work = try DemoWork.shared.get().copy()
        let early = try segment(evaluation + ["--calibrated"], in: work)
        #expect(early.code == 2 && early.error.contains("make it with `segment calibrate --run runs/demo --shards shards/demo`"))
        let made = try segment(["calibrate", "--run", "runs/demo", "--shards", "shards/demo"], in: work)
        #expect(made.code == 0 && made.output.contains("temperature") && made.output.hasSuffix("runs/demo/calibration.json\n"))
        let again = try segment(["calibrate", "--run", "runs/demo", "--shards", "shards/demo"], in: work)
        #expect(again.code == 0 && again.output == made.output, "\(again.everything)")

        let scored = try segment(evaluation + ["--calibrated", "--threshold", "best", "--json", "report.json"], in: work)
        #expect(scored.code == 0 && scored.output.contains("(best image Dice on validation), temperature "), "\(scored.everything)")
        struct Report: Decodable {
            let threshold: Double, thresholdSource: String, temperatures: [Double], checkpoint: String, checkpoints: [String]
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: work.file("report.json"))))
        #expect(report.thresholdSource == "best" && report.temperatures.count == 1 && report.checkpoints == [report.checkpoint])
        let again2 = try segment(evaluation + ["--threshold", "0.25", "--json", "report.json"], in: work)
        #expect(again2.code == 0 && again2.output.contains("images at their original size, threshold 0.25\n"), "\(again2.everything)")

        // A file of another in the place of the result stays.
        try "mine".write(toFile: work.file("notes.json"), atomically: true, encoding: .utf8)
        let refused = try segment(["calibrate", "--run", "runs/demo", "--shards", "shards/demo", "--out", "notes.json"], in: work)
        #expect(refused.code == 2 && refused.error.contains("not a file of segment calibrate"), "\(refused.everything)")
    }

    @Test func uncertaintyIsScoredAndDrawn() throws {
        let work = try DemoWork.shared.get().copy()
        let outcome = try segment(
            evaluation + ["--uncertainty", "mc-dropout:2", "--json", "report.json", "--predictions", "predictions"], in: work)
        #expect(outcome.code == 0, "\(outcome.everything)")
        for part in ["uncertainty: mc-dropout:2, 2 predictions an image", "finds wrong pixels", "least sure images", "expected loss"] {
            #expect(outcome.output.contains(part), "no \(part) in \(outcome.output)")
        }
        struct Report: Decodable {
            struct Sample: Decodable { let id: String, uncertainty: [String: Double] }
            struct Measure: Decodable { let mean: Double, auroc: Double?, aurc: Double }
            struct Uncertainty: Decodable { let kind: String, fewestPredictions: Int, measures: [String: Measure] }
            let uncertainty: Uncertainty, samples: [Sample]
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: work.file("report.json"))))
        #expect(Set(report.uncertainty.measures.keys) == ["entropy", "mutualInformation", "variance", "expectedDiceLoss"])
        let sample = try #require(report.samples.first)
        #expect(sample.uncertainty["predictions"] == 2 && sample.uncertainty["entropy"] ?? 0 > 0)
        for ending in ["png", "npy", "entropy.npy", "mutual-information.npy", "variance.npy", "uncertainty.png"] {
            #expect(FileManager.default.fileExists(atPath: work.file("predictions/\(sample.id).\(ending)")), "\(ending)")
        }

        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: work.file("data/demo/images")).sorted().first)
        let image = ["predict", "--run", "runs/demo", "--image", "data/demo/images/\(name)"]
        let text = ["--text", "one small polyp located in top left of the image"]
        let drawn = try segment(image + text + ["--uncertainty", "captions", "--uncertainty-map", "doubt.png"], in: work)
        #expect(drawn.code == 0 && drawn.output.contains("mean entropy"), "\(drawn.everything)")
        #expect(try pngSize(work.file("doubt.png")) == pngSize(work.file("data/demo/images/\(name)")))
        let array = try segment(image + text + ["--uncertainty", "entropy", "--uncertainty-map", "doubt.npy"], in: work)
        #expect(array.code == 0, "\(array.everything)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: work.file("doubt.npy"))).count == 128 + 224 * 224 * 4)
        for (words, says) in [
            (image + ["--no-text", "--uncertainty", "captions", "--out", "m.png"], "captions are withheld"),
            (image + text + ["--uncertainty", "ensemble", "--out", "m.png"], "several networks segment many images: give --images"),
            (image + text + ["--uncertainty-map", "m.png"], "--uncertainty-map"),
        ] {
            let refused = try segment(words, in: work)
            #expect(refused.code == 2 && refused.error.contains(says), "\(refused.everything)")
        }
    }

    @Test func severalRunsAreAveraged() throws {
        let work = try DemoWork.shared.get().copy()
        try FileManager.default.copyItem(atPath: work.file("runs/demo"), toPath: work.file("runs/twin"))
        let words = ["evaluate", "--run", "runs/demo", "--run", "runs/twin", "--shards", "shards/demo", "--resamples", "0"]
        let outcome = try segment(words + ["--uncertainty", "ensemble"], in: work)
        #expect(outcome.code == 0 && outcome.output.contains("mean of 2 networks"), "\(outcome.everything)")
        let single = evaluation
        for (words, says) in [
            (single + ["--uncertainty", "ensemble"], "give --run more than once"),
            (single + ["--run", "runs/demo"], "--run runs/demo is given twice"),
            (words + ["--uncertainty", "augment"], "with several --run give --uncertainty ensemble"),
            (words + ["--threshold", "best"], "was chosen for one network"),
            (single + ["--uncertainty", "dropout"], "expected entropy, mc-dropout:T, augment, captions, ensemble"),
            (single + ["--threshold", "1.5"], "--threshold is 1.5; expected a number from 0 to below 1, or best"),
            (single + ["--calibration", "x.json"], "--calibrated"),
        ] {
            let refused = try segment(words, in: work)
            #expect(refused.code == 2 && refused.error.contains(says), "\(refused.everything)")
        }
    }
}

/// Width and height of a PNG file, from its header.
private func pngSize(_ path: String) throws -> [UInt32] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)).prefix(24))
    try #require(bytes.count == 24)
    return [16, 20].map { start in bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }
}
