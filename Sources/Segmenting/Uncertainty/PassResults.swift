// The predictions of some images from one or several passes, by one or several networks: each image's mean, and the maps of their spread.
import Metrics

struct PassResults {
    private let size: Int
    private var spreads: [PredictionSpread], single: [[Float]]
    private let isOne: Bool

    /// - Parameters:
    ///   - size: height and width of the predictions.
    ///   - isOne: each image has one prediction, whose spread nobody asks for.
    init(images: Int, size: Int, isOne: Bool) {
        self.size = size
        self.isOne = isOne
        spreads = isOne ? [] : Array(repeating: PredictionSpread(pixels: size * size), count: images)
        single = isOne ? Array(repeating: [], count: images) : []
    }

    /// Adds a prediction [H,W] of an image.
    mutating func add(_ probabilities: [Float], to image: Int) {
        if isOne { single[image] = probabilities } else { spreads[image].add(probabilities) }
    }

    /// Of an image that was predicted.
    subscript(image: Int) -> (map: ProbabilityMap, uncertainty: UncertaintyMaps?) {
        let maps = isOne ? nil : spreads[image].maps
        return (ProbabilityMap(width: size, height: size, values: isOne ? single[image] : maps?.mean ?? []), maps)
    }
}
