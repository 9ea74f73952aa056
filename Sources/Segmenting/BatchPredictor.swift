// Predicts many images in batches. Threads decode the next batch and write the last one while the network computes.
// Shape letters: B batch, H W rows and columns, C channels, N text tokens, D text width.
// Invariants: the result of an image is that of Predictor up to the rounding of a batch's arithmetic, and does not depend on threads.
// Results come in the order of the items. An image that cannot be read is that item's problem; the others go on.
import Files
import Imaging
import Metrics
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
        /// Other captions of the image that its source holds.
        public let otherCaptions: [String]
        /// Decides what dropout drops: its place in the shards, or a number that follows from the file's name.
        public let number: Int

        public init(id: String, image: String, source: Source, caption: String?, otherCaptions: [String] = [], number: Int = 0) {
            self.id = id
            self.image = image
            self.source = source
            self.caption = caption
            self.otherCaptions = otherCaptions
            self.number = number
        }

        /// The same image for networks that read no caption.
        public var withoutCaption: Item { Item(id: id, image: image, source: source, caption: nil, number: number) }
    }

    public struct Made: Sendable {
        public let row: PredictionRow
        /// At the network's size; the mean of several predictions.
        public let map: ProbabilityMap
        /// At the network's size; nil if none were asked for.
        public let uncertainty: UncertaintyMaps?
        /// 0/1 at the image's size.
        public let mask: Raster
        /// The image at its own size; nil where no overlay is asked for.
        let image: Raster?
        /// What decoding changed.
        public let notes: [String]
    }

    /// The network, or several of one image size whose probabilities are averaged.
    public let models: [TrainedModel]
    public var model: TrainedModel { models[0] }
    public let batchSize: Int
    /// Threads that decode, and as many that write.
    public let workers: Int
    /// A pixel is foreground if its probability is above this.
    public var threshold = 0.5
    /// How several predictions of an image are made; nil for one, of which no uncertainty is computed.
    public var uncertainty: UncertaintyKind?

    /// - Parameter models: at least one.
    public init(models: [TrainedModel], batchSize: Int, workers: Int) {
        precondition(!models.isEmpty, "a prediction needs a network")
        self.models = models
        self.batchSize = batchSize
        self.workers = workers
    }

    public init(model: TrainedModel, batchSize: Int, workers: Int) { self.init(models: [model], batchSize: batchSize, workers: workers) }

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
        let texts: [CaptionFeatures?]
        do throws(SegmentingError) { texts = try textFeatures(items, cancellation, encoding) } catch {
            if case .cancelled = error { return false }
            throw error
        }
        let preparation = Preparation(models, keepsImages: folder?.overlays != nil)
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
            let results = try predict(batch, prepared, texts)
            try takeLast()
            last = (batch, finishing(batch, prepared, results, into: folder))
        }
        try takeLast()
        return !cancellation.isCancelled
    }

    /// What each network does with an item.
    private func passes(of item: Item, _ model: TrainedModel) -> [Pass] {
        (uncertainty ?? .entropy).passes(
            caption: model.captions == nil ? nil : item.caption, others: model.captions == nil ? [] : item.otherCaptions)
    }

    /// The features of all captions that each network reads, each once; nil for a network that reads none.
    private func textFeatures(
        _ items: [Item], _ cancellation: Cancellation, _ encoding: (Int, Int) -> Void
    ) throws(SegmentingError) -> [CaptionFeatures?] {
        var texts: [CaptionFeatures?] = []
        for model in models {
            guard model.network.specification.text != nil else {
                if uncertainty == .captions { throw .noCaptionToVary(checkpoint: model.checkpoint, isWithheld: false) }
                texts.append(nil)
                continue
            }
            guard var features = CaptionFeatures(of: model), !items.contains(where: { $0.caption == nil }) else {
                throw .captionMissing(checkpoint: model.checkpoint)
            }
            if uncertainty == .captions, items.contains(where: { $0.caption == "" }) {
                throw .noCaptionToVary(checkpoint: model.checkpoint, isWithheld: true)
            }
            let captions = Set(items.flatMap { passes(of: $0, model).compactMap(\.caption) }).sorted()
            try features.add(captions, source: model.checkpoint, cancellation: cancellation, progress: encoding)
            texts.append(features)
        }
        return texts
    }

    /// The results of the items that could be prepared, by their place in the batch.
    private func predict(
        _ batch: [Item], _ prepared: [Result<PreparedImage, SegmentingError>], _ texts: [CaptionFeatures?]
    ) throws(SegmentingError) -> [Int: (map: ProbabilityMap, uncertainty: UncertaintyMaps?)] {
        let images = prepared.enumerated().compactMap { place, result in (try? result.get()).map { (place: place, image: $0) } }
        var results = PassResults(images: images.count, size: model.imageSize, isOne: uncertainty == nil && models.count == 1)
        for (model, text) in zip(models, texts) {
            let channels = Preparation.channels(model)
            let runner = PassRunner(
                model: model, size: model.imageSize, channels: channels, batchSize: batchSize,
                text: { captions throws(SegmentingError) in try text?.tensor(captions) })
            let asked = images.map { place, image in
                PassImage(
                    number: batch[place].number, pixels: image.pixels[channels] ?? [], passes: passes(of: batch[place], model))
            }
            try runner.run(asked) { results.add($1, to: $0) }
        }
        return Dictionary(uniqueKeysWithValues: images.enumerated().map { number, image in (image.place, results[number]) })
    }

    /// The outer error is that of an output, which ends the job; the inner one is the image's.
    private typealias Finished = Result<Result<Made, SegmentingError>, SegmentingError>

    /// Measures and writes a batch on threads of its own.
    private func finishing(
        _ batch: [Item], _ prepared: [Result<PreparedImage, SegmentingError>],
        _ results: [Int: (map: ProbabilityMap, uncertainty: UncertaintyMaps?)],
        into folder: PredictionFolder?
    ) -> Work<[Finished]> {
        struct Job: Sendable {
            let item: Item, prepared: Result<PreparedImage, SegmentingError>
            let result: (map: ProbabilityMap, uncertainty: UncertaintyMaps?)?
            let paths: PredictionFolder.Paths?
        }
        let jobs = batch.indices.map { place in
            Job(item: batch[place], prepared: prepared[place], result: results[place], paths: folder?.paths(batch[place].id))
        }
        let workers = workers, threshold = Float(threshold), kind = uncertainty
        return Work("finish") {
            ParallelMap.map(jobs, threads: workers) { job in
                let image: PreparedImage
                switch job.prepared {
                case .failure(let error): return .success(.failure(error))
                case .success(let prepared): image = prepared
                }
                guard let (map, uncertainty) = job.result else { return .success(.failure(.noCaption(job.item.caption ?? ""))) }
                let whole = map.resized(width: image.width, height: image.height)
                let mask = whole.mask(threshold: threshold)
                let made = Made(
                    row: PredictionRow(
                        job.item, whole, mask: mask,
                        uncertainty: UncertaintyMeasure.values(of: kind, uncertainty, mask: map.mask(threshold: threshold).pixels)),
                    map: map, uncertainty: uncertainty, mask: mask, image: image.whole, notes: image.notes)
                return Finished { () throws(SegmentingError) in
                    if let paths = job.paths { try PredictionFolder.write(made, to: paths) }
                    return .success(made)
                }
            }
        }
    }
}
