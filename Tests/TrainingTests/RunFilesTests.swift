// The run's files: logs that can be cut back, configuration and metadata that survive a round trip.
import Files
import Foundation
import Networks
import TestSupport
import Testing
import Training

@Suite struct RunFilesTests {
    @Test func aLogIsCutBackToTheSavedLength() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("log.jsonl")
        var file: GrowingFile? = try GrowingFile(path, keeping: 0, creates: true)
        try file?.append(line: "one")
        let saved = file?.length ?? 0
        try file?.append(line: "two, lost")
        file = nil
        let resumed = try GrowingFile(path, keeping: saved)
        try resumed.append(line: "two")
        #expect(try FileIO.readText(path) == "one\ntwo\n")
    }

    @Test func aLogShorterThanTheSavedLengthIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("short\n", to: "log.jsonl")
        let error = #expect(throws: FileError.self) { try GrowingFile(path, keeping: 100) }
        #expect(error.map { "\($0)" }?.contains("holds 6 bytes where the saved state expects at least 100") == true)
    }

    @Test func configurationRoundTrip() throws {
        let folder = try TemporaryFolder()
        var configuration = RunConfiguration(shards: "/data/shards/kvasir")
        configuration.loss.name = "dice+bce"
        configuration.augmentation = .none
        configuration.seed = .max
        configuration.model.options["dropout"] = "0.25"
        try configuration.write(to: folder.file("config.json"))
        #expect(try RunConfiguration.read(folder.file("config.json")) == configuration)
        #expect(RunConfiguration(shards: "x").learningRate == 3e-4)
    }

    @Test(arguments: ["{", "[]", "{\"formatVersion\": 1}"])
    func aConfigurationThatIsNoneIsRefused(text: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(text, to: "config.json")
        let error = #expect(throws: TrainingError.self) { try RunConfiguration.read(path) }
        #expect(error.map { "\($0)" }?.hasPrefix("\(path): it is not a run's configuration") == true)
        #expect(error?.kind == .usage)
    }

    @Test func aResumedRunKeepsItsSettings() {
        let recorded = RunConfiguration(shards: "a")
        var asked = recorded
        asked.shards = "b"
        #expect(throws: Never.self) { try asked.checkUnchanged(from: recorded, folder: RunFolder("runs/x")) }
        asked.learningRate = 0.01
        let error = #expect(throws: TrainingError.self) { try asked.checkUnchanged(from: recorded, folder: RunFolder("runs/x")) }
        #expect(
            error.map { "\($0)" } == "--lr 0.01 differs from the run's 0.0003 (runs/x/config.json); a resumed run keeps its settings: leave"
                + " the option out, or start a new run")
    }

    @Test func aRunOfAnotherOrderIsNotContinued() {
        var recorded = RunConfiguration(shards: "a")
        for version in [nil, 1] {
            recorded.orderVersion = version
            let asked = recorded
            let error = #expect(throws: TrainingError.self) { try asked.checkUnchanged(from: recorded, folder: RunFolder("runs/my run")) }
            #expect(
                error.map { "\($0)" }
                    == "runs/my run was started by a version of train with another order of samples, so it cannot be continued exactly;"
                    + " start a new run with --init 'runs/my run/best.safetensors' to keep its weights")
            #expect(error?.kind == .usage)
        }
    }

    @Test func checkpointMetadataRoundTrip() throws {
        var model = ModelZoo.standard.published
        model.text = TextShape(tokens: 24, width: 128)
        let metadata = CheckpointMetadata(
            model: model, textEncoder: "models/bert", textEncoderIdentity: "abc", vocabularySHA256: "def", channels: 1, imageSize: 224,
            step: 7,
            epoch: 2, validationLoss: 0.1, programVersion: "1.2.3")
        #expect(try CheckpointMetadata(metadata.dictionary, path: "x") == metadata)
        #expect(try CheckpointMetadata(["format": "pt"], path: "x") == nil)
        var later = metadata.dictionary
        later["formatVersion"] = "9"
        #expect(throws: TrainingError.self) { try CheckpointMetadata(later, path: "x") }
    }

    /// state.json from before losses had parts under names of their own.
    @Test func oldSumsOfLossTermsAreRead() throws {
        let old = #"{"images":4,"total":8,"dice":2,"spectral":0,"entropy":0,"crossEntropy":6,"has":[true,false,false,true]}"#
        let sums = try JSONDecoder().decode(LossSums.self, from: Data(old.utf8))
        #expect(sums.means == LossTerms(total: 2, parts: [.init(name: "dice", value: 0.5), .init(name: "bce", value: 1.5)]))
        #expect(try JSONDecoder().decode(LossSums.self, from: JSONEncoder().encode(sums)) == sums)
    }
}
