// A checkpoint made ready to segment: the model it describes, with its weights, and the text encoder it was trained with.
// Invariant: a checkpoint, a text encoder and a vocabulary that do not belong together are refused before anything is computed.
import Files
import Foundation
import Networks
import Tensors
import Text
import Training
import WeightFiles

public final class CaptionedModel {
    public let checkpoint: String
    public let model: SegmentationModel
    public let captionEncoder: CaptionEncoder
    public let vocabulary: Vocabulary
    /// 1 or 3; nil for published checkpoints, which do not say.
    public let channels: Int?
    public let metadata: CheckpointMetadata?
    /// Height and width of the images it was trained on, or is taken to have been.
    public let imageSize: Int
    /// What a person should know of how checkpoint and text encoder were read.
    public let notes: [String]
    public var tokens: Int { model.configuration.tokens }

    /// - Parameters:
    ///   - textEncoder: replaces the folder recorded in the checkpoint.
    ///   - vocabularies: files where the vocabulary may lie, besides the encoder's folder and the checkpoint's.
    ///   - imageSize: for a checkpoint that does not say it; nil for that of the published models.
    ///   - precision: how activations are stored; the checkpoint's weights are float32 whatever it was trained with.
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
        let folder = textEncoder ?? metadata?.textEncoder
        if metadata == nil {
            // Whether it is such a model at all is asked before which encoder it goes with.
            try SegmentingError.wrapping { () throws(TrainingError) in try CheckpointStore.checkNames(file, backend: backend) }
            if folder == nil { throw .encoderNotGiven(checkpoint: checkpoint) }
        }
        let beside = FileIO.sibling(of: checkpoint, named: "vocab.txt")
        vocabulary = try Self.vocabulary(among: (folder.map { [$0] } ?? []) + [beside] + vocabularies)
        if let wanted = metadata?.vocabularySHA256, wanted != vocabulary.sha256 {
            throw .otherVocabulary(path: folder ?? beside, checkpoint: checkpoint)
        }
        if let folder {
            captionEncoder = try SegmentingError.wrapping { () throws(TrainingError) in
                try CaptionEncoder(folder: folder, backend: backend)
            }
        } else {
            captionEncoder = CaptionEncoder(untrainedFor: vocabulary, backend: backend)
        }
        if let metadata, metadata.textEncoderIdentity != captionEncoder.identity {
            throw .otherEncoder(checkpoint: checkpoint, given: folder ?? "the untrained one")
        }
        var configuration = metadata?.model ?? ModelConfiguration()
        if metadata == nil { configuration.textWidth = captionEncoder.width }
        model = SegmentationModel(configuration: configuration, backend: backend, activations: precision, seed: 0, trains: false, initialises: false)
        let loaded = model
        let read = try SegmentingError.wrapping { () throws(TrainingError) in try CheckpointStore.loadAll(loaded, file) }
        let size = metadata?.imageSize ?? imageSize ?? CheckpointMetadata.publishedImageSize
        self.imageSize = size
        let assumed = "\(checkpoint): no metadata, so images at \(size)x\(size) and the published UA-VLS settings are assumed"
        notes = (metadata == nil ? [assumed] : []) + read + captionEncoder.notes
    }

    /// The tokens of a caption as training saw them.
    public func tokens(of caption: String) -> TokenSequence {
        WordPieceTokenizer(vocabulary: vocabulary).encode(CaptionText.normalised(caption), length: tokens)
    }

    private static func vocabulary(among candidates: [String]) throws(SegmentingError) -> Vocabulary {
        for candidate in candidates where FileIO.exists(candidate) {
            do throws(TextError) { return try Vocabulary(contentsOf: candidate) } catch { throw .text(error) }
        }
        throw .vocabularyMissing(looked: candidates)
    }
}
