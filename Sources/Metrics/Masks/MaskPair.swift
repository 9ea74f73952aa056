// The true mask of an image and a prediction of it.
// Invariant: both have the same size, so that measures of a pair cannot fail.

public struct MaskPair: Sendable, Equatable {
    public let truth: BinaryMask, prediction: BinaryMask

    /// - Throws: `MaskError.differentSizes` if the masks do not have the same width and height.
    public init(truth: BinaryMask, prediction: BinaryMask) throws(MaskError) {
        guard truth.width == prediction.width, truth.height == prediction.height else {
            throw .differentSizes(
                truth: (truth.width, truth.height), prediction: (prediction.width, prediction.height))
        }
        self.truth = truth
        self.prediction = prediction
    }

    public var width: Int { truth.width }
    public var height: Int { truth.height }

    /// The pair with the roles exchanged.
    public var exchanged: MaskPair { MaskPair(sameSize: prediction, truth) }

    init(sameSize truth: BinaryMask, _ prediction: BinaryMask) {
        precondition(truth.width == prediction.width && truth.height == prediction.height, "masks of different sizes")
        self.truth = truth
        self.prediction = prediction
    }
}
