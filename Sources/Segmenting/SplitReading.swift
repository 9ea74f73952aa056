// A split as one network reads it: the shards, the caption of each sample, and the features of every caption that it will read. Not for
// passes (Uncertainty/PassRunner.swift) or scores.
// Invariant: what a network reads does not depend on the tokens that the shards hold.
import Files
import Imaging
import Shards
import Tensors
import Text
import Training

struct SplitReading {
    let model: TrainedModel
    /// The shard folder that contains the splits.
    let shards: String
    let set: ShardSet
    /// What the network reads for each sample; nil for a network that reads no text.
    let captions: [String]?
    /// How many captions are not those of the shards; nil for a network that reads no text.
    let changed: Int?
    /// Nil if the images have the network's channels.
    let change: ChannelChange?
    /// Nil for a network that reads no text.
    private var features: CaptionFeatures?

    /// Opens a split whose images have the size of the networks.
    static func open(_ shards: String, split: String, for models: [TrainedModel]) throws(SegmentingError) -> ShardSet {
        let set = try SegmentingError.wrapping { () throws(TrainingError) in try RunPreparation.open(shards, split: split) }
        for model in models where set.imageSize != model.imageSize {
            throw .otherImageSize(shards: shards, split: split, found: set.imageSize, wanted: model.imageSize)
        }
        return set
    }

    /// - Parameters:
    ///   - set: the opened split.
    ///   - shards: its shard folder.
    ///   - variant: what is done to every caption.
    ///   - say: receives the line on captions that were tokenised on load, if any.
    init(
        _ model: TrainedModel, _ set: ShardSet, of shards: String, variant: CaptionVariant, say: (String) -> Void
    ) throws(SegmentingError) {
        self.model = model
        self.shards = shards
        self.set = set
        change = ChannelChange(from: set.channels, to: model.channels ?? set.channels)
        guard let reading = model.captions else {
            guard variant == .original else { throw .noCaptionsToWithhold(checkpoint: model.checkpoint) }
            (captions, changed, features) = (nil, nil, nil)
            return
        }
        features = CaptionFeatures(of: model)
        // Also where the shards hold no captions: the figures are the same.
        if variant == .empty {
            captions = Array(repeating: "", count: set.count)
            changed = set.count
            return
        }
        guard set.hasCaptions else {
            throw .shardsWithoutCaptions(shards: shards, checkpoint: model.checkpoint, model: model.network.descriptor.name)
        }
        let own = try SegmentingError.shards { () throws(ShardError) in try set.captions() }
        if variant == .original {
            let result = try SegmentingError.wrapping { () throws(TrainingError) in try reading.tokenizer.tokenise([set], of: shards) }
            if let note = result.note { say(note) }
            captions = own
            changed = 0
        } else {
            let varied = variant.apply(to: own, seed: 0)
            captions = varied.captions.map(\.caption)
            changed = varied.changedCount
        }
    }

    /// Computes the features of captions, each once.
    mutating func encode(
        _ captions: [String], cancellation: Cancellation, progress: (_ done: Int, _ total: Int) -> Void
    ) throws(SegmentingError) {
        try features?.add(captions, source: shards, cancellation: cancellation, progress: progress)
    }

    /// The features [B,N,D] of captions that were encoded; nil for a network that reads no text.
    func text(_ captions: [String?]) throws(SegmentingError) -> Tensor? { try features?.tensor(captions) }

    /// An image of the shards, uint8 [H,W,C], in the network's channels.
    func image(_ pixels: [UInt8]) -> [UInt8] {
        guard change != nil, let channels = model.channels else { return pixels }
        return Raster(width: set.imageSize, height: set.imageSize, channels: set.channels, pixels: pixels)
            .converted(toChannels: channels).pixels
    }

    /// The channels of `image`.
    var channels: Int { model.channels ?? set.channels }

    /// The samples in order.
    func loader(batchSize: Int, workers: Int) throws(SegmentingError) -> Loader {
        try SegmentingError.shards { () throws(ShardError) in
            let loader = try Loader(
                shards: set,
                options: LoaderOptions(
                    batchSize: batchSize, seed: 0, shuffle: false, dropLast: false, workers: workers, augmentation: .none))
            try loader.start(epoch: 0, fromBatch: 0)
            return loader
        }
    }
}
