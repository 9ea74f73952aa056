// Predicts many images in batches. Threads decode the next batch and write the last one while the network computes.
// Shape letters: B batch, H W rows and columns, C channels, N text tokens, D text width.
// Invariants: the result of an image is that of Predictor up to the rounding of a batch's arithmetic, and does not depend on threads.
// Results come in the order of the items. An image that cannot be read is that item's problem; the others go on.
import Files
import Imaging
import Networks
import Shards
import Tensors
import Text
import Training

public struct BatchPredictor {
    public enum Source: Sendable {
        case file(String)
        case sample(ShardSet, Int)
    }

    public struct Item: Sendable {
        /// The name of its files, without ending.
        public let id: String
        /// In the table.
        public let image: String
        public let source: Source
        /// Nil for a network that reads none.
        public let caption: String?

        public init(id: String, image: String, source: Source, caption: String?) {
            self.id = id
            self.image = image
            self.source = source
            self.caption = caption
        }
    }

    public struct Made: Sendable {
        public let row: PredictionRow
        /// At the network's size.
        public let map: ProbabilityMap
        /// 0/1 at the image's size.
        public let mask: Raster
        /// The image at its own size; nil where no overlay is asked for.
        let image: Raster?
        /// What decoding changed.
        public let notes: [String]
    }

    public let model: TrainedModel
    public let batchSize: Int
    /// Threads that decode, and as many that write.
    public let workers: Int
    /// A pixel is foreground if its probability is above this.
    public var threshold = 0.5

    public init(model: TrainedModel, batchSize: Int, workers: Int) {
        self.model = model
        self.batchSize = batchSize
        self.workers = workers
    }

    /// - Parameters:
    ///   - folder: where masks and others are written; nil for none.
    ///   - encoding: called with the number of captions whose text features are computed, and their total.
    ///   - finished: called for each item in order, after its files are written.
    /// - Returns: false if cancelled: items that were begun are finished.
    public func run(
        _ items: [Item], into folder: PredictionFolder?, cancellation: Cancellation,
        encoding: (_ done: Int, _ total: Int) -> Void = { _, _ in },
        finished: (Item, Result<Made, SegmentingError>) throws(SegmentingError) -> Void
    ) throws(SegmentingError) -> Bool {
        guard let text = try textFeatures(items, cancellation, encoding) else { return false }
        let preparation = Preparation(model, keepsImages: folder?.overlays != nil)
        let batches = stride(from: 0, to: items.count, by: batchSize).map { Array(items[$0..<min($0 + batchSize, items.count)]) }
        var next = batches.first.map { preparation.begin($0, workers: workers) }
        var last: (items: [Item], work: Work<[Finished]>)?
        func takeLast() throws(SegmentingError) {
            guard let done = last else { return }
            last = nil
            for (item, result) in zip(done.items, done.work.value) { try finished(item, try result.get()) }
        }
        for (number, batch) in batches.enumerated() {
            guard !cancellation.isCancelled, let prepared = next?.value else { break }
            next = number + 1 < batches.count ? preparation.begin(batches[number + 1], workers: workers) : nil
            let maps = try probabilities(batch, prepared, text)
            try takeLast()
            last = (batch, finishing(batch, prepared, maps, into: folder))
        }
        try takeLast()
        return !cancellation.isCancelled
    }

    /// The features of all captions, each once; nil if cancelled.
    private func textFeatures(
        _ items: [Item], _ cancellation: Cancellation, _ encoding: (Int, Int) -> Void
    ) throws(SegmentingError) -> TextFeatureCache?? {
        guard model.network.specification.text != nil else { return .some(nil) }
        guard let captions = model.captions, !items.contains(where: { $0.caption == nil }) else {
            throw .captionMissing(checkpoint: model.checkpoint)
        }
        var cache = captions.emptyCache()
        let sequences = Set(items.compactMap(\.caption)).sorted().map { captions.tokens(of: $0) }
        let isWhole = try SegmentingError.wrapping { () throws(TrainingError) in
            try captions.encoder.fill(
                &cache, with: sequences, source: model.checkpoint, cancellation: cancellation, progress: encoding)
        }
        return isWhole ? .some(cache) : nil
    }

    /// The maps of the items that could be prepared, by their place in the batch.
    private func probabilities(
        _ batch: [Item], _ prepared: [Result<PreparedImage, SegmentingError>], _ text: TextFeatureCache?
    ) throws(SegmentingError) -> [Int: ProbabilityMap] {
        var places: [Int] = [], pixels: [UInt8] = [], channels = 0
        for (place, result) in prepared.enumerated() {
            guard case .success(let image) = result else { continue }
            places.append(place)
            pixels += image.pixels
            channels = image.channels
        }
        if places.isEmpty { return [:] }
        let size = model.imageSize, backend = model.backend
        var features: Tensor?
        if let text, let captions = model.captions {
            guard let values = text.features(of: places.map { captions.tokens(of: batch[$0].caption ?? "") }) else {
                throw .noCaption(batch[places[0]].caption ?? "")
            }
            features = backend.tensor(values, [places.count, text.tokens, text.width])
        }
        let values = try model.probabilities(backend.bytes(pixels, [places.count, size, size, channels]), text: features)
        let area = size * size
        var maps: [Int: ProbabilityMap] = [:]
        for (number, place) in places.enumerated() {
            maps[place] = ProbabilityMap(width: size, height: size, values: Array(values[number * area..<(number + 1) * area]))
        }
        return maps
    }

    /// The outer error is that of an output, which ends the job; the inner one is the image's.
    private typealias Finished = Result<Result<Made, SegmentingError>, SegmentingError>

    /// Measures and writes a batch on threads of its own.
    private func finishing(
        _ batch: [Item], _ prepared: [Result<PreparedImage, SegmentingError>], _ maps: [Int: ProbabilityMap], into folder: PredictionFolder?
    ) -> Work<[Finished]> {
        struct Job: Sendable {
            let item: Item, prepared: Result<PreparedImage, SegmentingError>, map: ProbabilityMap?
            let mask: String?, overlay: String?, probabilities: String?
        }
        let jobs = batch.indices.map { place in
            let id = batch[place].id
            return Job(
                item: batch[place], prepared: prepared[place], map: maps[place], mask: folder?.mask(id), overlay: folder?.overlay(id),
                probabilities: folder?.probabilities(id))
        }
        let workers = workers, threshold = Float(threshold)
        return Work("finish") {
            ParallelMap.map(jobs, threads: workers) { job in
                let image: PreparedImage
                switch job.prepared {
                case .failure(let error): return .success(.failure(error))
                case .success(let prepared): image = prepared
                }
                guard let map = job.map else { return .success(.failure(.noCaption(job.item.caption ?? ""))) }
                let whole = map.resized(width: image.width, height: image.height)
                let mask = whole.mask(threshold: threshold)
                let made = Made(
                    row: PredictionRow(job.item, whole, mask: mask), map: map, mask: mask, image: image.whole, notes: image.notes)
                return Finished { () throws(SegmentingError) in
                    if let mask = job.mask {
                        try PredictionFolder.write(made, mask: mask, overlay: job.overlay, probabilities: job.probabilities)
                    }
                    return .success(made)
                }
            }
        }
    }
}
