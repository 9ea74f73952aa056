// What `prep shard` may be told, and what it reports. Invariant: with the manifest, the options decide every byte of the
// shards; the number of threads does not.
import Datasets
import Files
import Text

/// How images are brought to the training size. Masks always take the nearest pixel.
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
    /// Small enough that a shuffled epoch begins after a fraction of a second and that many shards fit into little memory.
    public var sizeLimit = 1 << 23
    public var threads = ParallelMap.availableThreads
    /// Nil: built from the manifest's captions.
    public var vocabulary: Vocabulary?
    /// Off: captions are stored as text alone, and whoever reads the shards makes tokens of them.
    public var storesTokens = true

    public init() {}

    /// - Throws: `invalidOption` for a value that no shards can have.
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

    /// The columns of a training shard, in the order of their names.
    func schema(channels: Int, hasCaptions: Bool) -> MDSSchema {
        let columns = [
            MDSColumn("attention", "ndarray:uint8:\(tokenLength)"), MDSColumn("caption", "str"), MDSColumn("height", "int"),
            MDSColumn("id", "str"), MDSColumn("image", "ndarray:uint8:\(size),\(size),\(channels)"),
            MDSColumn("mask", "ndarray:uint8:\(size),\(size)"), MDSColumn("tokens", "ndarray:int32:\(tokenLength)"),
            MDSColumn("width", "int"),
        ]
        let absent = (hasCaptions ? [] : ["caption"]) + (hasCaptions && storesTokens ? [] : ["attention", "tokens"])
        return MDSSchema(columns: columns.filter { !absent.contains($0.name) }, compression: compression, sizeLimit: sizeLimit)
    }

    /// The vocabulary of the tokens of a manifest's shards; nil where they have none.
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
        /// Nothing was written: inputs and options are those of the shards that are there.
        public let wasUpToDate: Bool
        /// Shards taken over from an interrupted run.
        public let reused: Int
    }

    public let dataset: String
    public let folder: String
    public let parts: [Part]
    /// 1 for grey sets, 3 for coloured ones.
    public let channels: Int
    public let hasCaptions: Bool
    /// Nil where there are no tokens.
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
