// `segment compare` as the built program: every output of one comparison, and what is refused.
import Foundation
import TestSupport
import Testing

@Suite struct CompareCommandTests {
    /// The demo's run and two small U-Nets that differ by their seed, made once.
    private static let work = Result { () throws -> TemporaryFolder in
        let work = try DemoWork.shared.get().copy()
        for seed in ["0", "1"] {
            let outcome = try BuiltPrograms.run(
                "train",
                [
                    "--model", "unet", "--model-option", "width=2", "--shards", "shards/demo", "--run", "runs/unet-\(seed)", "--seed", seed,
                    "--max-steps", "1", "--batch-size", "2", "--lr", "0.01",
                ], in: work.path)
            #expect(outcome.code == 0, "\(outcome.everything)")
        }
        return work
    }

    private func compare(_ words: [String], in work: TemporaryFolder) throws -> Outcome {
        try BuiltPrograms.run("segment", ["compare"] + words + ["--shards", "shards/demo"], in: work.path)
    }

    @Test func everyOutputHasTheSameNumbers() throws {
        let work = try Self.work.get()
        let files = ["csv", "json", "latex", "markdown", "html", "panels"]
        let outputs = files.flatMap { ["--\($0)", $0 == "panels" ? "out.png" : "out.\($0)"] }
        let words = ["runs/unet-0", "runs/unet-1", "runs/demo", "--published", "table1", "--dataset", "kvasir", "--cases", "1"] + outputs
        let outcome = try compare(words + ["--timed-passes", "1", "--resamples", "100"], in: work)
        #expect(outcome.code == 0, "\(outcome.everything)")
        for part in ["test split", "unet-0", "mean of 2 seeds: unet-0, unet-1", "TransUNet [published]", "image Dice against unet-0"] {
            #expect(outcome.output.contains(part), "no \(part) in \(outcome.output)")
        }
        struct Document: Decodable {
            struct Estimate: Decodable { let value: Double, low: Double?, high: Double? }
            struct Test: Decodable { let difference: Estimate, holm: Double }
            struct Sample: Decodable { let id: String, dice: Double? }
            struct Run: Decodable {
                let name: String, network: String, readsText: Bool, parameters: Int, imagesPerSecond: Double, metrics: [String: Estimate?]
                let comparison: Test?, samples: [Sample], otherShards: [String]
            }
            let runs: [Run], reference: String
        }
        let json = try JSONDecoder().decode(Document.self, from: Data(contentsOf: URL(fileURLWithPath: work.file("out.json"))))
        #expect(json.runs.map(\.name) == ["unet-0", "unet-1", "demo"] && json.runs.map(\.readsText) == [false, false, true])
        #expect(json.reference == "unet-0" && json.runs[0].comparison == nil && json.runs[2].comparison != nil)
        #expect(json.runs.allSatisfy { $0.imagesPerSecond > 0 && $0.otherShards.isEmpty && $0.samples.count == json.runs[0].samples.count })
        let dice = try json.runs.map { run in try #require(run.metrics["meanImageDice"] ?? nil).value }
        for (run, mean) in zip(json.runs, dice) {
            let values = run.samples.compactMap(\.dice)
            #expect(abs(values.reduce(0, +) / Double(values.count) - mean) < 1e-12)
            if let test = run.comparison { #expect(abs(test.difference.value - (mean - dice[0])) < 1e-12) }
        }
        let shown = String(format: "%.2f", dice[2] * 100)
        for file in ["latex", "markdown", "html"] {
            #expect(try String(contentsOfFile: work.file("out.\(file)"), encoding: .utf8).contains(shown), "\(file)")
        }
        #expect(outcome.output.contains(shown))
        #expect(try String(contentsOfFile: work.file("out.csv"), encoding: .utf8).contains(",\(dice[2]),"))
        // The evaluation gives the same.
        let evaluated = try BuiltPrograms.run(
            "segment", ["evaluate", "--run", "runs/unet-1", "--shards", "shards/demo", "--json", "-", "--resamples", "0"], in: work.path)
        struct Evaluation: Decodable { let meanImageDice: Double }
        let evaluation = try JSONDecoder().decode(Evaluation.self, from: Data(evaluated.output.utf8))
        #expect(evaluation.meanImageDice == dice[1], "\(evaluated.everything)")
        // The same command replaces its own files, and no others.
        let again = try compare(words + ["--timed-passes", "0", "--resamples", "0"], in: work)
        #expect(again.code == 0 && !again.output.contains("images/s") && !again.output.contains("95 % intervals"), "\(again.everything)")
        try work.write("mine", to: "notes.csv")
        let foreign = try compare(["runs/unet-0", "--csv", "notes.csv"], in: work)
        #expect(foreign.code == 2 && foreign.error.contains("not a comparison as CSV"), "\(foreign.everything)")
    }

    @Test func activationMapsAreAddedOnRequest() throws {
        let work = try Self.work.get(), quick = ["--timed-passes", "0", "--resamples", "0", "--cases", "1"]
        func panels(_ name: String, _ more: String...) throws -> Outcome {
            try compare(["runs/unet-0", "runs/demo", "--html", name + ".html", "--panels", name + ".png"] + quick + more, in: work)
        }
        let plain = try panels("plain"), mapped = try panels("mapped", "--activation-maps")
        #expect(plain.code == 0 && !plain.output.contains("Activation maps"), "\(plain.everything)")
        #expect(
            mapped.code == 0 && mapped.output.contains("Activation maps: Grad-CAM") && mapped.output.contains("up3 of unet-0 (56x56)")
                && mapped.output.contains("decoder4 of demo (56x56)"), "\(mapped.everything)")
        let page = try String(contentsOfFile: work.file("mapped.html"), encoding: .utf8)
        #expect(page.contains(", activation map\"") && page.contains("Grad-CAM of the mean logit of the true mask"))
        let sizes = try ["plain", "mapped"].map {
            try FileManager.default.attributesOfItem(atPath: work.file($0 + ".png"))[.size] as? Int ?? 0
        }
        #expect(sizes[1] > sizes[0] * 3 / 2, "\(sizes)")
        let nowhere = try compare(["runs/unet-0", "--activation-maps"] + quick, in: work)
        #expect(nowhere.code == 2 && nowhere.error.contains("--activation-maps"), "\(nowhere.everything)")
    }

    @Test func evaluationsFromFilesAreCompared() throws {
        let work = try Self.work.get()
        for run in ["unet-0", "demo"] {
            let outcome = try BuiltPrograms.run(
                "segment",
                ["evaluate", "--run", "runs/\(run)", "--shards", "shards/demo", "--json", "\(run).json", "--resamples", "100"],
                in: work.path)
            #expect(outcome.code == 0, "\(outcome.everything)")
        }
        func fromFiles(_ words: String...) throws -> Outcome {
            try BuiltPrograms.run(
                "segment", ["compare", "--from", "unet-0.json", "demo.json", "--resamples", "100"] + words, in: work.path)
        }
        let files = try fromFiles(), runs = try compare(["runs/unet-0", "runs/demo", "--resamples", "100"], in: work)
        #expect(files.code == 0 && runs.code == 0, "\(files.everything) \(runs.everything)")
        // The test against the first run is the same, to the last digit shown.
        func tests(_ outcome: Outcome) -> [Substring] {
            Array(outcome.output.split(separator: "\n").drop { !$0.hasPrefix("image Dice against") }.prefix(4))
        }
        #expect(tests(files).count == 4 && tests(files) == tests(runs), "\(files.output) \(runs.output)")
        let panels = try fromFiles("--panels", "x.png")
        #expect(panels.code == 2 && panels.error.contains("--panels"), "\(panels.everything)")
    }

    @Test func runsOfOtherShardsAreRefusedByName() throws {
        let work = try Self.work.get(), folder = work.file("runs/stranger")
        try FileManager.default.copyItem(atPath: work.file("runs/unet-1"), toPath: folder)
        let path = folder + "/config.json", config = try String(contentsOfFile: path, encoding: .utf8)
        try config.replacing(/"trainFingerprint" : "[^"]*"/, with: "\"trainFingerprint\" : \"other\"")
            .write(toFile: path, atomically: true, encoding: .utf8)
        let refused = try compare(["runs/unet-0", "runs/stranger"], in: work)
        #expect(
            refused.code == 2 && refused.error.contains("runs/stranger (trained on ") && refused.error.contains("; train differs)")
                && !refused.error.contains("unet-0") && refused.error.contains("--other-shards"), "\(refused.everything)")
        let quick = ["--other-shards", "--timed-passes", "0", "--resamples", "0"]
        let marked = try compare(["runs/unet-0", "runs/stranger", "--markdown", "marked.md"] + quick, in: work)
        #expect(marked.code == 0 && marked.output.contains("* stranger was trained on other shards"), "\(marked.everything)")
        #expect(try String(contentsOfFile: work.file("marked.md"), encoding: .utf8).contains("\\* stranger was trained on other shards"))
    }

    @Test func whatIsNoRunIsRefused() throws {
        let work = try Self.work.get()
        try work.write("{}", to: "empty/config.json")
        for (words, says) in [
            (["runs/none"], "RUN runs/none: expected a run's folder, with config.json and best.safetensors; there is no such folder"),
            (["runs"], "it holds the runs"), (["runs/demo/config.json"], "found a file"), (["empty"], "no best.safetensors in this folder"),
            (["runs/unet-0", "./runs/unet-0"], "RUN ./runs/unet-0 is given twice"),
            (["runs/unet-0", "--resamples", "5"], "expected 40 or more, or 0 for none"),
            (["runs/unet-0", "--published", "table1"], "add --dataset NAME"),
            (["runs/unet-0", "--panels", "p.pdf"], "expected a name that ends in .png, such as p.png"),
            (["runs/unet-0", "--panels", "p.png", "--cases", "0"], "--cases is 0; give 1 or more"),
            (["runs/unet-0", "--published", "none.csv"], "none.csv"), (["runs/unet-0", "--csv", "-"], "expected a file's name"),
            (["runs/unet-0", "--html", "shards/demo/page.html"], "is inside --shards shards/demo"), ([], "RUN"),
        ] {
            let outcome = try compare(words, in: work)
            #expect(outcome.code == 2 && outcome.error.contains(says), "\(words): \(outcome.everything)")
        }
    }
}
