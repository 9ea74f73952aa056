// Predicts one mask from one image and one text, at the image's own size.
import Files
import Imaging
import Metrics
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
    /// 0/1 at the image's size: the probabilities are resized first, then compared with the threshold.
    public let mask: Raster
    /// At the model's own size; nil if none was asked for.
    public let uncertainty: UncertaintyMaps?
    /// What decoding changed and which words the caption lost, for the user.
    public let notes: [String]

    /// Writes the requested files only.
    public func write(
        mask maskPath: String?, overlay overlayPath: String?, probabilities probabilitiesPath: String?, uncertainty mapPath: String? = nil
    ) throws(SegmentingError) {
        if let maskPath { try PredictionFiles.writePicture(Mask.picture(of: mask), to: maskPath) }
        if let overlayPath, let image { try PredictionFiles.writeOverlay(mask: mask, on: image, to: overlayPath) }
        if let probabilitiesPath { try PredictionFiles.writeProbabilities(probabilities, to: probabilitiesPath) }
        if let mapPath, let uncertainty { try PredictionFiles.writeEntropy(uncertainty, like: probabilities, mask: mask, to: mapPath) }
    }
}

public struct Predictor {
    public let model: TrainedModel
    /// A pixel is foreground if its probability is above this.
    public var threshold = 0.5
    /// How several predictions of the image are made; nil for one, of which no uncertainty is computed.
    public var uncertainty: UncertaintyKind?

    public init(model: TrainedModel) { self.model = model }

    /// - Parameter caption: nil for a network that reads none.
    public func predict(image path: String, caption: String?) throws(SegmentingError) -> Prediction {
        try predict(.picture(path), text: caption.map { .caption($0) } ?? .none)
    }

    /// - Parameter image: a picture is brought to the model's size and normalised, an array taken as it is.
    public func predict(_ image: PredictionImage, text: PredictionText) throws(SegmentingError) -> Prediction {
        switch image {
        case .picture(let path):
            var notes = model.notes
            let (image, resized) = try pictures(path, notes: &notes), size = model.imageSize
            let features = try features(of: text, notes: &notes)
            let (values, maps): ([Float], UncertaintyMaps?)
            if let uncertainty, uncertainty != .entropy {
                (values, maps) = try several(resized, text, uncertainty)
            } else {
                values = try model.probabilities(model.backend.bytes(resized.pixels, [1, size, size, resized.channels]), text: features)
                maps = self.maps(of: values)
            }
            let map = ProbabilityMap(width: size, height: size, values: values)
            return Prediction(
                image: image, probabilities: map,
                mask: map.resized(width: image.width, height: image.height).mask(threshold: Float(threshold)), uncertainty: maps,
                notes: notes)
        case .array(let array):
            if let uncertainty, uncertainty != .entropy { throw .uncertaintyOfArrays(kind: uncertainty.name) }
            try check(array)
            var notes = model.notes
            let features = try features(of: text, notes: &notes)
            let values = try model.probabilities(
                normalised: model.backend.tensor(array.values, [1, array.height, array.width, 3]), text: features,
                arrays: [array.path] + text.arrays)
            let map = ProbabilityMap(width: array.width, height: array.height, values: values)
            return Prediction(
                image: nil, probabilities: map, mask: map.mask(threshold: Float(threshold)), uncertainty: maps(of: values), notes: notes)
        }
    }

    /// The maps of one prediction; nil if none were asked for.
    private func maps(of values: [Float]) -> UncertaintyMaps? {
        guard uncertainty != nil else { return nil }
        var spread = PredictionSpread(pixels: values.count)
        spread.add(values)
        return spread.maps
    }

    /// The mean and the maps of several predictions of an image in the network's size and channels.
    private func several(
        _ image: Raster, _ text: PredictionText, _ kind: UncertaintyKind
    ) throws(SegmentingError) -> ([Float], UncertaintyMaps?) {
        var caption: String?
        switch text {
        case .features, .tokens: throw .uncertaintyOfArrays(kind: kind.name)
        case .caption(let given) where model.captions != nil: caption = given
        case .none, .caption: break
        }
        if kind == .captions, caption ?? "" == "" {
            throw .noCaptionToVary(checkpoint: model.checkpoint, isWithheld: caption != nil)
        }
        let passes = kind.passes(caption: caption), features = try CaptionFeatures(passes.compactMap(\.caption), of: model)
        let runner = PassRunner(
            model: model, size: image.width, channels: image.channels, batchSize: 8,
            text: { captions throws(SegmentingError) in try features?.tensor(captions) })
        var spread = PredictionSpread(pixels: image.width * image.height)
        try runner.run([PassImage(number: 0, pixels: image.pixels, passes: passes)]) { spread.add($1) }
        return (spread.maps?.mean ?? [], spread.maps)
    }

    /// A picture as decoded, and as the network takes it: its channels and size.
    package func pictures(_ path: String, notes: inout [String]) throws(SegmentingError) -> (image: Raster, resized: Raster) {
        var own: [String] = []
        let image = try Preparation.read(path, trainedBits: model.metadata?.imageBits, notes: &own)
        let channels = model.channels ?? image.channels
        notes += own.map { "\(path): \($0)" }
        if let change = ChannelChange(from: image.channels, to: channels), !change.losesColour || !ChannelChange.isGrey(image) {
            notes.append("\(path): \(change.words)")
        }
        return (image, Preparation.input(image, channels: channels, size: model.imageSize))
    }

    /// An array's sides must be what the network can take.
    private func check(_ array: ImageArray) throws(SegmentingError) {
        let spec = model.network.image, multiple = spec.multiple
        guard array.height % multiple == 0, array.width % multiple == 0 else {
            throw .array(
                .otherShape(
                    path: array.path, found: NPYArray.text([array.height, array.width, 3]),
                    expected: "H and W that are multiples of \(multiple), such as \(NPYArray.text([spec.size, spec.size, 3]))", cure: ""))
        }
    }

    package func features(of text: PredictionText, notes: inout [String]) throws(SegmentingError) -> Tensor? {
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
                        expected: "token ids from 0 to \(encoder.vocabularySize - 1), the lines of the text encoder's vocabulary"))
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
                    own > trainedBits
                    ? ["it uses \(own) bits, but the training images used \(trainedBits); it is scaled by its own bits"] : []
                return (try ImageDecoder.decode(bytes, bitsUsed: max(own, trainedBits)), note)
            }
            if own == 16 { return (plain, []) }
            if own > 12 {
                return (
                    plain,
                    [
                        "it uses \(own) of its 16 bits, so it is darker than an image that uses all; rescale it unless the training "
                            + "images were like this"
                    ]
                )
            }
            return (
                try ImageDecoder.decode(bytes, bitsUsed: own),
                ["the checkpoint does not say how many bits the training images used; this image is scaled by its own bits"]
            )
        } catch { throw .image(path: path, error) }
    }
}
