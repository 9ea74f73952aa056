// `train plan`: runs what is missing, goes on with what was stopped, names what failed, and refuses what would not be comparable.
import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct PlanCommandTests {
    private static let plans = DocumentTree.root.appendingPathComponent("Experiments").path

    /// A demo set of 32 x 32 pixels, and a network that trains on it in a moment.
    private static let work = Result {
        let folder = try TemporaryFolder("plan")
        for words in [
            ["demo", "--out", "data/demo", "--count", "12"], ["ingest", "kvasir", "--root", "data/demo", "--name", "demo"],
            ["shard", "demo", "--size", "32"],
        ] {
            let outcome = try BuiltPrograms.run("prep", words, in: folder.path)
            guard outcome.code == 0 else { throw DemoWork.Failure(description: outcome.everything) }
        }
        // Two of the four losses, which is enough here.
        let lines = try String(contentsOfFile: plans + "/losses.json", encoding: .utf8).split(separator: "\n")
        let two = lines.filter { !$0.contains("\"bce\"") && !$0.contains("\"dice-bce\"") }.joined(separator: "\n")
        try folder.write(two.replacingOccurrences(of: "\"dice\"}},", with: "\"dice\"}}"), to: "losses.json")
        return folder
    }

    private func plan(_ words: [String], in work: TemporaryFolder, signal: (number: Int32, after: String)? = nil) throws -> Outcome {
        try BuiltPrograms.run(
            "train",
            ["plan", "losses.json", "--shards", "shards/demo", "--batch-size", "4", "--model-option", "widths=8,8,8,8", "depths=1,1,1,1"]
                + ["--device", "cpu"] + words, in: work.path, signal: signal)
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func aPlanIsStoppedGoesOnAndIsDone() throws {
        let work = try Self.work.get()
        let listed = try plan(["--epochs", "1", "--dry-run"], in: work)
        #expect(listed.code == 0 && listed.output.contains("runs/losses/dice: new\n  train --shards shards/demo"), "\(listed.everything)")
        #expect(!FileManager.default.fileExists(atPath: work.file("runs/losses")))

        // Something of another program's lies where one run would be: that run fails, the other does not.
        try work.write("not a run", to: "runs/losses/dice/notes.txt")
        let first = try plan(["--epochs", "1", "--max-steps", "2"], in: work)
        #expect(first.code == 1 && first.error.contains("run 1 of 2, seu: at step 2, as asked by --max-steps"), "\(first.everything)")
        #expect(first.error.contains("error: 1 of 2 runs failed: dice (failed: --run runs/losses/dice: contains files but no run"))
        #expect(try text(work.file("runs/losses/seu.log")).contains("$ train --shards shards/demo --run runs/losses/seu --seed 0"))

        try FileManager.default.removeItem(atPath: work.file("runs/losses/dice/notes.txt"))
        let second = try plan(["--epochs", "1"], in: work)
        #expect(second.code == 0 && second.error.contains("run 1 of 2, seu: goes on after step 2"), "\(second.everything)")
        #expect(second.error.contains("run 2 of 2, dice: begins") && second.error.contains("run 2 of 2, dice: finished, 1 epoch, "))
        #expect(second.output.contains("next: segment compare runs/losses/seu runs/losses/dice --shards shards/demo"))
        let table = try text(work.file("runs/losses/summary.csv")).split(separator: "\n")
        #expect(table.count == 3 && table.dropFirst().allSatisfy { $0.contains(",finished,1,1,0.") }, "\(table)")

        let third = try plan(["--epochs", "1"], in: work)
        #expect(third.code == 0 && !third.error.contains("run 1 of 2") && third.output.contains("dice  Dice"), "\(third.everything)")
        // What was recorded stays: the runs are compared.
        let other = try plan(["--epochs", "2"], in: work)
        let says = "runs/losses/seu was trained with --epochs 1, the plan with this command line says --epochs 2"
        #expect(other.code == 2 && other.error.contains(says), "\(other.everything)")
        let moreSeeds = try plan(["--epochs", "1", "--seeds", "0,1", "--dry-run"], in: work)
        #expect(
            moreSeeds.output.contains("runs/losses/dice: finished, 1 epoch\n  nothing to do\n")
                && moreSeeds.output.contains("runs/losses/dice-seed1: new"), "\(moreSeeds.everything)")
    }

    @Test func ctrlCEndsTheRunUnderWayAndTheSameCommandGoesOn() throws {
        let work = try Self.work.get(), words = ["--epochs", "100000", "--min-epochs", "100000", "--run", "runs/long"]
        let stopped = try plan(words, in: work, signal: (SIGINT, after: "run 1 of 2, seu: begins"))
        #expect(
            stopped.code == 130 && stopped.error.contains("stopped with 2 of 2 runs to do; what was done is saved"), "\(stopped.everything)"
        )
        #expect(!stopped.error.contains("run 2 of 2"))
        let log = try text(work.file("runs/long/seu.log"))
        #expect(log.contains("the state is saved") || log.contains("nothing was written"), "\(log)")
        let listed = try plan(words + ["--dry-run"], in: work)
        #expect(listed.code == 0 && listed.output.contains("runs/long/dice: new"), "\(listed.everything)")
    }

    @Test(arguments: [
        (
            "\"loss\": \"bce\"", "\"loss\": \"bec\"", [],
            "plan.json, line 10: setting bce: train refuses its options: --loss: \"bec\" is not one of"
        ),
        ("\"model\": \"ua-vls\"", "\"threads\": 2", [], "line 6: \"threads\" is no option that a plan may give"),
        ("\"model\": \"ua-vls\"", "\"epochs\": 0", [], "setting seu: train refuses its options: --epochs: 0 is out of range"),
        ("x", "x", ["--loss", "dice"], "--loss is what the settings of plan.json differ in"),
        ("x", "x", ["--seeds", "0,0"], "--seeds: \"0,0\" is not a list of whole numbers"),
        ("x", "x", ["--shards", "nowhere"], "nowhere is not a shard folder"),
        ("x", "x", ["--init", "nothing.safetensors"], "--init nothing.safetensors: no such file or folder"),
    ])
    func whatCannotBeRunIsRefusedBeforeTheFirstRun(part: String, with other: String, words: [String], says: String) throws {
        let work = try Self.work.get(), folder = try TemporaryFolder("plans")
        try folder.write(try text(Self.plans + "/losses.json").replacingOccurrences(of: part, with: other), to: "plan.json")
        let shards = words.first == "--shards" ? [] : ["--shards", work.file("shards/demo")]
        let outcome = try BuiltPrograms.run("train", ["plan", "plan.json"] + shards + words, in: folder.path)
        #expect(outcome.code == 2 && outcome.error.contains(says), "\(outcome.everything)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("runs")))
    }

    @Test(arguments: ["table2", "losses", "equations", "folds"]) func everyPlanOfTheFolderIsUnderstood(name: String) throws {
        let work = try Self.work.get()
        if name == "folds" { try Self.deal(in: work) }
        let outcome = try BuiltPrograms.run(
            "train",
            ["plan", "\(Self.plans)/\(name).json", "--shards", "shards/demo", "--dry-run"]
                + ["--run", "runs/\(name)-listed"], in: work.path)
        #expect(outcome.code == 0 && outcome.output.contains("runs/\(name)-listed/"), "\(outcome.everything)")
    }

    /// Deals the demo set to five folds and makes their shards.
    private static func deal(in work: TemporaryFolder) throws {
        for words in [["folds", "demo", "--count", "5"], ["shard"] + (0..<5).map { "demo-fold\($0)" } + ["--size", "32"]] {
            let outcome = try BuiltPrograms.run("prep", words, in: work.path)
            guard outcome.code == 0 else { throw DemoWork.Failure(description: outcome.everything) }
        }
    }

    /// The patients of a table's column stay together; an image without one stands alone.
    @Test func foldsKeepThePatientsOfATableWhole() throws {
        let work = try Self.work.get()
        let names = try FileManager.default.contentsOfDirectory(atPath: work.file("data/demo/images")).sorted()
        let rows = names.enumerated().map { number, name in "\(name),one polyp,\(number == 0 ? "" : "P\(number % 4)"),train\n" }
        try work.write("image,caption,patient,split\n" + rows.joined(), to: "patients.csv")
        let outcome = try BuiltPrograms.run(
            "prep",
            ["ingest", "table", "--images", "data/demo/images", "--masks", "data/demo/masks", "--captions", "patients.csv", "--name"]
                + ["grouped", "--manifests", "grouped", "--folds", "3", "--group-by", "patient"], in: work.path)
        #expect(outcome.code == 0 && outcome.output.contains("grouped/grouped-fold2.jsonl: "), "\(outcome.everything)")
        struct Sample: Decodable { let split: String, group: String? }
        var folds: [String: Set<Int>] = [:]
        for fold in 0..<3 {
            for line in try text(work.file("grouped/grouped-fold\(fold).jsonl")).split(separator: "\n") {
                let sample = try JSONDecoder().decode(Sample.self, from: Data(line.utf8))
                if sample.split == "val" { folds[sample.group ?? "none", default: []].insert(fold) }
            }
        }
        #expect(folds.count == min(5, names.count) && folds.values.allSatisfy { $0.count == 1 }, "\(folds)")
    }

    @Test func everySampleIsHeldOutOnceAndAFoldIsTrainedOn() throws {
        let work = try Self.work.get()
        struct Sample: Decodable { let id: String, split: String }
        func samples(_ name: String) throws -> [Sample] {
            try text(work.file("manifests/\(name).jsonl")).split(separator: "\n").map { line in
                try JSONDecoder().decode(Sample.self, from: Data(line.utf8))
            }
        }
        try Self.deal(in: work)
        let whole = try samples("demo"), folds = try (0..<5).map { try samples("demo-fold\($0)") }
        let test = whole.filter { $0.split == "test" }.map(\.id)
        for fold in folds { #expect(fold.map(\.id) == whole.map(\.id) && fold.filter { $0.split == "test" }.map(\.id) == test) }
        let heldOut = folds.flatMap { $0.filter { $0.split == "val" }.map(\.id) }
        #expect(heldOut.sorted() == whole.map(\.id).filter { !test.contains($0) }.sorted())
        let trained = try BuiltPrograms.run(
            "train",
            ["--shards", "shards/demo", "--fold", "3", "--epochs", "1", "--max-steps", "1", "--device", "cpu"]
                + ["--model-option", "widths=8,8,8,8", "depths=1,1,1,1"], in: work.path)
        #expect(trained.code == 0 && trained.output.contains("runs/demo-fold3: stopped at step 1"), "\(trained.everything)")
        try FileManager.default.copyItem(atPath: work.file("manifests"), toPath: work.file("other"))
        let fewer = try BuiltPrograms.run("prep", ["folds", "demo", "--count", "4", "--manifests", "other"], in: work.path)
        #expect(
            fewer.code == 0 && fewer.error.contains("other/demo-fold4.jsonl is of an earlier deal of more folds"), "\(fewer.everything)")
        let ingested = try BuiltPrograms.run(
            "prep", ["ingest", "kvasir", "--root", "data/demo", "--name", "demo", "--manifests", "ingested", "--folds", "5"], in: work.path)
        #expect(ingested.code == 0, "\(ingested.everything)")
        for fold in 0..<5 {
            #expect(try text(work.file("ingested/demo-fold\(fold).jsonl")) == text(work.file("manifests/demo-fold\(fold).jsonl")))
        }
        let tooMany = try BuiltPrograms.run("prep", ["folds", "demo", "--count", "50"], in: work.path)
        #expect(
            tooMany.code == 2 && tooMany.error.contains("samples outside the test split, and each fold needs one"), "\(tooMany.everything)")
        let nameless = try BuiltPrograms.run("prep", ["folds", "demo", "--group-by", "patient"], in: work.path)
        #expect(nameless.code == 2 && nameless.error.contains("no sample's name contains a patient"), "\(nameless.everything)")
    }
}
