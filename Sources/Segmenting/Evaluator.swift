// Evaluates a checkpoint, or the mean of several, on one split and writes the predictions, sample by sample in shard order.
import Files
import Imaging
import Metrics
import Shards
import Text
import Training

public struct Evaluator {
    public enum Stage: Sendable { case captions, images }

    /// The value of a blank image's pixels.
    private static let grey: UInt8 = 128

    /// The network, or several whose probabilities are averaged.
    public let models: [TrainedModel]
    public var model: TrainedModel { models[0] }
    /// The shard folder that contains the splits.
    public let shards: String
    public let split: String
    public let batchSize: Int
    public let workers: Int
    /// What the network reads in place of each caption.
    public var variant: CaptionVariant
    /// Every image is one grey, so that only the caption can tell anything.
    public var blanksImages = false
    /// A pixel is foreground if its probability is above this.
    public var threshold = 0.5
    public var thresholdSource = ThresholdSource.standard
    /// How several predictions of an image are made; nil for one, of which no uncertainty is reported.
    public var uncertainty: UncertaintyKind?
    /// The size at which masks are scored and written; nil for the original one where the shards hold the masks at it.
    public var size: ScoringSize? = .model
    /// The tolerance of NSD in pixels, and in millimetres for images whose spacing is known.
    public var tolerance = 2.0, toleranceInMillimetres = 2.0
    /// How often the images are resampled for intervals; 0 for none.
    public var resamples = 2000
    /// Whether masks that ignore image and caption are scored beside the network's, and results shown by the size of the target; both read
    /// the training split.
    public var readsTraining = true

    /// - Parameter models: at least one.
    public init(models: [TrainedModel], shards: String, split: String, variant: CaptionVariant = .original, batchSize: Int, workers: Int) {
        precondition(!models.isEmpty, "an evaluation needs a network")
        self.models = models
        self.shards = shards
        self.split = split
        self.variant = variant
        self.batchSize = batchSize
        self.workers = workers
    }

    public init(model: TrainedModel, shards: String, split: String, variant: CaptionVariant = .original, batchSize: Int, workers: Int) {
        self.init(models: [model], shards: shards, split: split, variant: variant, batchSize: batchSize, workers: workers)
    }

    /// Checks what can be checked before a model is loaded: the shards exist, and the predictions would replace no other files.
    /// - Parameters:
    ///   - uncertainty: whether maps of uncertainty will be written too.
    ///   - overwrites: other files may be replaced.
    public static func check(
        shards: String, split: String, predictions: String?, uncertainty: Bool = false, overwrites: Bool
    ) throws(SegmentingError) {
        let set = try SegmentingError.wrapping { () throws(TrainingError) in try RunPreparation.open(shards, split: split) }
        guard let predictions, FileIO.isFolder(predictions) || !overwrites else { return }
        var ids: [String] = []
        for index in 0..<set.count { ids.append(try SegmentingError.shards { () throws(ShardError) in try set.texts(of: index).id }) }
        try PredictionFiles.check(ids, folder: predictions, uncertainty: uncertainty, overwrites: overwrites)
    }

    /// - Parameters:
    ///   - predictions: a folder for ID.png and ID.npy of every sample.
    ///   - earlier: the report of another variant, which has the same trivial masks.
    ///   - visit: receives the probabilities of every image, in shard order.
    ///   - progress: called with the stage, the number of finished captions or images, and their total.
    ///   - note: receives a message if the images are converted.
    ///   - say: receives the line on captions that were tokenised on load, if any.
    public func run(
        predictions: String?, earlier: EvaluationReport? = nil, cancellation: Cancellation, note: (String) -> Void = { _ in },
        say: (String) -> Void = { _ in }, visit: (_ id: String, _ map: ProbabilityMap) -> Void = { _, _ in },
        progress: @escaping (_ stage: Stage, _ done: Int, _ total: Int) -> Void
    ) throws(SegmentingError) -> EvaluationReport {
        let set = try SplitReading.open(shards, split: split, for: models)
        var readings: [SplitReading] = []
        for (number, model) in models.enumerated() {
            readings.append(try SplitReading(model, set, of: shards, variant: variant, say: { if number == 0 { say($0) } }))
        }
        let first = readings[0]
        if size == .original, !set.hasOriginalMasks { throw .noOriginalMasks(shards: shards, split: split) }
        let size: ScoringSize = self.size != .model && set.hasOriginalMasks ? .original : .model
        if let change = first.change { note("\(shards): \(change.words)") }
        let plan = try EvaluationPlan(uncertainty, readings, variant: variant)
        for index in readings.indices {
            let captions = plan.captions(of: readings[index])
            try readings[index].encode(captions, cancellation: cancellation) { progress(.captions, $0, $1) }
        }
        if let predictions { try SegmentingError.wrapping { () throws(FileError) in try FileIO.createFolder(predictions) } }
        let patients = try patients(set)
        var table = MetricTable(), modelTable = MetricTable()
        var calibration = CalibrationScore(), curve = ThresholdCurve()
        var doubt = uncertainty.map { UncertaintyScore($0) }
        var samples: [SampleScore] = []
        let (masks, thirds) = try trivialMasks(set, earlier)
        var groups = GroupedScores(thirds: thirds)
        let loader = try first.loader(batchSize: batchSize, workers: workers)
        defer { loader.stop() }
        progress(.images, 0, set.count)
        while let slot = try SegmentingError.shards({ () throws(ShardError) in try loader.next() }) {
            if cancellation.isCancelled { throw .cancelled(predictions: predictions) }
            let pixels = (0..<slot.count).map { BatchTensors.pixels($0, of: slot, shards: set) }
            let ids = slot.ids
            loader.release(slot)
            let results = try predict(pixels.map(\.image), from: samples.count, readings, plan)
            for (index, result) in results.enumerated() {
                let truth = pixels[index].mask, mask = result.map.mask(threshold: Float(threshold)).pixels
                let own = ScoredImage(prediction: mask, truth: truth, width: set.imageSize, tolerance: tolerance)
                modelTable.add(own)
                let whole = size == .original ? try scoreAtOriginalSize(result.map, of: samples.count, in: set) : nil
                let image = whole?.image ?? own
                table.add(image)
                groups.add(image, patient: patients[samples.count])
                calibration.add(probabilities: result.map.values, truth: truth)
                curve.add(probabilities: result.map.values, truth: truth)
                let sure = result.uncertainty.flatMap { doubt?.add($0, mask: mask, truth: truth, dice: Dice.value(image.counts)) }
                samples.append(SampleScore(id: ids[index], patient: patients[samples.count], image: image, uncertainty: sure))
                visit(ids[index], result.map)
                if let predictions {
                    try PredictionFiles.write(
                        result.map, mask: whole?.mask ?? result.map.mask(threshold: Float(threshold)),
                        uncertainty: doubt == nil ? nil : result.uncertainty, id: ids[index], folder: predictions)
                }
            }
            progress(.images, samples.count, set.count)
        }
        let bootstrap = Bootstrap(patients: patients, resamples: resamples)
        return EvaluationReport(
            checkpoints: models.map(\.checkpoint), shards: shards, split: split, variant: first.captions == nil ? nil : variant,
            changedCaptions: first.changed, blanksImages: blanksImages, threshold: threshold, thresholdSource: thresholdSource,
            temperatures: models.contains { $0.temperature != nil } ? models.map { $0.temperature?.value } : nil,
            size: size, estimates: table.estimates(bootstrap),
            estimatesAtModelSize: size == .model ? nil : modelTable.estimates(bootstrap),
            intervals: resamples > 0 ? IntervalSettings(bootstrap) : nil,
            tolerance: tolerance, toleranceInMillimetres: toleranceInMillimetres, imagesWithSurfaces: table.imagesWithSurfaces,
            imagesWithMillimetres: table.imagesWithMillimetres, calibration: CalibrationFigures(calibration), curve: curve.points,
            best: curve.bestForPixels, uncertainty: doubt?.figures,
            groups: ScoreGroups(
                thirds: thirds, bySize: groups.bySize(resamples: resamples), byNumber: groups.byNumber(resamples: resamples)),
            trivial: masks, samples: samples)
    }

