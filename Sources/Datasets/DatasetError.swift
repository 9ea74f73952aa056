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
    /// A folder named by an option is not there.
    case folderNotFound(option: String, path: String, hint: String)
    /// A pattern of names without exactly one "{id}".
    case badPattern(option: String, text: String)
    /// File names whose bytes are no UTF-8, so that no caption can name them.
    case namesNotUTF8(folder: String, count: Int, example: String)
    /// No rule leads from any image to a mask.
    case noPairs(images: String, masks: String, imageNames: [String], maskNames: [String], tried: [String], triedCount: Int)
    case badName(String)
    case noCaptions(root: String, dataset: DatasetKind, looked: [String])
    case captions(TableError)
    /// `--caption` with a text that is none.
    case badCaption(String)
    /// A folder of images or masks without a picture.
    case noPictures(NoPictures)
    /// A file that `--captions` names is not there; `hint` says what is.
    case captionsNotFound(path: String, hint: String)
    /// Samples without a split, and no `--split`; `isKvasir` where they are those of the Kvasir-SEG release, `unread` says of columns of
    /// other words.
    case noSplit(count: Int, of: Int, example: String, isKvasir: Bool, unread: [String] = [], captionsAreLeftOut: Bool = false)
    case badRatios(String)
    /// `--split`, and each sample has its split; `known` are those that have samples.
    case splitNotNeeded(source: String, known: [Split])
    /// `--group-by` without `--split`.
    case groupingNeedsShares(SubjectKind)
    /// `--group-by`, and not one name tells a subject.
    case noSubjects(kind: SubjectKind, example: String)
    /// `--group-column` without `--split`.
    case groupColumnNeedsShares(String)
    case tooFewGroups(column: String, count: Int, splits: Int)
    case tooFewSubjects(kind: SubjectKind, count: Int, splits: Int)
    /// Masks of several labels, and no choice among them: each with the number of files that hold it.
    case maskLabels(what: String, found: [String], files: Int)
    case maskColours(found: [String], files: Int)
    /// A choice of the user's that the masks do not allow.
    case maskChoice(option: String, reason: String)
    /// As many files say one thing as another.
    case masksDisagree([String], String, [String], String)
    /// Every mask is empty or full; `what` says which.
    case masksWithoutContrast(what: String, count: Int, held: String)
    /// Every sample has a problem. `list` is the file that holds them all where there are many, `notes` what was inferred.
    case nothingGood(problems: [SampleProblem], list: String?, notes: [String])
    case manifestNotFound(path: String, known: [String])
    /// A file in a manifest's place that is none.
    case foreignManifest(path: String)
    /// A manifest that would be written over a caption file.
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
