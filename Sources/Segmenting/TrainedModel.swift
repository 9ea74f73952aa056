// A checkpoint that is ready to segment: the network that it describes with its weights and, if the network reads captions, the text
// encoder that it was trained with. Invariant: a checkpoint, a text encoder and a vocabulary that do not belong together are refused before
// anything is computed.
import Files
import Networks
import Tensors
import Text
import Training
import WeightFiles

/// Converts captions to text features, as in training.
public struct CaptionReading {
    public let encoder: CaptionEncoder
    public let vocabulary: Vocabulary
    /// Number of positions of a caption's feature.
    public let length: Int

    /// The tokens of a caption as in training.
    public func tokens(of caption: String) -> TokenSequence {
        WordPieceTokenizer(vocabulary: vocabulary).encode(CaptionText.normalised(caption), length: length)
    }

    func emptyCache() -> TextFeatureCache { TextFeatureCache(tokens: length, width: encoder.width) }
}

public final class TrainedModel {
    public let checkpoint: String
    public let network: any SegmentationModel
    /// Nil for a network that reads no text.
    public let captions: CaptionReading?
    /// 1 or 3; nil for published checkpoints, which do not state it.
    public let channels: Int?
    public let metadata: CheckpointMetadata?
    public var backend: any Backend { network.backend }
    /// Height and width of the training images, as stated or assumed.
    public let imageSize: Int
    /// What the user should know about how checkpoint and text encoder were read.
    public let notes: [String]

    /// - Parameters:
    ///   - textEncoder: replaces the folder that the checkpoint records.
    ///   - vocabularies: files that may be the vocabulary, besides those in the encoder's folder and the checkpoint's.
    ///   - imageSize: for a checkpoint that does not state it; nil for the size of the published network.
    ///   - precision: the format of activations; the checkpoint's weights are float32 in any case.
    public init(
        checkpoint: String, textEncoder: String?, vocabularies: [String] = [], imageSize: Int? = nil, precision: NumberFormat = .float32,
        backend: any Backend
    ) throws(SegmentingError) {
        self.checkpoint = checkpoint
        let file = try SegmentingError.wrapping { () throws(TrainingError) in try CheckpointStore.open(checkpoint) }
        let metadata = try SegmentingError.wrapping { () throws(TrainingError) in
            try CheckpointMetadata(file.metadata, path: checkpoint)
        }
        self.metadata = metadata
        channels = metadata?.channels
        let names = file.entries.map(\.name)
        let recognised = try Self.networks { () throws(NetworkError) in try ModelZoo.recognised(in: names, backend: backend) }
        var specification = metadata?.model ?? recognised.published
        let descriptor = try Self.networks { () throws(NetworkError) in try ModelZoo.descriptor(of: specification, path: checkpoint) }
        if metadata == nil {
            // First check that the file is such a network at all, then which encoder belongs to it.
            let published = specification
            try SegmentingError.wrapping { () throws(TrainingError) in
                try CheckpointStore.checkNames(file, for: published, backend: backend)
            }
        }
        if descriptor.readsText(specification) {
            let (encoder, vocabulary) = try Self.encoder(
                checkpoint, metadata: metadata, folder: textEncoder ?? metadata?.textEncoder, vocabularies: vocabularies, backend: backend)
            var text = specification.text ?? descriptor.text ?? TextShape(tokens: 0, width: 0)
            if metadata == nil { text.width = encoder.width }
            specification.text = text
            captions = CaptionReading(encoder: encoder, vocabulary: vocabulary, length: text.tokens)
        } else {
            if textEncoder != nil { throw .training(.textEncoderNotUsed(model: descriptor.name, everReadsText: descriptor.text != nil)) }
            captions = nil
        }
        let built = specification
        network = try Self.networks { () throws(NetworkError) in
            try descriptor.model(built, ModelSetup(backend: backend, activations: precision, trains: false, initialises: false))
        }
        let loaded = network
        let read = try SegmentingError.wrapping { () throws(TrainingError) in try CheckpointStore.loadAll(loaded, file) }
        let size = metadata?.imageSize ?? imageSize ?? descriptor.image.size
        self.imageSize = size
        let assumed = "\(checkpoint): no metadata, so images at \(size)x\(size) and the published \(descriptor.title) settings are assumed"
        notes = (metadata == nil ? [assumed] : []) + read + (captions?.encoder.notes ?? [])
    }

    /// The probabilities [B,H,W] for images uint8 [B,H,W,C].
    func probabilities(_ images: ByteTensor, text: Tensor?) -> Tensor {
        let tape = network.tape(.inference)
        return network(images, text: text, tape).probabilities(tape)
    }

    private static func encoder(
        _ checkpoint: String, metadata: CheckpointMetadata?, folder: String?, vocabularies: [String], backend: any Backend
    ) throws(SegmentingError) -> (CaptionEncoder, Vocabulary) {
        if folder == nil, metadata == nil { throw .encoderNotGiven(checkpoint: checkpoint) }
        let beside = FileIO.sibling(of: checkpoint, named: "vocab.txt")
        let vocabulary = try vocabulary(among: (folder.map { [$0] } ?? []) + [beside] + vocabularies)
        if let wanted = metadata?.vocabularySHA256, wanted != vocabulary.sha256 {
            throw .otherVocabulary(path: folder ?? beside, checkpoint: checkpoint)
        }
        let encoder: CaptionEncoder
        if let folder {
            encoder = try SegmentingError.wrapping { () throws(TrainingError) in try CaptionEncoder(folder: folder, backend: backend) }
        } else {
            encoder = CaptionEncoder(untrainedFor: vocabulary, backend: backend)
        }
        if let metadata, metadata.textEncoderIdentity ?? "unknown" != encoder.identity {
            throw .otherEncoder(checkpoint: checkpoint, given: folder ?? "the untrained one")
        }
        return (encoder, vocabulary)
    }

    private static func vocabulary(among candidates: [String]) throws(SegmentingError) -> Vocabulary {
        for candidate in candidates where FileIO.exists(candidate) {
            do throws(TextError) { return try Vocabulary(contentsOf: candidate) } catch { throw .text(error) }
        }
        throw .vocabularyMissing(looked: candidates)
    }

    private static func networks<T>(_ body: () throws(NetworkError) -> T) throws(SegmentingError) -> T {
        do throws(NetworkError) { return try body() } catch { throw .training(.networks(error)) }
    }
}