    /// The mask at the original size of a sample's image, as `segment predict` makes it, and its score. Nil for shards without original
    /// masks.
    private func scoreAtOriginalSize(
        _ map: ProbabilityMap, of index: Int, in set: ShardSet
    ) throws(SegmentingError) -> (mask: Raster, image: ScoredImage)? {
        guard let truth = try SegmentingError.shards({ () throws(ShardError) in try set.originalMask(of: index) }) else { return nil }
        let mask = map.resized(width: truth.width, height: truth.height).mask(threshold: Float(threshold))
        let spacing = try SegmentingError.shards { () throws(ShardError) in try set.spacing(of: index) }
            .flatMap { try? Spacing(row: $0.y, column: $0.x) }
        let millimetres = spacing.map { ScoredImage.Millimetres(spacing: $0, tolerance: toleranceInMillimetres) }
        return (
            mask,
            ScoredImage(
                prediction: mask.pixels, truth: truth.pixels, width: truth.width, tolerance: tolerance, millimetres: millimetres)
        )
    }

    /// The patient of each image; nil where the shards do not know it.
    private func patients(_ set: ShardSet) throws(SegmentingError) -> [String?] {
        var patients: [String?] = []
        for index in 0..<set.count { patients.append(try SegmentingError.shards { () throws(ShardError) in try set.group(of: index) }) }
        return patients
    }

    /// The probabilities of a batch, the mean where there are several predictions.
    /// - Parameters:
    ///   - images: as in the shards.
    ///   - start: the number of the first in the split.
    private func predict(
        _ images: [[UInt8]], from start: Int, _ readings: [SplitReading], _ plan: EvaluationPlan
    ) throws(SegmentingError) -> [(map: ProbabilityMap, uncertainty: UncertaintyMaps?)] {
        let size = readings[0].set.imageSize, area = size * size
        var results = PassResults(images: images.count, size: size, isOne: uncertainty == nil && readings.count == 1)
        for reading in readings {
            let runner = PassRunner(
                model: reading.model, size: size, channels: reading.channels, batchSize: batchSize,
                text: { captions throws(SegmentingError) in try reading.text(captions) })
            let asked = images.enumerated().map { index, image in
                PassImage(
                    number: start + index,
                    pixels: blanksImages ? Array(repeating: Self.grey, count: area * reading.channels) : reading.image(image),
                    passes: plan.passes(of: start + index, reading))
            }
            try runner.run(asked) { results.add($1, to: $0) }
        }
        return images.indices.map { results[$0] }
    }

    /// - Parameter earlier: the report of another variant, which has the same.
    private func trivialMasks(
        _ set: ShardSet, _ earlier: EvaluationReport?
    ) throws(SegmentingError) -> ([String: SegmentationMetrics], SizeThirds?) {
        if let earlier { return (earlier.trivial, earlier.groups.thirds) }
        guard readsTraining else { return ([:], nil) }
        let training = FileIO.isFolder(shards + "/train") ? try SplitReading.open(shards, split: "train", for: [model]) : nil
        let masks = try SegmentingError.shards { () throws(ShardError) in try TrivialMasks.evaluate(set, training: training) }
        var scores = ["all": masks.all, "none": masks.none]
        if let mean = masks.meanMask { scores["meanMask"] = mean }
        return (scores, masks.thirds)
    }
}
