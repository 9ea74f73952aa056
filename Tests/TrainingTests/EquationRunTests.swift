// Runs of UA-VLS with the paper's equations: recorded in config.json and in checkpoints, kept on resume and by --init, used by `segment`.
// Runs that are older than the options go on.
import Files
import Foundation
import Networks
import Segmenting
import Tensors
import TestSupport
import Testing
import Training

@Suite(.serialized) struct EquationRunTests {
    /// The small model with some options, and the recipe that these bring.
    private func choose(_ options: [String: String]) -> (inout RunConfiguration) -> Void {
        { configuration in
            configuration.model.options.merge(options) { $1 }
            configuration.loss = RunConfiguration(shards: "", model: UAVLS.descriptor, configuration.model).loss
        }
    }

    @Test func aRunRecordsItsEquationsAndLossAndIsHeldToThem() throws {
        let runs = try Runs(), run = RunFolder(runs.folder.file("paper"))
        try runs.train("whole", steps: 5, change: choose(["equations": "paper", "layers": "paper", "expansion": "1.0"]))
        try runs.train("paper", steps: 3, change: choose(["equations": "paper", "layers": "paper", "expansion": "1.0"]))
        try runs.train("paper", resume: true, steps: 5)
        try runs.expectEqual("whole", "paper", everyFileOfARun)
        let recorded = try RunConfiguration.read(run.configuration)
        #expect(recorded.model.options["equations"] == "paper" && recorded.model.options["layers"] == "paper")
        #expect(recorded.loss.name == "seu-paper" && recorded.loss.entropy == .twoClass)

        var asked = recorded
        asked.model.options["equations"] = "released"
        let error = #expect(throws: TrainingError.self) { try asked.checkUnchanged(from: recorded, folder: run) }
        #expect(error.map { "\($0)" }?.hasPrefix("--model-option equations=released differs from the run's equations=paper") == true)

        let model = try TrainedModel(checkpoint: run.best, textEncoder: nil, backend: try CPUBackend(threads: 1))
        #expect(model.network.specification == recorded.model)
        let report = try Evaluator(model: model, shards: runs.shards, split: "test", batchSize: 2, workers: 1)
            .run(predictions: nil, cancellation: Cancellation()) { _, _, _ in }
        #expect(report.images == 3)
    }

    /// Weights of one set of equations fit the other's network, and mean something else.
    @Test func aCheckpointOfOtherEquationsIsRefusedByName() throws {
        let runs = try Runs(), paper = RunFolder(runs.folder.file("paper"))
        try runs.train("paper", steps: 1, change: choose(["equations": "paper"]))
        func initialise(_ name: String, _ path: String, _ equations: String) throws {
            try runs.train(
                name, steps: 1,
                change: {
                    choose(["equations": equations])(&$0)
                    $0.initialWeights = path
                })
        }
        let error = #expect(throws: TrainingError.self) { try initialise("released", paper.best, "released") }
        let words =
            "\(paper.best) is a checkpoint of ua-vls with equations=paper, expected one with equations=released: its weights fit, but "
            + "give other results; add --model-option equations=paper, or give other weights"
        #expect(error.map { "\($0)" } == words && error?.kind == .usage)
        try initialise("more", paper.best, "paper")

        // Files that say nothing, such as published ones, serve for both.
        let bare = runs.folder.file("bare.safetensors"), backend = try CPUBackend(threads: 1)
        var specification = UAVLS.descriptor.published
        specification.options.merge(["depths": "1,1,1,1", "widths": "16,16,32,32"]) { $1 }
        try UAVLS.descriptor.model(specification, ModelSetup(backend: backend, seed: 9, trains: false)).save(to: bare)
        try initialise("published", bare, "paper")
    }

    /// config.json and checkpoints that were written before the options existed are of the released network.
    @Test func aRunOlderThanTheOptionsGoesOn() throws {
        let runs = try Runs(), old = RunFolder(runs.folder.file("old"))
        try runs.train("whole", steps: 4)
        try runs.train("old", steps: 2)
        let text = String(decoding: try FileIO.read(old.configuration), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { line in !["\"equations\"", "\"layers\"", "\"expansion\""].contains { line.contains($0) } }
        #expect(lines.count == text.split(separator: "\n", omittingEmptySubsequences: false).count - 3)
        try FileIO.writeAtomically(Array(lines.joined(separator: "\n").utf8), to: old.configuration)
        try runs.train("old", resume: true, steps: 4)
        try runs.expectEqual("whole", "old", ["last.safetensors", "optimizer.safetensors", "state.json"])
        #expect(try RunConfiguration.read(old.configuration).model.options["equations"] == "released")
    }

    /// The command for a longer run says the loss where it is not the recipe's of these options.
    @Test(arguments: [("seu-paper", false), ("seu", true), ("dice", true)]) func aLongerRunKeepsTheLoss(loss: String, isSaid: Bool) throws {
        var recorded = RunConfiguration(shards: "a")
        choose(["equations": "paper"])(&recorded)
        recorded.loss.choose(loss)
        var asked = recorded
        asked.epochs += 1
        let error = #expect(throws: TrainingError.self) { try asked.checkUnchanged(from: recorded, folder: RunFolder("runs/x")) }
        let words = error.map { "\($0)" } ?? ""
        #expect(words.contains("--model-option equations=paper") && words.contains("--loss \(loss)") == isSaid, "\(words)")
    }
}
