// Fits the temperature of a checkpoint, and chooses its threshold, on the validation split: never on a split that scores are reported of.
// Invariant: the result depends on the checkpoint and the split alone.
import Files
import Foundation
import Metrics
import Shards
import Text
import Training

public struct Calibrator {
    /// What the temperature is fitted on.
    public static let split = "val"

    public let model: TrainedModel
    public let shards: String
    /// What the network reads in place of each caption.
    public let variant: CaptionVariant
    public let batchSize: Int
    public let workers: Int

    /// Pixels whose logits are kept (5 bytes each) for the figures at the temperature. Of a larger split they are computed again.
    private static let keptPixels = 200_000_000

    public init(model: TrainedModel, shards: String, variant: CaptionVariant = .original, batchSize: Int, workers: Int) {
        self.model = model
        self.shards = shards
        self.variant = variant
        self.batchSize = batchSize
        self.workers = workers
    }

    /// - Parameters:
    ///   - note: receives a message if the images are converted.
    ///   - say: receives the line on captions that were tokenised on load, if any.
    ///   - progress: called with the stage, the number of finished captions or images, and their total.
    public func run(
        cancellation: Cancellation, note: (String) -> Void = { _ in }, say: (String) -> Void = { _ in },
        progress: @escaping (_ stage: Evaluator.Stage, _ done: Int, _ total: Int) -> Void
    ) throws(SegmentingError) -> SavedCalibration {
        let identity = try SavedCalibration.identity(of: model.checkpoint)
        let set = try SplitReading.open(shards, split: Self.split, for: [model])
        var reading = try SplitReading(model, set, of: shards, variant: variant, say: say)
        if let change = reading.change { note("\(shards): \(change.words)") }
        try reading.encode(reading.captions ?? [], cancellation: cancellation) { progress(.captions, $0, $1) }

        let count = reading.set.count, isKept = count * reading.set.imageSize * reading.set.imageSize <= Self.keptPixels
        let passes = isKept ? 1 : 2
        var histogram = LogitHistogram(), before = CalibrationScore(), curve = ThresholdCurve()
        var kept: [(logits: [Float], truth: [UInt8])] = []
        progress(.images, 0, count * passes)
        try eachImage(reading, cancellation: cancellation, progress: { progress(.images, $0, count * passes) }) { logits, truth in
            histogram.add(logits: logits, truth: truth)
            let probabilities = logits.map { Float(1 / (1 + exp(-Double($0)))) }
            before.add(probabilities: probabilities, truth: truth)
            curve.add(probabilities: probabilities, truth: truth)
            if isKept { kept.append((logits, truth)) }
        }
        guard let temperature = histogram.fittedTemperature(), let images = curve.bestForImages, let pixels = curve.bestForPixels,
            let half = curve.points.first(where: { $0.threshold == 0.5 })
        else { throw .noPixels(shards: shards, split: Self.split) }

        var after = CalibrationScore()
        func add(_ logits: [Float], _ truth: [UInt8]) {
            after.add(probabilities: logits.map { temperature.probability(logit: $0) }, truth: truth)
        }
        for image in kept { add(image.logits, image.truth) }
        if !isKept { try eachImage(reading, cancellation: cancellation, progress: { progress(.images, count + $0, count * passes) }, add) }
        return SavedCalibration(
            format: SavedCalibration.formatName, formatVersion: SavedCalibration.version, checkpoint: model.checkpoint,
            checkpointSHA256: identity, shards: shards, split: Self.split, captions: model.captions == nil ? nil : variant.name,
            images: count, temperature: temperature, before: CalibrationFigures(before), after: CalibrationFigures(after),
            bestForImages: ThresholdChoice(
                threshold: images.threshold, dice: images.meanImageDice ?? 0, diceAtHalf: half.meanImageDice ?? 0),
            bestForPixels: ThresholdChoice(threshold: pixels.threshold, dice: pixels.dice, diceAtHalf: half.dice))
    }

    /// Calls `body` with the logits [H,W] and the true mask of every image, in order.
    private func eachImage(
        _ reading: SplitReading, cancellation: Cancellation, progress: (_ done: Int) -> Void,
        _ body: (_ logits: [Float], _ truth: [UInt8]) -> Void
    ) throws(SegmentingError) {
        let loader = try reading.loader(batchSize: batchSize, workers: workers), size = reading.set.imageSize, area = size * size
        defer { loader.stop() }
        var done = 0
        while let slot = try SegmentingError.shards({ () throws(ShardError) in try loader.next() }) {
            if cancellation.isCancelled { throw .cancelled(predictions: nil) }
            let samples = (0..<slot.count).map { BatchTensors.pixels($0, of: slot, shards: reading.set) }
            loader.release(slot)
            let images = model.backend.bytes(
                samples.flatMap { reading.image($0.image) }, [samples.count, size, size, reading.channels])
            let logits = try model.logits(images, text: try reading.text(samples.indices.map { reading.captions?[done + $0] }))
            for (place, sample) in samples.enumerated() { body(Array(logits[place * area..<(place + 1) * area]), sample.mask) }
            done += samples.count
            progress(done)
        }
    }
}
