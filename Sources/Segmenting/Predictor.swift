// Predicts one mask from one image and one sentence, at the image's own size.
import Files
import Imaging
import Networks
import Tensors
import Training

public struct Prediction: Sendable {
    /// The decoded image, 1 or 3 channels.
    public let image: Raster
    /// The model's output, 224x224.
    public let probabilities: ProbabilityMap
    /// 0/1 at the image's size: the probabilities are resized first, then thresholded at 0.5.
    public let mask: Raster
    /// What decoding changed and which words the caption lost, for the user.
    public let notes: [String]

    /// The image with the mask's outline.
    public func overlay() throws(ImagingError) -> Raster {
        try Overlay.outline(mask: mask, on: image, thickness: max(1, min(image.width, image.height) / 250))
    }

    /// Writes the requested files only.
    public func write(
        mask maskPath: String?, overlay overlayPath: String?, probabilities probabilitiesPath: String?
    )
        throws(SegmentingError)
    {
        if let maskPath { try PredictionFiles.writePicture(Mask.picture(of: mask), to: maskPath) }
        if let overlayPath {
            let picture: Raster
            do throws(ImagingError) { picture = try overlay() } catch { throw .image(path: overlayPath, error) }
            try PredictionFiles.writePicture(picture, to: overlayPath)
        }
        if let probabilitiesPath { try PredictionFiles.writeProbabilities(probabilities, to: probabilitiesPath) }
    }
}

public struct Predictor {
    public let model: TrainedModel

    public init(model: TrainedModel) { self.model = model }

    /// - Parameter caption: nil for a network that reads none.
    public func predict(image path: String, caption: String?) throws(SegmentingError) -> Prediction {
        let bytes = try SegmentingError.wrapping { () throws(FileError) in try FileIO.read(path) }
        let (decoded, depthNotes) = try Self.decode(bytes, path: path, trainedBits: model.metadata?.imageBits)
        let image = decoded.raster, size = model.imageSize, backend = model.backend
        let channels = model.channels ?? image.channels
        // The same order as in sharding: channels first, then the size.
        let resized = image.converted(toChannels: channels).resizedBicubic(width: size, height: size)
        var notes = model.notes + (decoded.notes.map { "\($0)" } + depthNotes).map { "\(path): \($0)" }
        if let change = ChannelChange(from: image.channels, to: channels), !change.losesColour || !ChannelChange.isGrey(image) {
            notes.append("\(path): \(change.words)")
        }
        let text = try feature(of: caption, notes: &notes)
        let probabilities = model.probabilities(backend.bytes(resized.pixels, [1, size, size, resized.channels]), text: text)
        try SegmentingError.wrapping { () throws(TrainingError) in
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
        }
        let values = backend.values(probabilities)
        guard values.allSatisfy(\.isFinite) else { throw .notFinite(checkpoint: model.checkpoint) }
        let map = ProbabilityMap(width: size, height: size, values: values)
        return Prediction(
            image: image, probabilities: map, mask: map.resized(width: image.width, height: image.height).mask(), notes: notes)
    }

    private func feature(of caption: String?, notes: inout [String]) throws(SegmentingError) -> Tensor? {
        guard let captions = model.captions else {
            if caption?.isEmpty == false { notes.append("\(model.network.descriptor.name) reads no caption; --text is not used") }
            return nil
        }
        guard let caption else { throw .captionMissing(checkpoint: model.checkpoint) }
        let tokens = captions.tokens(of: caption)
        if tokens.truncated { notes.append("the caption is longer than \(captions.length) tokens; its end is not used") }
        if tokens.unknownCount > 0 { notes.append("\(tokens.unknownCount) word(s) of the caption are not in the vocabulary") }
        var cache = captions.emptyCache()
        let values = try SegmentingError.wrapping { () throws(TrainingError) in
            _ = try captions.encoder.fill(&cache, with: [tokens], source: model.checkpoint, cancellation: Cancellation()) { _, _ in }
            guard let text = cache.features(of: [tokens]) else {
                throw TrainingError.tokenOutOfRange(id: 0, vocabulary: captions.encoder.vocabularySize, shards: model.checkpoint)
            }
            return text
        }
        return model.backend.tensor(values, [1, captions.length, captions.encoder.width])
    }

    /// A 16-bit image is scaled by the number of bits that the training images used. If the checkpoint does not record it, an image that
    /// would become nearly black is scaled by its own number of bits.
    public static func decode(_ bytes: [UInt8], path: String, trainedBits: Int?) throws(SegmentingError) -> (DecodedImage, notes: [String])
    {
        do throws(ImagingError) {
            let plain = try ImageDecoder.decode(bytes)
            guard plain.notes.contains(.reducedFrom16Bit) else { return (plain, []) }
            let own = max(8, try ImageDecoder.decodeStored(bytes).bitsUsed)
            if let trainedBits {
                let note =
                    own > trainedBits ? ["it uses \(own) bits where the training images used \(trainedBits), and is scaled by its own"] : []
                return (try ImageDecoder.decode(bytes, bitsUsed: max(own, trainedBits)), note)
            }
            if own == 16 { return (plain, []) }
            if own > 12 {
                return (
                    plain,
                    [
                        "it uses \(own) of its 16 bits, and is darker than an image that uses all; rescale it if the training "
                            + "images were not so"
                    ]
                )
            }
            return (
                try ImageDecoder.decode(bytes, bitsUsed: own),
                ["the checkpoint does not say how many bits the training images used; the bits are this image's own"]
            )
        } catch { throw .image(path: path, error) }
    }
}
