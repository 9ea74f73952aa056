// The options of `prep shard`, and its report. Invariant: with the manifest, the options determine every byte of the shards; the number of
// threads does not.
import Datasets
import Files
import Text

/// How images are resized to the training size. Masks always use the nearest pixel.
public enum ResizeRule: String, Sendable, CaseIterable {
    /// Bicubic with antialiasing, as Pillow's.
    case pillow
    /// Bicubic without antialiasing (a = -0.75), as the released pipeline's.
    case reference
}

public struct ShardingOptions: Sendable {
    /// Height and width of images and masks.
    public var size = 224
    public var tokenLength = 24
    /// "zstd:3" or nil.
    public var compression: String? = "zstd:3"
    public var resize = ResizeRule.pillow
    /// Small, so that a shuffled epoch starts within a fraction of a second and many shards fit into little memory.
    public var sizeLimit = 1 << 23
    public var threads = ParallelMap.availableThreads
    /// Nil: build it from the manifest's captions.
    public var vocabulary: Vocabulary?
    /// Off: captions are stored as text alone, and the reader of the shards tokenises them.
    public var storesTokens = true
    /// On: shards also hold each mask at the size of its original image (ShardSet.originalMask).
    public var storesOriginalMasks = true

    public init() {}

    /// - Throws: `invalidOption` for a value that shards cannot have.
    public func check() throws(ShardError) {
        guard (16...4096).contains(size) else { throw .invalidOption("size \(size): expected 16 to 4096") }
        guard (3...512).contains(tokenLength) else { throw .invalidOption("token length \(tokenLength): expected 3 to 512") }
        guard sizeLimit > 0, sizeLimit <= MDSSchema.largestShard else {
            throw .invalidOption("\(sizeLimit) bytes a shard: expected 1 to \(MDSSchema.largestShard)")
        }
        if let compression, MDSSchema.zstandardLevel(compression) == nil {
            throw .invalidOption("compression \(compression): expected none, zstd or zstd:N with N from 1 to 22")
        }
    }

    /// The columns of a shard, in the order of their names.
    func schema(channels: Int, hasCaptions: Bool, _ evaluation: EvaluationColumns) -> MDSSchema {
        let training = trainingSchema(channels: channels, hasCaptions: hasCaptions)
        return MDSSchema(
            columns: (training.columns + evaluation.columns).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) },
            compression: compression, sizeLimit: sizeLimit)
    }

    /// The columns that training reads, in the order of their names.
    func trainingSchema(channels: Int, hasCaptions: Bool) -> MDSSchema {
        let columns = [
            MDSColumn("attention", "ndarray:uint8:\(tokenLength)"), MDSColumn("caption", "str"), MDSColumn("height", "int"),
            MDSColumn("id", "str"), MDSColumn("image", "ndarray:uint8:\(size),\(size),\(channels)"),
            MDSColumn("mask", "ndarray:uint8:\(size),\(size)"), MDSColumn("tokens", "ndarray:int32:\(tokenLength)"),
            MDSColumn("width", "int"),
        ]
        let absent = (hasCaptions ? [] : ["caption"]) + (hasCaptions && storesTokens ? [] : ["attention", "tokens"])
        return MDSSchema(columns: columns.filter { !absent.contains($0.name) }, compression: compression, sizeLimit: sizeLimit)
    }

    /// The vocabulary of a manifest's tokens; nil if the shards hold none.
    func vocabulary(for manifest: Manifest) -> Vocabulary? {
        guard manifest.hasCaptions, storesTokens else { return nil }
        return vocabulary ?? .built(from: manifest.samples.map { CaptionText.normalised($0.caption ?? "") })
    }
}

public struct ShardReport: Sendable, Equatable {
    public struct Part: Sendable, Equatable {
        public let split: Split
        public let samples: Int
        public let shards: Int
        /// Bytes of the stored shard files.
        public let bytes: Int
        /// Nothing was written, because the existing shards have the same inputs and options.
        public let wasUpToDate: Bool
        /// Shards reused from an interrupted run.
        public let reused: Int
    }

    public let dataset: String
    public let folder: String
    public let parts: [Part]
    /// 1 for grey sets, 3 for coloured ones.
    public let channels: Int
    public let hasCaptions: Bool
    /// Nil if there are no tokens.
    public let vocabularySize: Int?
    /// The vocabulary was built from the captions.
    public let builtVocabulary: Bool
    /// Captions longer than the token length, and captions with words that the vocabulary cannot spell.
    public let truncatedCaptions: Int
    public let captionsWithUnknowns: Int
}

public struct ShardProgress: Sendable {
    public let done: Int
    public let total: Int
}
