// What `prep ingest` is asked for, and what it answers.
import Imaging

public struct IngestOptions: Sendable {
    public var dataset: DatasetKind
    /// Caption files or folders; empty for those found in the root.
    public var captions: [String] = []
    /// One caption for all images, in place of caption files.
    public var caption: String?
    /// Only images and masks: captions are not searched for, and captions that exist are left out.
    public var leavesCaptionsOut = false
    /// Names or numbers of the workbook sheets to read; empty for those that hold something.
    public var sheets: [String] = []
    /// The dataset's folder; nil for data/<release folder name>.
    public var root: String?
    /// For `table`: the folders, and what is known of names and columns.
    public var table: TableChoices?
    /// The manifest's name; nil for the dataset's (for lvit: the root folder's).
    public var name: String?
    public var manifests = "manifests"
    /// A MedVLSM prompt to take instead of the rule's choice ("p3", "p9[1]").
    public var prompt: String?
    public var shares: SplitShares?
    public var seed: UInt64 = 1
    /// Draws splits that keep each patient or study whole; needs `shares`.
    public var groupBy: SubjectKind?
    public var skipBad = false
    public var allowMaskResize = false
    /// The choice of foreground in masks.
    public var masks = MaskChoice.automatic
    /// Millimetres a pixel of all images, in place of the table's columns.
    public var spacing: PixelSpacing?
    public var threads = 1
    /// Whether files that are not manifests may be replaced.
    public var overwrites = false

    public init(dataset: DatasetKind) { self.dataset = dataset }
}

public struct IngestReport: Sendable {
    public let manifest: Manifest
    /// False if problems prevented the write.
    public let isWritten: Bool
    /// The file that lists all problems, one a line, if there are more than are printed.
    public let problemsPath: String?
    public let manifestPath: String
    public let summaryPath: String
    public var summary: ManifestSummary { manifest.summary }
}

extension IngestReport {
    /// The summary as JSON, with sorted keys.
    public var jsonText: String {
        String(decoding: StableJSON.encode(summary, pretty: true).dropLast(), as: UTF8.self)
    }
}
