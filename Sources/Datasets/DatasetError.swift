// What ends an ingest, a read of a manifest or the demo's drawing. Problems of single samples are SampleProblem.
// Texts are in DatasetError+Description.swift.
import Files
import Tables

public enum DatasetError: UserFacingError {
    case unknownDataset(String)
    /// No root was given and none of the places tried exists.
    case noRoot(dataset: DatasetKind, tried: [String])
    /// `hint` is FolderHint's.
    case rootNotFound(path: String, hint: String)
    /// The folder holds nothing of the dataset's layout.
    case wrongRoot(path: String, dataset: DatasetKind, wanted: [String], found: [String], suggestion: String?)
    /// Several folders under the root fit.
    case ambiguousRoot(path: String, dataset: DatasetKind, candidates: [String])
    /// A folder named by an option does not exist.
    case folderNotFound(option: String, path: String, hint: String)
    /// A pattern of names without exactly one "{id}".
    case badPattern(option: String, text: String)
    /// File names whose bytes are not UTF-8, so that no caption can name them.
    case namesNotUTF8(folder: String, count: Int, example: String)
    /// No naming rule finds a mask for any image.
    case noPairs(images: String, masks: String, imageNames: [String], maskNames: [String], tried: [String], triedCount: Int)
    case badName(String)
    case noCaptions(root: String, dataset: DatasetKind, looked: [String])
    case captions(TableError)
    /// `--caption` with an empty text.
    case badCaption(String)
    /// A folder of images or masks without an image file.
    case noPictures(NoPictures)
    /// A file that `--captions` names does not exist; `hint` lists the files beside it.
    case captionsNotFound(path: String, hint: String)
    /// Samples without a split, and no `--split`. `isKvasir`: the samples are those of Kvasir-SEG. `unread`: notes about columns that hold
    /// other words than split names.
    case noSplit(count: Int, of: Int, example: String, isKvasir: Bool, unread: [String] = [], captionsAreLeftOut: Bool = false)
    case badRatios(String)
    /// `--split`, although every sample has a split; `known` are the splits that have samples.
    case splitNotNeeded(source: String, known: [Split])
    /// `--group-by` without `--split`.
    case groupingNeedsShares(SubjectKind)
    /// `--group-by`, but no sample's name contains a subject.
    case noSubjects(kind: SubjectKind, example: String)
    /// `--group-column` without `--split`.
    case groupColumnNeedsShares(String)
    case tooFewGroups(column: String, count: Int, splits: Int)
    case tooFewSubjects(kind: SubjectKind, count: Int, splits: Int)
    /// Masks with several labels and no choice of foreground: each label with its number of files.
    case maskLabels(what: String, found: [String], files: Int)
    case maskColours(found: [String], files: Int)
    /// A choice of foreground that does not fit the masks.
    case maskChoice(option: String, reason: String)
    /// Two equally large groups of masks that hold different values.
    case masksDisagree([String], String, [String], String)
    /// All masks are empty or all are full; `what` says which.
    case masksWithoutContrast(what: String, count: Int, held: String)
    /// Every sample has a problem. `list` is the file that holds a long list of problems, `notes` what was inferred.
    case nothingGood(problems: [SampleProblem], list: String?, notes: [String])
    case manifestNotFound(path: String, known: [String])
    /// A file at a manifest's path that prep ingest did not write.
    case foreignManifest(path: String)
    /// The manifest's path is that of a caption file.
    case manifestIsInput(path: String, input: String)
    case manifestMalformed(path: String, line: Int?, reason: String)
    case manifestVersion(path: String, found: Int)
    case manifestMismatch(path: String, summary: String)
    /// The demo's folder holds files that the demo did not write.
    case folderOccupied(path: String, found: [String])
    case demoCount(Int)
    case drawing(String)
    case file(FileError)
    case cancelled

    public var kind: FailureKind {
        switch self {
        case .nothingGood: .data
        case .file(let error): error.kind
        case .captions(let error): error.kind
        case .drawing: .environment
        case .cancelled: .cancelled
        default: .usage
        }
    }
}
