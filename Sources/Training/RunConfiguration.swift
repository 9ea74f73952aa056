// Every setting that affects a run's result: saved as config.json, read again by --resume. The defaults are the network's recipe.
// Threads and loader workers are not included: they do not change the result.
import Files
import Foundation
import Networks
import Shards
import Tensors

public enum AugmentationChoice: String, Codable, Sendable, CaseIterable {
    case none, reference, full

    var augmentation: Augmentation {
        switch self {
        case .none: .none
        case .reference: .reference
        case .full: .full
        }
    }
}

public struct RunConfiguration: Codable, Sendable, Equatable {
    /// Version of the layout of config.json.
    public var formatVersion = 1
    /// The shard folder with train/ and val/.
    public var shards: String
    /// Fingerprints of the two splits; a resumed run must have the same ones.
    public var trainFingerprint = ""
    public var validationFingerprint = ""
    /// A Hugging Face BERT folder; nil for the untrained deterministic encoder.
    public var textEncoder: String?
    public var vocabularySHA256: String?
    /// How captions became tokens; nil for a network that reads none, and in older runs.
    public var tokenizer: TokenizerRecord?
    /// See CaptionEncoder.
    public var textEncoderIdentity = ""
    /// Initial weights; nil for the initialisation of the publication.
    public var initialWeights: String?
    public var epochs: Int
    public var minimumEpochs: Int
    public var patience: Int
    public var batchSize: Int
    public var learningRate: Double
    public var minimumLearningRate: Double
    /// Number of epochs after which the learning rate's cosine restarts; nil (also in older runs) for one cosine over the whole run.
    public var restartEpochs: Int?
    /// A name of `Schedules`; nil, as in older runs, for the cosine.
    public var schedule: String?
    /// A name of `Optimizers`; nil, as in older runs, for AdamW.
    public var optimizer: String?
    /// Nil for optimizers without one.
    public var momentum: Double?
    public var weightDecay: Double
    public var loss: LossConfiguration
    public var augmentation = AugmentationChoice.reference
    public var seed: UInt64 = 0
    /// Number of shards whose samples are mixed at a time; nil for all shards. It follows from the memory at the start of the run.
    public var shuffleWindow: Int?
    /// `SampleOrder.version` of the program that began the run; nil in older runs.
    public var orderVersion: Int? = SampleOrder.version
    /// The format of activations. Weights, statistics, text features and the loss are always float32.
    public var precision = NumberFormat.float32
    /// The network and its options.
    public var model: ModelSpecification
    /// The version of the program that began the run; nil in older runs.
    public var programVersion: String?
    /// Whether the run skips bad shards; the list of them is part of the trainer's state. Nil (also in older runs): no. This is the only
    /// setting that --resume may turn on, for a run that a damaged shard stopped.
    public var skipsBad: Bool?

    /// - Parameter specification: nil for the published network.
    public init(shards: String, model descriptor: ModelDescriptor = ModelZoo.standard, _ specification: ModelSpecification? = nil) {
        self.shards = shards
        model = specification ?? descriptor.published
        let recipe = descriptor.recipe(model)
        epochs = recipe.epochs
        minimumEpochs = recipe.minimumEpochs
        patience = recipe.patience
        batchSize = recipe.batchSize
        learningRate = recipe.learningRate
        minimumLearningRate = recipe.minimumLearningRate
        restartEpochs = recipe.restartEpochs
        weightDecay = recipe.weightDecay
        loss = recipe.loss
        if recipe.schedule != CosineSchedule.name { schedule = recipe.schedule }
        choose(optimizer: recipe.optimizer, momentum: recipe.momentum)
    }

    /// The optimizer, with a momentum where it has one.
    public mutating func choose(optimizer name: String, momentum: Double = OptimizerConfiguration().momentum) {
        optimizer = name == AdamW.name ? nil : name
        self.momentum = name == SGD.name ? momentum : nil
    }

    public var optimizerConfiguration: OptimizerConfiguration {
        OptimizerConfiguration(optimizer ?? AdamW.name, weightDecay: weightDecay, momentum: momentum ?? 0)
    }

    public var scheduleConfiguration: ScheduleConfiguration {
        ScheduleConfiguration(
            schedule ?? CosineSchedule.name, base: learningRate, minimum: minimumLearningRate, epochs: epochs, restartEpochs: restartEpochs)
    }

    public func write(to path: String) throws(FileError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try FileIO.writeAtomically(Array(encoder.encode(self)) + [UInt8(ascii: "\n")], to: path)
        } catch let error as FileError {
            throw error
        } catch {
            throw .unwritable(path: path, reason: "\(error)")
        }
    }

    public static func read(_ path: String) throws(TrainingError) -> RunConfiguration {
        do {
            let configuration = try JSONDecoder().decode(RunConfiguration.self, from: Data(FileIO.read(path, limit: 1 << 20)))
            guard configuration.formatVersion == 1 else {
                throw TrainingError.foreignRun(path: path, reason: "its layout is version \(configuration.formatVersion), expected 1")
            }
            let names = [
                ("loss", configuration.loss.name, Losses.names),
                ("optimizer", configuration.optimizerConfiguration.name, Optimizers.names),
                ("schedule", configuration.scheduleConfiguration.name, Schedules.names),
            ]
            for (what, name, known) in names where !known.contains(name) {
                throw TrainingError.foreignRun(
                    path: path, reason: "its \(what) is \"\(name)\", expected one of \(known.joined(separator: ", "))")
            }
            return try completed(configuration, path)
        } catch let error as TrainingError {
            throw error
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .foreignRun(path: path, reason: "it is not a run's configuration (\(error))")
        }
    }

    /// With a value for each option of its network: a run may be older than some of them, and began with what is now their default.
    private static func completed(_ configuration: RunConfiguration, _ path: String) throws(TrainingError) -> RunConfiguration {
        var result = configuration
        result.model = try TrainingError.wrapping { () throws(NetworkError) in
            try ModelZoo.descriptor(of: configuration.model, path: path).checked(configuration.model)
        }
        return result
    }
}
