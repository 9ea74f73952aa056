// Evaluations from files: compared as runs are, and refused where they are not of the same images.
import TestSupport
import Testing

import Comparing

@Suite struct EvaluationFileTests {
    private func text(
        _ ids: [String], _ dice: [String], split: String = "test", captions: String = "\"original\"", size: String? = nil,
        threshold: Double = 0.5
    ) -> String {
        let samples = zip(ids, dice).map { "{\"id\": \"\($0)\", \"dice\": \($1), \"hd95\": null}" }.joined(separator: ", ")
        return """
            {"checkpoint": "runs/a/best.safetensors", "shards": "shards/demo", "split": "\(split)", "captions": \(captions), "image": "given", "threshold": \(threshold),
             \(size.map { "\"atSize\": \"\($0)\"," } ?? "") "metrics": {"meanImageDice": {"value": 0.5, "low": 0.4, "high": 0.6}, "meanImageHd95": null}, "calibration": {"ece": 0.03}, "imagesWithSurfaces": 1,
             "samples": [\(samples)], "later": 1}
            """
    }

    @Test func theyAreComparedImageByImage() throws {
        let folder = try TemporaryFolder()
        let first = try folder.write(text(["x", "y"], ["0.5", "0.75"]), to: "a/one.json")
        let second = try folder.write(text(["x", "y"], ["0.75", "0.75"], captions: "\"none\""), to: "two.json")
        let files = try EvaluationFile.read([first, second])
        #expect(files.map(\.run.name) == ["one", "two (captions none)"] && files[0].ids == ["x", "y"] && files[0].split == "test")
        #expect(files[0].run.metrics["meanImageDice"]?.high == 0.6 && files[0].run.metrics["meanImageHd95"] == nil)
        let comparison = Comparison(
            shards: files[0].shards, split: files[0].split, ids: files[0].ids, runs: files.map(\.run), resamples: 100)
        #expect(comparison.tests[1]?.paired.difference.value == 0.125 && comparison.text.contains("+12.50"))
        #expect(comparison.text.contains("HD95 of one is over 1 of 2 images"))
        let other = try folder.write(text(["x", "y"], ["0.5", "0.75"], captions: "\"none\"", threshold: 0.42), to: "other.json")
        #expect(try EvaluationFile.read([other])[0].run.name == "other (captions none, threshold 0.42)")
        // Runs of one name are told apart by their paths, and a network without captions reads none.
        let third = try folder.write(text(["x", "y"], ["null", "1"], captions: "null"), to: "one.json")
        let twins = try EvaluationFile.read([first, third])
        #expect(twins.map(\.run.name) == [first, third] && twins[1].run.readsText == false && twins[1].run.dice == [nil, 1])
    }

    @Test func patientsOfFilesAreDrawn() throws {
        let folder = try TemporaryFolder(), plain = text(["x", "y", "z"], ["0.5", "0.75", "0.25"])
        func named(_ patients: [String]) -> String {
            zip(["x", "y", "z"], patients).reduce(plain) {
                $0.replacing("{\"id\": \"\($1.0)\"", with: "{\"id\": \"\($1.0)\", \"patient\": \($1.1)")
            }
        }
        // The first file is of an earlier program, which did not name patients.
        let files = try EvaluationFile.read([
            folder.write(plain, to: "old.json"), folder.write(named(["\"p\"", "null", "\"p\""]), to: "new.json"),
        ])
        #expect(EvaluationFile.patients(files) == ["p", nil, "p"] && EvaluationFile.patients([files[0]]) == [nil, nil, nil])
        var comparison = Comparison(
            shards: files[0].shards, split: files[0].split, ids: files[0].ids, patients: EvaluationFile.patients(files),
            runs: files.map(\.run), resamples: 100)
        comparison.isOfFiles = true
        #expect(comparison.text.contains("95 % intervals of differences: percentile bootstrap, resampled: 2 patients, 100 times."))
        #expect(comparison.text.contains("95 % intervals of figures are those of the files."))
    }

    @Test func otherImagesAreRefused() throws {
        let folder = try TemporaryFolder()
        let first = try folder.write(text(["x", "y"], ["0.5", "0.75"]), to: "one.json")
        for (text, says) in [
            (text(["x"], ["0.5"]), "1 images, not 2"), (text(["y", "x"], ["0.5", "0.75"]), "other images, or another order"),
            (text(["x", "y"], ["0.5", "0.75"], size: "original"), "--at-size original, not model"),
            (text(["x", "y"], ["0.5", "0.75"], split: "val"), "split val, not test"), ("{}", "expected the JSON of an evaluation"),
            (text([], []), "expected the JSON of an evaluation"),
        ] {
            let other = try folder.write(text, to: "other.json")
            let error = #expect(throws: ComparingError.self) { try EvaluationFile.read([first, other]) }
            #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
        }
        #expect(throws: ComparingError.self) { try EvaluationFile.read([first, folder.path + "/./one.json"]) }
        #expect(throws: ComparingError.self) { try EvaluationFile.read([folder.file("absent.json")]) }
    }
}
