// The text features of some captions for one network. Invariant: each distinct caption is tokenised and encoded once.
import Files
import Tensors
import Text
import Training

struct CaptionFeatures {
    private let model: TrainedModel
    private let reading: CaptionReading
    private var tokens: [String: TokenSequence] = [:]
    private var cache: TextFeatureCache

    /// Without captions; nil for a network that reads none.
    init?(of model: TrainedModel) {
        guard let reading = model.captions else { return nil }
        self.model = model
        self.reading = reading
        cache = reading.emptyCache()
    }

    /// Of some captions; nil for a network that reads none.
    init?(_ captions: [String], of model: TrainedModel) throws(SegmentingError) {
        self.init(of: model)
        try add(captions, source: model.checkpoint, cancellation: Cancellation()) { _, _ in }
    }

    /// Computes the features of captions that are new.
    /// - Parameter source: where the captions are from, for errors.
    mutating func add(
        _ captions: [String], source: String, cancellation: Cancellation, progress: (_ done: Int, _ total: Int) -> Void
    ) throws(SegmentingError) {
        for caption in captions where tokens[caption] == nil { tokens[caption] = reading.tokens(of: caption) }
        let sequences = captions.compactMap { tokens[$0] }
        let whole = try SegmentingError.wrapping { () throws(TrainingError) in
            try reading.encoder.fill(&cache, with: sequences, source: source, cancellation: cancellation, progress: progress)
        }
        if !whole { throw .cancelled(predictions: nil) }
    }

    /// The features [B,N,D] of captions that were added.
    func tensor(_ captions: [String?]) throws(SegmentingError) -> Tensor {
        let sequences = captions.compactMap { caption in caption.flatMap { tokens[$0] } }
        guard sequences.count == captions.count, let values = cache.features(of: sequences) else {
            throw .noCaption(captions.compactMap { $0 }.first { tokens[$0] == nil } ?? "")
        }
        return model.backend.tensor(values, [captions.count, cache.tokens, cache.width])
    }
}
