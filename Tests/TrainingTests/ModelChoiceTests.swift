// Runs and checkpoints know which network they are of: recorded, compared, refused by name; a network that reads no text needs no encoder.
import EmulatedGPU
import Files
import Foundation
import Networks
import Randomness
import Segmenting
import Tensors
import TestSupport
import Testing
import Training
import WeightFiles

@Suite(.serialized) struct ModelChoiceTests {
    @Test func aNetworkWithoutTextTrainsAndSegmentsWithoutAnEncoder() throws {
        let runs = try Runs(), observer = Observer()
        try runs.train("plain", steps: 2, observer: observer, change: { $0.model.options["text-guidance"] = "off" })
        try runs.train("plain", resume: true, steps: 3)
        #expect(observer.captions.isEmpty)
        #expect(observer.notes.contains { $0.hasSuffix("; ua-vls reads no captions with these options") })
        let recorded = try RunConfiguration.read(RunFolder(runs.folder.file("plain")).configuration)
        #expect(recorded.model.name == "ua-vls" && recorded.model.options["text-guidance"] == "off" && recorded.model.text == nil)

        let model = try TrainedModel(
            checkpoint: RunFolder(runs.folder.file("plain")).best, textEncoder: nil, backend: try CPUBackend(threads: 1))
        #expect(model.captions == nil && model.metadata?.textEncoderIdentity == nil)
        func evaluator(withholding: Bool) -> Evaluator {
            Evaluator(model: model, shards: runs.shards, split: "test", withholdsCaptions: withholding, batchSize: 2, workers: 1)
        }
        let report = try evaluator(withholding: false).run(predictions: nil, cancellation: Cancellation()) { _, _, _ in }
        #expect(report.images == 3)
        let error = #expect(throws: SegmentingError.self) {
            try evaluator(withholding: true).run(predictions: nil, cancellation: Cancellation()) { _, _, _ in }
        }
        #expect(error.map { "\($0)" }?.hasSuffix("is of a model that reads no captions; leave --no-text out") == true)
    }

    @Test func aTextEncoderThatNothingReadsIsRefused() throws {
        let runs = try Runs()
        let error = #expect(throws: TrainingError.self) {
            try runs.train(
                "plain", steps: 1,
                change: {
                    $0.model.options["text-guidance"] = "off"
                    $0.textEncoder = "models/bert"
                })
        }
        #expect(error.map { "\($0)" }?.hasPrefix("--text-encoder: ua-vls reads no captions with these options") == true)
    }

    @Test func aResumedRunKeepsItsNetwork() {
        let recorded = RunConfiguration(shards: "a")
        var asked = recorded
        asked.model.options["mixer"] = "linear"
        let error = #expect(throws: TrainingError.self) { try asked.checkUnchanged(from: recorded, folder: RunFolder("runs/x")) }
        #expect(error.map { "\($0)" }?.hasPrefix("--model-option mixer=linear differs from the run's mixer=ssmix") == true)
        asked.model.name = "unet"
        let other = #expect(throws: TrainingError.self) { try asked.checkUnchanged(from: recorded, folder: RunFolder("runs/x")) }
        #expect(other.map { "\($0)" }?.hasPrefix("--model unet differs from the run's ua-vls") == true)
    }

    /// Written as a later version would write another network's checkpoint.
    private func foreign(_ folder: TemporaryFolder) throws -> String {
        let metadata = [
            "format": "swift-vlseg", "formatVersion": "1", "channels": "1", "imageSize": "64", "step": "1", "epoch": "0",
            "model": #"{"name":"unet-9000","options":{}}"#,
        ]
        var writer = SafetensorsWriter(metadata: metadata, sealed: true)
        writer.add("inc.conv.weight", shape: [1], [1.0] as [Float])
        let path = folder.file("other.safetensors")
        try writer.write(to: path)
        return path
    }

    @Test func aCheckpointOfAnotherNetworkIsRefusedByName() throws {
        let runs = try Runs(), path = try foreign(runs.folder)
        let words = "\(path) is of the model \"unet-9000\", which this version does not have; it has ua-vls"
        let initial = #expect(throws: TrainingError.self) { try runs.train("new", steps: 1, change: { $0.initialWeights = path }) }
        #expect(initial.map { "\($0)" }?.hasPrefix(words) == true && initial?.kind == .usage)
        let used = #expect(throws: SegmentingError.self) {
            try TrainedModel(checkpoint: path, textEncoder: nil, backend: try CPUBackend(threads: 1))
        }
        #expect(used.map { "\($0)" }?.hasPrefix(words) == true)
    }

    @Test func aCheckpointFromBeforeNamesIsOfUAVLS() throws {
        let old: [String: String] = [
            "format": "swift-vlseg", "formatVersion": "1", "channels": "1", "imageSize": "64", "textEncoderIdentity": "untrained",
            "model": #"{"dropout":0.1,"encoder":{"depths":[3,3,9,3],"widths":[96,192,384,768]},"fusion":"attention","mixer":"ssmix","textPositions":[24,12,9],"textWidth":768,"tokens":24,"useMoDAB":true}"#,
        ]
        let metadata = try #require(try CheckpointMetadata(old, path: "x"))
        #expect(metadata.model == ModelZoo.standard.published && metadata.programVersion == nil)
    }

    /// Two networks, and one network with two losses, with batches of one size on one device: none runs another's recording.
    @Test func stepsOnOneDeviceHaveTheirOwnRecordings() throws {
        func losses(_ pick: (Int) throws -> any Backend) throws -> [[Double]] {
            let steps = try (0..<3).map { index in
                var configuration = UAVLS.Configuration()
                configuration.encoder.depths = [1, 1, 1, 1]
                configuration.encoder.widths = [16, 16, 32, 32]
                (configuration.textWidth, configuration.tokens, configuration.textPositions) = (40, 8, [8, 5, 4])
                configuration.textGuidance = index != 1
                let backend = try pick(index)
                let images = backend.bytes((0..<(2 * 32 * 32 * 3)).map { UInt8(truncatingIfNeeded: SplitMix64.hash(UInt64($0))) }, [2, 32, 32, 3])
                let target = backend.bytes((0..<(2 * 32 * 32)).map { UInt8($0 / 400 % 2) }, [2, 32, 32])
                let text = backend.tensor((0..<(2 * 8 * 40)).map { Float(SplitMix64.hash(UInt64($0)) % 100) / 50 - 1 }, [2, 8, 40])
                let loss = SegmentationLoss(LossConfiguration(index == 2 ? "dice" : "seu"))
                let step = TrainingStep(UAVLS(configuration, ModelSetup(backend: backend, seed: 3)), loss: loss)
                return (step, BatchTensors(images: images, target: target, text: index == 1 ? nil : text))
            }
            var losses: [[Double]] = [[], [], []]
            for number in 1...4 {
                for (index, (step, batch)) in steps.enumerated() {
                    step.run(batch, StepVariables(dropoutSeed: UInt64(number), learningRate: 1e-3, step: number))
                    losses[index].append(step.waitForTerms().total)
                }
            }
            return losses
        }
        let shared = try EmulatedGPU.backend(CUDAOptions(formats: []))
        let together = try losses { _ in shared }, apart = try losses { _ in try EmulatedGPU.backend(CUDAOptions(formats: [])) }
        #expect(together == apart)
        #expect(Set(together).count == 3)
    }
}
