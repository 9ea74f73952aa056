// Evaluates a checkpoint on one split and writes its predictions, sample by sample in shard order.
// Shape letters: B batch, H W rows and columns.
import Files
import Imaging
import Networks
import Shards
import Tensors
import Text
import Training

public struct Evaluator {
    public enum Stage: Sendable { case captions, images }

    public let model: TrainedModel
    /// The shard folder that contains the splits.
    public let shards: String
    public let split: String
    /// Encodes "" instead of every caption.
    public let withholdsCaptions: Bool
    public let batchSize: Int
    public let workers: Int

    public init(model: TrainedModel, shards: String, split: String, withholdsCaptions: Bool, batchSize: Int, workers: Int) {
        self.model = model
        self.shards = shards
        self.split = split
        self.withholdsCaptions = withholdsCaptions
        self.batchSize = batchSize
        self.workers = workers
    }

    /// Checks what can be checked before a model is loaded: the shards exist, and the predictions would replace no other files.
    /// - Parameter overwrites: other files may be replaced.
    public static func check(shards: String, split: String, predictions: String?, overwrites: Bool) throws(SegmentingError) {
        let set = try SegmentingError.wrapping { () throws(TrainingError) in try RunPreparation.open(shards, split: split) }
        guard let predictions, FileIO.isFolder(predictions) || !overwrites else { return }
        var ids: [String] = []
        for index in 0..<set.count { ids.append(try shard { () throws(ShardError) in try set.texts(of: index).id }) }
        try PredictionFiles.check(ids, folder: predictions, overwrites: overwrites)
    }

    /// - Parameters:
    ///   - predictions: a folder for ID.png and ID.npy of every sample.
    ///   - progress: called with the stage, the number of finished captions or images, and their total.
    ///   - note: receives a message if the images are converted.
    ///   - say: receives the line on captions that were tokenised on load, if any.
    public func run(
        predictions: String?, cancellation: Cancellation, note: (String) -> Void = { _ in }, say: (String) -> Void = { _ in },
        progress: @escaping (_ stage: Stage, _ done: Int, _ total: Int) -> Void
    ) throws(SegmentingError) -> EvaluationReport {
        let set = try tokenised(try openShards(split), say: say)
        if let change = change(of: set) { note("\(shards): \(change.words)") }
        let features = try model.captions.map { captions throws(SegmentingError) in
            try encodeCaptions(captions, of: set, cancellation: cancellation) { progress(.captions, $0, $1) }
        }
        if let predictions { try SegmentingError.wrapping { () throws(FileError) in try FileIO.createFolder(predictions) } }
        var metrics = SegmentationMetrics()
        var samples: [SampleScore] = []
        let loader = try loader(set)
        defer { loader.stop() }
        progress(.images, 0, set.count)
        while let slot = try Self.shard({ () throws(ShardError) in try loader.next() }) {
            if cancellation.isCancelled { throw .cancelled }
            let (maps, confusions) = try score(slot, set: set, features: features)
            for index in 0..<slot.count {
                let counts = PixelCounts(confusions[index])
                metrics.add(counts)
                samples.append(SampleScore(id: slot.ids[index], counts: counts))
                if let predictions { try PredictionFiles.write(maps[index], id: slot.ids[index], folder: predictions) }
            }
            loader.release(slot)
            progress(.images, samples.count, set.count)
        }
        return report(metrics, samples: samples, trivial: try trivial(set))
    }

    private func score(
        _ slot: BatchSlot, set: ShardSet, features: TextFeatureCache?
    ) throws(SegmentingError) -> ([ProbabilityMap], [Confusion]) {
        let backend = model.backend
        let batch = try SegmentingError.wrapping { () throws(TrainingError) in
            try BatchTensors.make(slot, shards: set, features: features, backend: backend, withheld: withheld)
        }
        let probabilities = model.probabilities(images(batch, slot, set), text: batch.text)
        let confusions = backend.confusion(probabilities, batch.target, threshold: 0.5)
        try SegmentingError.wrapping { () throws(TrainingError) in
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
        }
        let values = backend.values(probabilities), size = set.imageSize * set.imageSize
        guard values.allSatisfy(\.isFinite) else { throw .notFinite(checkpoint: model.checkpoint) }
        let maps = (0..<slot.count).map {
            ProbabilityMap(width: set.imageSize, height: set.imageSize, values: Array(values[$0 * size..<($0 + 1) * size]))
        }
        return (maps, confusions)
    }

