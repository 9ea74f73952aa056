// Loss and metrics of the validation split, without gradients and in sample order.
import Files
import Networks
import Shards
import Tensors

struct Validation {
    struct Result {
        let terms: LossTerms
        let metrics: SegmentationMetrics
    }

    let model: any SegmentationModel
    let loss: SegmentationLoss
    let data: TrainingData
    let backend: any Backend
    let workers: Int

    /// Nil if cancelled.
    func run(cancellation: Cancellation) throws(TrainingError) -> Result? {
        let loader = try data.validationLoader(workers: workers)
        defer { loader.stop() }
        try TrainingError.wrapping { () throws(ShardError) in try loader.start(epoch: 0, fromBatch: 0) }
        var sums = LossSums()
        var metrics = SegmentationMetrics()
        while let slot = try TrainingError.wrapping({ () throws(ShardError) in try loader.next() }) {
            if cancellation.isCancelled { return nil }
            let batch = try data.tensors(of: slot, on: backend)
            let tape = model.tape(.inference)
            let output = model(batch.images, text: batch.text, tape)
            sums.add(loss.evaluate(output, target: batch.target, tape: tape), count: slot.count)
            for counts in backend.confusion(output.probabilities(tape), batch.target, threshold: 0.5) { metrics.add(PixelCounts(counts)) }
            loader.release(slot)
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
        }
        return Result(terms: sums.means, metrics: metrics)
    }
}
