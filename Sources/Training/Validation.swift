// Loss and metrics of the validation split, without gradients and in sample order.
import Files
import Imaging
import Metrics
import Networks
import Shards
import Tensors

struct Validation {
    struct Result {
        let terms: LossTerms
        let metrics: SegmentationMetrics
        /// Of the first samples.
        let pictures: [ValidationPicture]
    }

    let model: any SegmentationModel
    let loss: SegmentationLoss
    let data: TrainingData
    let backend: any Backend
    let workers: Int
    /// How many samples become pictures.
    static let pictures = 8

    /// Nil if cancelled.
    func run(cancellation: Cancellation) throws(TrainingError) -> Result? {
        let loader = try data.validationLoader(workers: workers)
        defer { loader.stop() }
        try TrainingError.wrapping { () throws(ShardError) in try loader.start(epoch: 0, fromBatch: 0) }
        var sums = LossSums()
        var metrics = SegmentationMetrics()
        var pictures: [ValidationPicture] = []
        while let slot = try TrainingError.wrapping({ () throws(ShardError) in try loader.next() }) {
            if cancellation.isCancelled { return nil }
            let batch = try data.tensors(of: slot, on: backend)
            let tape = model.tape(.inference)
            let output = model(batch.images, text: batch.text, tape)
            sums.add(loss.evaluate(output, target: batch.target, tape: tape), count: slot.count)
            let probabilities = output.probabilities(tape)
            for counts in backend.confusion(probabilities, batch.target, threshold: 0.5) { metrics.add(PixelCounts(counts)) }
            if pictures.count < Self.pictures {
                pictures += self.pictures(slot, backend.values(probabilities), most: Self.pictures - pictures.count)
            }
            loader.release(slot)
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
        }
        return Result(terms: sums.means, metrics: metrics, pictures: pictures)
    }

    private func pictures(_ slot: BatchSlot, _ probabilities: [Float], most: Int) -> [ValidationPicture] {
        let set = data.validation, size = set.imageSize
        return (0..<min(most, slot.count)).map { place in
            let pixels = BatchTensors.pixels(place, of: slot, shards: set)
            return ValidationPicture(
                id: slot.ids[place], image: Raster(width: size, height: size, channels: set.channels, pixels: pixels.image),
                truth: Raster(width: size, height: size, channels: 1, pixels: pixels.mask),
                probabilities: Array(probabilities[place * size * size..<(place + 1) * size * size]))
        }
    }
}
