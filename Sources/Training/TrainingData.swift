// The two splits that a run reads, the text features of all their captions, and the conversion of a loader's bytes to tensors.
import Networks
import Shards
import Tensors
import Text

public struct TrainingData: Sendable {
    public let train: ShardSet
    public let validation: ShardSet
    /// The features of every caption; nil for a network that reads no text.
    public let features: TextFeatureCache?
    public let metadata: CheckpointMetadata
    /// Shards whose samples are in neither split (--skip-bad).
    public let quarantined: [QuarantinedShard]
    let batchSize: Int
    let seed: UInt64
    let augmentation: Augmentation
    let shuffleWindow: Int?
    /// Captions of mirrored training images; `features` has their features too.
    let mirroredCaptions: MirroredCaptions?

    public init(
        train: ShardSet, validation: ShardSet, features: TextFeatureCache?, mirroredCaptions: MirroredCaptions? = nil,
        metadata: CheckpointMetadata, quarantined: [QuarantinedShard] = [], configuration: RunConfiguration
    ) {
        self.train = train
        self.validation = validation
        self.features = features
        self.metadata = metadata
        self.quarantined = quarantined
        batchSize = configuration.batchSize
        seed = configuration.seed
        augmentation = configuration.augmentation.augmentation
        shuffleWindow = configuration.shuffleWindow
        self.mirroredCaptions = mirroredCaptions
    }

    /// Number of batches in an epoch; the last may be smaller.
    public var batchesPerEpoch: Int { (train.count + batchSize - 1) / batchSize }

    func tensors(of slot: BatchSlot, on backend: any Backend) throws(TrainingError) -> BatchTensors {
        try BatchTensors.make(slot, shards: train, features: features, backend: backend)
    }

    /// The same, into existing tensors.
    func fill(_ batch: BatchTensors, from slot: BatchSlot, on backend: any Backend) throws(TrainingError) {
        try batch.fill(from: slot, shards: train, features: features, backend: backend)
    }

    func trainingLoader(workers: Int) throws(TrainingError) -> Loader {
        try loader(train, shuffle: true, augmentation: augmentation, workers: workers)
    }

    func validationLoader(workers: Int) throws(TrainingError) -> Loader {
        try loader(validation, shuffle: false, augmentation: .none, workers: workers)
    }

    private func loader(
        _ shards: ShardSet, shuffle: Bool, augmentation: Augmentation, workers: Int
    ) throws(TrainingError) -> Loader {
        try TrainingError.wrapping { () throws(ShardError) in
            try Loader(
                shards: shards,
                options: LoaderOptions(
                    batchSize: batchSize, seed: seed, shuffle: shuffle, dropLast: false, workers: workers, augmentation: augmentation,
                    mirroredCaptions: mirroredCaptions, shuffleWindow: shuffle ? shuffleWindow : nil))
        }
    }
}