    private func change(of set: ShardSet) -> ChannelChange? { ChannelChange(from: set.channels, to: model.channels ?? set.channels) }

    /// The batch's images, converted to the model's channels.
    private func images(_ batch: BatchTensors, _ slot: BatchSlot, _ set: ShardSet) -> ByteTensor {
        guard change(of: set) != nil, let channels = model.channels else { return batch.images }
        let size = set.imageSize, bytes = size * size * set.channels
        let pixels = (0..<slot.count).flatMap { index in
            let image = Array(UnsafeBufferPointer(start: slot.image + index * bytes, count: bytes))
            return Raster(width: size, height: size, channels: set.channels, pixels: image).converted(toChannels: channels).pixels
        }
        return model.backend.bytes(pixels, [slot.count, size, size, channels])
    }

    private var withheld: TokenSequence? { withholdsCaptions ? model.captions?.tokens(of: "") : nil }

    private func openShards(_ split: String) throws(SegmentingError) -> ShardSet {
        let set = try SegmentingError.wrapping { () throws(TrainingError) in try RunPreparation.open(shards, split: split) }
        guard set.imageSize == model.imageSize else {
            throw .otherImageSize(shards: shards, split: split, found: set.imageSize, wanted: model.imageSize)
        }
        return set
    }

    /// The shards with the tokens that the model reads.
    private func tokenised(_ set: ShardSet, say: (String) -> Void) throws(SegmentingError) -> ShardSet {
        guard let captions = model.captions else {
            if withholdsCaptions { throw .noCaptionsToWithhold(checkpoint: model.checkpoint) }
            return set
        }
        if withholdsCaptions { return set }
        guard set.hasCaptions else {
            throw .shardsWithoutCaptions(shards: shards, checkpoint: model.checkpoint, model: model.network.descriptor.name)
        }
        let result = try SegmentingError.wrapping { () throws(TrainingError) in try captions.tokenizer.tokenise([set], of: shards) }
        if let note = result.note { say(note) }
        return result.shards[0]
    }

    private func encodeCaptions(
        _ reading: CaptionReading, of set: ShardSet, cancellation: Cancellation, progress: (_ done: Int, _ total: Int) -> Void
    ) throws(SegmentingError) -> TextFeatureCache {
        var cache = reading.emptyCache()
        let captions: [TokenSequence]
        if let withheld {
            captions = [withheld]
        } else {
            captions = try Self.shard { () throws(ShardError) in
                try set.distinctTokens()
            }
        }
        let whole = try SegmentingError.wrapping { () throws(TrainingError) in
            try reading.encoder.fill(&cache, with: captions, source: shards, cancellation: cancellation, progress: progress)
        }
        if !whole { throw .cancelled }
        return cache
    }

    private func loader(_ set: ShardSet) throws(SegmentingError) -> Loader {
        try Self.shard { () throws(ShardError) in
            let loader = try Loader(
                shards: set,
                options: LoaderOptions(
                    batchSize: batchSize, seed: 0, shuffle: false, dropLast: false, workers: workers, augmentation: .none))
            try loader.start(epoch: 0, fromBatch: 0)
            return loader
        }
    }

    private func trivial(_ set: ShardSet) throws(SegmentingError) -> TrivialMasks {
        let training = FileIO.isFolder(shards + "/train") ? try openShards("train") : nil
        return try Self.shard { () throws(ShardError) in try TrivialMasks.evaluate(set, training: training) }
    }

    private func report(_ metrics: SegmentationMetrics, samples: [SampleScore], trivial: TrivialMasks) -> EvaluationReport {
        var scores = ["all": trivial.all, "none": trivial.none]
        if let mean = trivial.meanMask { scores["meanMask"] = mean }
        return EvaluationReport(
            checkpoint: model.checkpoint, shards: shards, split: split, captionsWithheld: withholdsCaptions, threshold: 0.5,
            metrics: metrics,
            trivial: scores, samples: samples)
    }

    private static func shard<T>(_ body: () throws(ShardError) -> T) throws(SegmentingError) -> T {
        do throws(ShardError) { return try body() } catch { throw .training(.shards(error)) }
    }
}
