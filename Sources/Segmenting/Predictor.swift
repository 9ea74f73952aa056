// Predicts one mask from one image and one text, at the image's own size.
import Files
import Imaging
import Networks
import NumPyFiles
import Tensors
import Text
import Training

public struct Prediction: Sendable {
    /// The decoded image, 1 or 3 channels; nil for an array.
    public let image: Raster?
    /// The model's output, at its own size.
    public let probabilities: ProbabilityMap
    /// 0/1 at the image's size: the probabilities are resized first, then thresholded at 0.5.
    public let mask: Raster
    /// What decoding changed and which words the caption lost, for the user.
    public let notes: [String]

    /// The image with the mask's outline; nil for an array.
    public func overlay() throws(ImagingError) -> Raster? {
        guard let image else { return nil }
        return try Overlay.outline(mask: mask, on: image, thickness: max(1, min(image.width, image.height) / 250))
    }

    /// Writes the requested files only.
    public func write(
        mask maskPath: String?, overlay overlayPath: String?, probabilities probabilitiesPath: String?
    )
        throws(SegmentingError)
    {
        if let maskPath { try PredictionFiles.writePicture(Mask.picture(of: mask), to: maskPath) }
        if let overlayPath {
            let picture: Raster?
            do throws(ImagingError) { picture = try overlay() } catch { throw .image(path: overlayPath, error) }
            if let picture { try PredictionFiles.writePicture(picture, to: overlayPath) }
        }
        if let probabilitiesPath { try PredictionFiles.writeProbabilities(probabilities, to: probabilitiesPath) }
    }
}

public struct Predictor {
    public let model: TrainedModel

    public init(model: TrainedModel) { self.model = model }

    /// - Parameter caption: nil for a network that reads none.
    public func predict(image path: String, caption: String?) throws(SegmentingError) -> Prediction {
        try predict(.picture(path), text: caption.map { .caption($0) } ?? .none)
    }

    /// - Parameter image: a picture is brought to the model's size and normalised, an array taken as it is.
    public func predict(_ image: PredictionImage, text: PredictionText) throws(SegmentingError) -> Prediction {
        switch image {
        case .picture(let path):
            let bytes = try SegmentingError.wrapping { () throws(FileError) in try FileIO.read(path) }
            let (decoded, depthNotes) = try Self.decode(bytes, path: path, trainedBits: model.metadata?.imageBits)
            let image = decoded.raster, size = model.imageSize
            let channels = model.channels ?? image.channels
            // The same order as in sharding: channels first, then the size.
            let resized = image.converted(toChannels: channels).resizedBicubic(width: size, height: size)
            var notes = model.notes + (decoded.notes.map { "\($0)" } + depthNotes).map { "\(path): \($0)" }
            if let change = ChannelChange(from: image.channels, to: channels), !change.losesColour || !ChannelChange.isGrey(image) {
                notes.append("\(path): \(change.words)")
            }
            let features = try features(of: text, notes: &notes)
            let map = try map(height: size, width: size) {
                model.probabilities(model.backend.bytes(resized.pixels, [1, size, size, resized.channels]), text: features)
            }
            return Prediction(
                image: image, probabilities: map, mask: map.resized(width: image.width, height: image.height).mask(), notes: notes)
        case .array(let array):
            try check(array)
            var notes = model.notes
            let features = try features(of: text, notes: &notes)
            let map = try map(height: array.height, width: array.width) {
                model.probabilities(normalised: model.backend.tensor(array.values, [1, array.height, array.width, 3]), text: features)
            }
            return Prediction(image: nil, probabilities: map, mask: map.mask(), notes: notes)
        }
    }

    /// An array's sides must be what the network can take.
    private func check(_ array: ImageArray) throws(SegmentingError) {
        let spec = model.network.descriptor.image, multiple = spec.multiple
        guard array.height % multiple == 0, array.width % multiple == 0 else {
            throw .array(
                .otherShape(
                    path: array.path, found: NPYArray.text([array.height, array.width, 3]),
                    expected: "H and W that are multiples of \(multiple), such as \(NPYArray.text([spec.size, spec.size, 3]))", cure: ""))
        }
    }

    private func map(height: Int, width: Int, _ probabilities: () -> Tensor) throws(SegmentingError) -> ProbabilityMap {
        let probabilities = probabilities(), backend = model.backend
        try SegmentingError.wrapping { () throws(TrainingError) in
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
        }
        let values = backend.values(probabilities)
        guard values.allSatisfy(\.isFinite) else { throw .notFinite(checkpoint: model.checkpoint) }
        return ProbabilityMap(width: width, height: height, values: values)
    }

    private func features(of text: PredictionText, notes: inout [String]) throws(SegmentingError) -> Tensor? {
        let descriptor = model.network.descriptor
        guard let shape = model.network.specification.text else {
            switch text {
            case .none: break
            case .caption(let caption): if !caption.isEmpty { notes.append("\(descriptor.name) reads no caption; --text is not used") }
            case .features: throw .textNotRead(option: "text-features", model: descriptor.name, everReadsText: descriptor.text != nil)
            case .tokens: throw .textNotRead(option: "tokens", model: descriptor.name, everReadsText: descriptor.text != nil)
            }
            return nil
        }
        switch text {
        case .none: throw .captionMissing(checkpoint: model.checkpoint)
        case .features(let values, let found, let path):
            guard found == shape else {
                throw .array(
                    .otherShape(
                        path: path, found: NPYArray.text([found.tokens, found.width]),
                        expected: NPYArray.text([shape.tokens, shape.width]),
                        cure: ""))
            }
            return model.backend.tensor(values, [1, shape.tokens, shape.width])
        case .caption(let caption):
            guard let captions = model.captions else { throw .captionMissing(checkpoint: model.checkpoint) }
            let tokens = captions.tokens(of: caption)
            if tokens.truncated { notes.append("the caption is longer than \(captions.length) tokens; its end is not used") }
            if tokens.unknownCount > 0 { notes.append("\(tokens.unknownCount) word(s) of the caption are not in the vocabulary") }
            return try features(of: tokens, shape, captions.encoder)
        case .tokens(let tokens, let path):
            guard let encoder = model.textEncoder else { throw .captionMissing(checkpoint: model.checkpoint) }
            guard tokens.ids.count == shape.tokens else {
                throw .array(
                    .otherShape(
                        path: path, found: NPYArray.text([tokens.ids.count]), expected: NPYArray.text([shape.tokens]),
                        cure: "the tokens of a caption with its padding"))
            }
            if let index = tokens.ids.firstIndex(where: { $0 < 0 || $0 >= encoder.vocabularySize }) {
                throw .array(
                    .badValue(
                        path: path, place: "[\(index)]", value: "\(tokens.ids[index])",
                        expected: "token ids below \(encoder.vocabularySize), the size of the text encoder's vocabulary"))
            }
            return try features(of: tokens, shape, encoder)
        }
    }

    private func features(of tokens: TokenSequence, _ shape: TextShape, _ encoder: CaptionEncoder) throws(SegmentingError) -> Tensor {
        var cache = TextFeatureCache(tokens: shape.tokens, width: encoder.width)
        let values = try SegmentingError.wrapping { () throws(TrainingError) in
            _ = try encoder.fill(&cache, with: [tokens], source: model.checkpoint, cancellation: Cancellation()) { _, _ in }
            guard let text = cache.features(of: [tokens]) else {
                throw TrainingError.tokenOutOfRange(id: 0, vocabulary: encoder.vocabularySize, shards: model.checkpoint)
            }
            return text
        }
        return model.backend.tensor(values, [1, shape.tokens, encoder.width])
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
