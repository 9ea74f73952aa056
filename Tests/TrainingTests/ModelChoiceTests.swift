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
            Evaluator(model: model, shards: runs.shards, split: "test", variant: withholding ? .empty : .original, batchSize: 2, workers: 1)
        }
        let report = try evaluator(withholding: false).run(predictions: nil, cancellation: Cancellation()) { _, _, _ in }
        #expect(report.images == 3)
        let error = #expect(throws: SegmentingError.self) {
            try evaluator(withholding: true).run(predictions: nil, cancellation: Cancellation()) { _, _, _ in }
        }
        #expect(error.map { "\($0)" }?.hasSuffix("is of a model that reads no captions; leave --captions and --no-text out") == true)
    }

    /// A network that never reads text, at its own recipe but for its size.
    @Test func uNetTrainsAndSegmentsWithoutText() throws {
        let runs = try Runs(), observer = Observer(), run = RunFolder(runs.folder.file("unet"))
        func choose(_ configuration: inout RunConfiguration) {
            configuration = RunConfiguration(shards: configuration.shards, model: UNet.descriptor)
            configuration.model.options["width"] = "4"
            configuration.seed = 5
        }
        try runs.train("whole", steps: 5, change: choose)
        try runs.train("unet", steps: 3, observer: observer, change: choose)
        try runs.train("unet", resume: true, steps: 5)
        try runs.expectEqual("whole", "unet", everyFileOfARun)
        #expect(observer.captions.isEmpty && observer.notes.contains { $0.hasSuffix("; unet reads no captions") })
        let recorded = try RunConfiguration.read(run.configuration)
        #expect(recorded.model.name == "unet" && recorded.model.text == nil && recorded.batchSize == 2 && recorded.restartEpochs == 10)
        #expect(recorded.loss.name == "balanced-dice+bce" && recorded.weightDecay == 0)

        let model = try TrainedModel(checkpoint: run.best, textEncoder: nil, backend: try CPUBackend(threads: 1))
        #expect(model.captions == nil && model.network.descriptor.name == "unet" && model.network.specification == recorded.model)
        let report = try Evaluator(model: model, shards: runs.shards, split: "test", batchSize: 2, workers: 1)
            .run(predictions: nil, cancellation: Cancellation()) { _, _, _ in }
        #expect(report.images == 3)
        let image = runs.folder.file("image.png")
        try FileIO.writeAtomically(
            PlainPNG.encode(width: 40, height: 30, bits: 8, colourType: 0, samples: [UInt16](repeating: 9, count: 1200)), to: image)
        let prediction = try Predictor(model: model).predict(image: image, caption: nil)
        #expect(prediction.mask.width == 40 && prediction.mask.height == 30 && prediction.probabilities.width == 64)
        let error = #expect(throws: SegmentingError.self) {
            try TrainedModel(checkpoint: run.best, textEncoder: "models/bert", backend: try CPUBackend(threads: 1))
        }
        #expect(error.map { "\($0)" } == "--text-encoder: unet reads no captions; leave --text-encoder out")
    }

    /// Swin-Unet at its own recipe but for its size: SGD and a rate for each step, resumed exactly.
    @Test func swinUnetTrainsAndResumesExactly() throws {
        let runs = try Runs(size: 224), observer = Observer(), run = RunFolder(runs.folder.file("swin"))
        func choose(_ configuration: inout RunConfiguration) {
            configuration = RunConfiguration(shards: configuration.shards, model: SwinUnet.descriptor)
            configuration.model.options["head-width"] = "2"
            configuration.model.options["depths"] = "1,2,1,1"
            configuration.batchSize = 4
            configuration.epochs = 2
            configuration.minimumEpochs = 2
        }
        try runs.train("whole", steps: 5, change: choose)
        try runs.train("swin", steps: 2, observer: observer, change: choose)
        try runs.train("swin", resume: true, steps: 5)
        try runs.expectEqual("whole", "swin", everyFileOfARun)
        let recorded = try RunConfiguration.read(run.configuration)
        #expect(
            recorded.optimizer == "sgd" && recorded.momentum == 0.9 && recorded.schedule == "polynomial" && recorded.weightDecay == 1e-4)
        // 10 images in batches of 4: three steps an epoch, six in all.
        let log = try FileIO.readText(run.file("log.jsonl"))
        for step in 0..<5 {
            let rate = 0.05 * pow(1 - Double(step) / 6, 0.9)
            let line = try #require(log.split(separator: "\n").first { $0.contains("\"step\":\(step + 1),") })
            let text = try #require(line.split(separator: "\"learning_rate\":").last?.split(separator: ",").first)
            #expect(abs(try #require(Double(text)) - rate) < 1e-12, "\(line)")
        }
        let state = try WeightFile.open(run.optimizer)
        #expect(state.entries.map(\.name) == ["momentum_buffer"])

        let model = try TrainedModel(checkpoint: run.best, textEncoder: nil, backend: try CPUBackend(threads: 1))
        #expect(model.captions == nil && model.network.descriptor.name == "swinunet" && model.network.specification == recorded.model)
    }

    /// Published checkpoints do not say what they are: their names do.
    @Test func aPublishedUNetIsKnownByItsNames() throws {
        let folder = try TemporaryFolder(), path = folder.file("best_model-UNet.safetensors"), backend = try CPUBackend(threads: 1)
        let first = UNet(UNet.descriptor.published, ModelSetup(backend: backend, seed: 3, trains: false))
        try first.save(to: path)
        let model = try TrainedModel(checkpoint: path, textEncoder: nil, backend: backend)
        #expect(model.network.descriptor.name == "unet" && model.imageSize == 224 && model.captions == nil)
        #expect(model.notes.first == "\(path): no metadata, so images at 224x224 and the published U-Net settings are assumed")
        #expect(backend.values(model.network.parameters.values) == backend.values(first.parameters.values))
    }

    @Test(arguments: ModelZoo.names) func imagesOfAnotherMultipleAreRefusedWithTheCure(name: String) throws {
        let runs = try Runs(size: 72), descriptor = try ModelZoo.descriptor(named: name)
        let error = #expect(throws: TrainingError.self) {
            try runs.train(name, steps: 1, change: { $0 = RunConfiguration(shards: $0.shards, model: descriptor) })
        }
        let words = "images of 72x72, but the network needs a multiple of \(descriptor.image.multiple); make them again with"
        #expect(error.map { "\($0)" }?.contains(words) == true, "\(String(describing: error))")
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
            "model":
                #"{"dropout":0.1,"encoder":{"depths":[3,3,9,3],"widths":[96,192,384,768]},"fusion":"attention","mixer":"ssmix","textPositions":[24,12,9],"textWidth":768,"tokens":24,"useMoDAB":true}"#,
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
                let images = backend.bytes(
                    (0..<(2 * 32 * 32 * 3)).map { UInt8(truncatingIfNeeded: SplitMix64.hash(UInt64($0))) }, [2, 32, 32, 3])
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
