// A checkpoint that is ready to segment: the network that it describes with its weights and, if the network reads captions, the text
// encoder that it was trained with. Invariant: a checkpoint, a text encoder and a vocabulary that do not belong together are refused before
// anything is computed.
import Files
import Metrics
import Networks
import NumPyFiles
import Tensors
import Text
import Training
import WeightFiles

public final class TrainedModel {
    public let checkpoint: String
    public let network: any SegmentationModel
    /// Nil for a network that reads no text.
    public let captions: CaptionReading?
    /// Nil where text comes as features, or none is read.
    let textEncoder: CaptionEncoder?
    /// 1 or 3; nil for published checkpoints, which do not say.
    public let channels: Int?
    public let metadata: CheckpointMetadata?
    public var backend: any Backend { network.backend }
    /// Height and width of the training images, as stated or assumed.
    public let imageSize: Int
    /// What the user should know about how checkpoint and text encoder were read.
    public let notes: [String]
    /// Divides the logits of all passes; nil for none. From a calibration of this checkpoint (Calibration/SavedCalibration.swift).
    public var temperature: Temperature?

    /// - Parameters:
    ///   - textEncoder: replaces the folder recorded in the checkpoint.
    ///   - vocabularies: files where the vocabulary may lie, besides the encoder's folder and the checkpoint's.
    ///   - imageSize: for a checkpoint that does not say it; nil for that of the published network.
    ///   - request: which network the user says it is of.
    ///   - text: where text will come from; ignored by a network that reads none.
    ///   - precision: how activations are stored; the checkpoint's weights are float32 whatever it was trained with.
    public init(
        checkpoint: String, textEncoder: String?, vocabularies: [String] = [], request: ModelRequest = ModelRequest(),
        text source: TextSource = .captions, imageSize: Int? = nil, precision: NumberFormat = .float32, backend: any Backend
    ) throws(SegmentingError) {
        self.checkpoint = checkpoint
        let file = try SegmentingError.wrapping { () throws(TrainingError) in try CheckpointStore.open(checkpoint) }
        let metadata = try SegmentingError.wrapping { () throws(TrainingError) in
            try CheckpointMetadata(file.metadata, path: checkpoint)
        }
        self.metadata = metadata
        channels = metadata?.channels
        var specification = try Self.specification(file, metadata, request, backend)
        let descriptor = try Self.networks { () throws(NetworkError) in try ModelZoo.descriptor(of: specification, path: checkpoint) }
        if descriptor.readsText(specification) {
            var text = specification.text ?? descriptor.text ?? TextShape(tokens: 0, width: 0)
            switch source {
            case .captions, .tokens:
                let (encoder, vocabulary) = try Self.encoder(
                    checkpoint, metadata: metadata, folder: textEncoder ?? metadata?.textEncoder, vocabularies: vocabularies,
                    needsVocabulary: { if case .captions = source { true } else { false } }(), backend: backend)
                if metadata == nil { text.width = encoder.width }
                self.textEncoder = encoder
                captions = vocabulary.map {
                    CaptionReading(
                        encoder: encoder, tokenizer: CaptionTokenizer(vocabulary: $0.vocabulary, source: $0.source, length: text.tokens))
                }
            case .features(let found, let path):
                if metadata == nil, Self.fits(file, specification, width: found.width, backend) { text.width = found.width }
                guard found == text else {
                    throw .array(
                        .otherShape(
                            path: path, found: NPYArray.text([found.tokens, found.width]),
                            expected: "\(NPYArray.text([text.tokens, text.width])), the text features of this \(descriptor.name)", cure: "")
                    )
                }
                self.textEncoder = nil
                captions = nil
            }
            specification.text = text
        } else {
            if textEncoder != nil { throw .training(.textEncoderNotUsed(model: descriptor.name, everReadsText: descriptor.text != nil)) }
            self.textEncoder = nil
            captions = nil
        }
        let built = specification
        network = try Self.networks { () throws(NetworkError) in
            try descriptor.model(built, ModelSetup(backend: backend, activations: precision, trains: false, initialises: false))
        }
        let loaded = network
        let read = try SegmentingError.wrapping { () throws(TrainingError) in try CheckpointStore.loadAll(loaded, file) }
        let size = metadata?.imageSize ?? imageSize ?? network.image.size
        self.imageSize = size
        let settings = request.options.isEmpty ? "the published \(descriptor.title) settings" : "\(descriptor.title) with the options given"
        let assumed = "\(checkpoint): no metadata, so images at \(size)x\(size) and \(settings) are assumed"
        notes = (metadata == nil ? [assumed] : []) + read + (self.textEncoder?.notes ?? [])
    }

