// What the summary file beside a manifest says: where everything came from, what was left out and why.
// Invariant: holds no time stamps and no machine facts except the root, so that the same input gives the same bytes.
import Imaging

public struct ManifestSummary: Codable, Sendable, Equatable {
    /// How many samples each split holds.
    public struct Counts: Codable, Sendable, Equatable {
        public var train: Int, val: Int, test: Int, all: Int

        public init(train: Int, val: Int, test: Int, all: Int) {
            self.train = train
            self.val = val
            self.test = test
            self.all = all
        }
    }

    /// The choices that shaped the manifest.
    public struct Options: Codable, Sendable, Equatable {
        public var prompt: String?
        public var split: String?
        public var seed: UInt64
        public var groupBy: SubjectKind?
        public var skipBad: Bool
        public var allowMaskResize: Bool
        /// The choices for a dataset of unknown layout.
        public var table: TableChoices?
        /// One caption for all images.
        public var caption: String?
        /// True if captions were left out.
        public var noCaptions: Bool?
        /// The workbook sheets that the user asked for.
        public var sheets: [String]?
        /// Millimetres a pixel of all images.
        public var spacing: PixelSpacing?
    }

    /// The format versions that are read; others are refused. The second is that of sets without captions, which earlier programs cannot
    /// read.
    public static let versions = 1...2
    /// What `captions` says of a set without captions.
    public static let noCaptions = "none"

    public var formatVersion: Int
    public var name: String
    public var dataset: DatasetKind
    public var root: String
    public var counts: Counts
    /// Caption files, as given or found.
    public var captionFiles: [String]
    /// A sentence: how the caption files were found.
    public var captionsFrom: String
    /// "none" in a set without captions, else nil.
    public var captions: String?
    /// A sentence: what decided the split of each sample.
    public var splitsFrom: String
    /// How many captions each prompt or column gave.
    public var captionSources: [String: Int]
    public var maskThreshold: UInt8
    /// The decision about masks; nil in manifests of earlier programs, whose masks use the threshold.
    public var masks: MaskReport?
    /// How many of their lower bits the 16-bit images use, 8 to 15: they are scaled by those. Nil if they use all 16, or if there are no
    /// such images.
    public var imageBits: Int?
    public var options: Options
    /// All problems of samples, sorted.
    public var problems: [SampleProblem]
    /// The ids (or names, where there is no image) that are left out of the manifest because of the problems.
    public var skipped: [String]
    public var warnings: [String]
    /// What was inferred about names and columns of a dataset of unknown layout, line by line.
    public var inferred: [String]?
    /// Which sheets of caption workbooks were read, and which passed over.
    public var sheets: [String]?
    /// The files against the official release, where the program knows it (Kvasir-SEG).
    public var release: ReleaseCheck?
    /// SHA-256 of the manifest file that this summary belongs to.
    public var manifestSHA256: String

    enum CodingKeys: String, CodingKey {
        case formatVersion, name, dataset, root, counts, captionFiles, captionsFrom, captions, splitsFrom, captionSources, maskThreshold,
            masks,
            imageBits, options
        case problems, skipped, warnings, inferred, sheets, release
        case manifestSHA256 = "manifestSha256"
    }
}