    /// The network that a checkpoint says it is of, or else the one that was asked for, or that its tensors' names are of.
    private static func specification(
        _ file: WeightFile, _ metadata: CheckpointMetadata?, _ request: ModelRequest, _ backend: any Backend
    ) throws(SegmentingError) -> ModelSpecification {
        func applied(to base: ModelSpecification) throws(SegmentingError) -> ModelSpecification {
            try networks { () throws(NetworkError) in
                let descriptor = try ModelZoo.descriptor(of: base, path: file.path)
                var result = base
                for (key, value) in request.options { try descriptor.set(key, to: value, in: &result) }
                return try descriptor.checked(result)
            }
        }
        if let recorded = metadata?.model {
            if let name = request.name, name != recorded.name {
                throw .training(.checkpointOfOtherModel(path: file.path, found: recorded.name, expected: name))
            }
            // The options' values in the one spelling in which they are kept; those that the file is too old to have, as published.
            let asked = try applied(to: recorded)
            let own = try networks { () throws(NetworkError) in
                try ModelZoo.descriptor(of: recorded, path: file.path).checked(recorded)
            }
            for (key, _) in request.options where asked.options[key] != own.options[key] {
                throw .otherModelOption(
                    checkpoint: file.path, option: key, found: own.options[key] ?? "", given: asked.options[key] ?? "")
            }
            return recorded
        }
        let asked = try networks { () throws(NetworkError) in
            try request.name.map { name throws(NetworkError) in try ModelZoo.descriptor(named: name) }
        }
        let recognised = try networks { () throws(NetworkError) in
            try ModelZoo.recognised(in: file.entries.map(\.name), likely: asked ?? ModelZoo.standard, backend: backend)
        }
        let descriptor = asked ?? recognised
        if recognised.name != descriptor.name {
            throw .training(.checkpointOfOtherModel(path: file.path, found: recognised.name, expected: descriptor.name))
        }
        let specification = try applied(to: descriptor.published)
        // Whether it is such a network at all is asked before which encoder it goes with.
        try SegmentingError.wrapping { () throws(TrainingError) in
            try CheckpointStore.checkNames(file, for: specification, backend: backend)
        }
        return specification
    }

    /// Whether a checkpoint's tensors have the shapes of a network with text of this width.
    private static func fits(_ file: WeightFile, _ specification: ModelSpecification, width: Int, _ backend: any Backend) -> Bool {
        var specification = specification
        specification.text?.width = width
        guard (1...1 << 16).contains(width),
            let model = try? ModelZoo.model(specification, ModelSetup(backend: backend, trains: false, builds: false)),
            let report = try? model.load(file, takesValues: false)
        else { return false }
        return report.misshaped.isEmpty
    }

    private static func encoder(
        _ checkpoint: String, metadata: CheckpointMetadata?, folder: String?, vocabularies: [String], needsVocabulary: Bool,
        backend: any Backend
    ) throws(SegmentingError) -> (CaptionEncoder, (vocabulary: Vocabulary, source: String)?) {
        if folder == nil, metadata == nil { throw .encoderNotGiven(checkpoint: checkpoint) }
        let beside = FileIO.sibling(of: checkpoint, named: "vocab.txt")
        // The untrained encoder is made for its vocabulary.
        var vocabulary: (vocabulary: Vocabulary, source: String)?
        if needsVocabulary || folder == nil {
            let (found, path) = try Self.vocabulary(among: (folder.map { [$0] } ?? []) + [beside] + vocabularies)
            if let wanted = metadata?.vocabularySHA256, wanted != found.sha256 {
                throw .otherVocabulary(path: path, checkpoint: checkpoint)
            }
            vocabulary = (found, folder.map { "\($0)'s vocabulary" } ?? path)
        }
        let encoder: CaptionEncoder
        if let folder {
            encoder = try SegmentingError.wrapping { () throws(TrainingError) in try CaptionEncoder(folder: folder, backend: backend) }
        } else if let vocabulary {
            encoder = CaptionEncoder(untrainedFor: vocabulary.vocabulary, backend: backend)
        } else {
            throw .encoderNotGiven(checkpoint: checkpoint)
        }
        if let metadata, metadata.textEncoderIdentity ?? "unknown" != encoder.identity {
            throw .otherEncoder(checkpoint: checkpoint, given: folder ?? "the untrained one")
        }
        return (encoder, vocabulary)
    }

    private static func vocabulary(among candidates: [String]) throws(SegmentingError) -> (Vocabulary, path: String) {
        for candidate in candidates where FileIO.exists(candidate) {
            do throws(TextError) { return (try Vocabulary(contentsOf: candidate), candidate) } catch { throw .text(error) }
        }
        throw .vocabularyMissing(looked: candidates)
    }

    private static func networks<T>(_ body: () throws(NetworkError) -> T) throws(SegmentingError) -> T {
        do throws(NetworkError) { return try body() } catch { throw .training(.networks(error)) }
    }
}
