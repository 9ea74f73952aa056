// Every error that stops a run, with its exit code. The texts are in TrainingError+Description.swift.
import EventFiles
import Files
import Imaging
import Networks
import Shards
import Tensors
import Text
import WeightFiles

public enum TrainingError: UserFacingError {
    case runExists(path: String)
    case noRun(path: String)
    case foreignRun(path: String, reason: String)
    case settingsDiffer(option: String, given: String, recorded: String, path: String)
    case shardsChanged(path: String, split: String)
    /// Shards of another size than that of the run; `command` makes them again in the right size.
    case otherSize(path: String, found: Int, wanted: Int, command: String)
    /// A damaged shard, found during preparation or during the run.
    case damagedShard(ShardProblem)
    /// All training masks are empty, or all are full.
    case masksWithoutContrast(path: String, reason: String)
    case noShardLeft(folder: String, shards: Int, first: QuarantinedShard)
    case splitMissing(folder: String, split: String)
    /// `hint` says which folder was probably meant.
    case notShards(path: String, hint: String?)
    /// The disk has too little space for the files of a run.
    case noRoom(path: String, kept: String, most: String, free: String)
    /// A resumed run was given another number of epochs; `command` starts a longer run.
    case otherLength(given: Int, recorded: Int, path: String, command: String)
    /// A file that holds the optimizer's moments was given as a checkpoint; `best` is the checkpoint beside it.
    case noCheckpoint(path: String, best: String?)
    /// The run used an order of samples that this version does not have.
    case otherOrder(path: String, best: String)
    /// The network reads captions and the shards have none; `ways` are options of networks that read none.
    case shardsWithoutCaptions(path: String, model: String, ways: [String])
    /// A resumed run has another vocabulary than it began with.
    case otherTokenizer(path: String, given: String, recorded: String?)
    /// The vocabulary in the shards' folder is not the one that the shards were made with.
    case vocabularyChanged(shards: String)
    case imageSizeNotAMultiple(found: Int, of: Int, shards: String)
    case tokenOutOfRange(id: Int, vocabulary: Int, shards: String)
    /// The text encoder has fewer positions than captions have tokens.
    case captionsTooLong(tokens: Int, positions: Int, shards: String)
    /// A checkpoint that lacks parts of the model.
    case incompleteCheckpoint(path: String, report: String)
    case otherModel(path: String, report: String)
    /// A checkpoint of a larger network, or of a variant: `names` lie in the network's modules, but it does not have them.
    case largerModel(path: String, model: String, names: [String])
    /// A checkpoint whose last layer has another number of classes; `layer` is "output.weight [9, 96, 1, 1], expected [1, 96, 1, 1]".
    case otherClasses(path: String, model: String, layer: String)
    case checkpointOfOtherModel(path: String, found: String, expected: String)
    /// A checkpoint whose weights fit this network but give other results: the option that differs, and its values in both.
    case checkpointOfOtherOption(path: String, model: String, option: String, found: String, expected: String)
    case textEncoderNotUsed(model: String, everReadsText: Bool)
    case stateMismatch(path: String, reason: String)
    case lossNotFinite(step: Int, epoch: Int, terms: LossTerms, learningRate: Double, samples: [String])
    case file(FileError)
    case shards(ShardError)
    case weights(WeightFileError)
    case networks(NetworkError)
    case text(TextError)
    case events(EventFileError)
    /// A validation sample could not be drawn for TensorBoard.
    case picture(id: String, ImagingError)
    case backend(BackendError)
    /// The GPU's memory is too small for a step: bytes `wanted` by it, bytes `available` to it, the device's `total`, and the batch that
    /// would fit.
    case batchTooLarge(batch: Int, fits: Int, wanted: Int, available: Int, total: Int)

    public var kind: FailureKind {
        switch self {
        case .lossNotFinite, .damagedShard, .noShardLeft, .masksWithoutContrast: .data
        case .file(let error): error.kind
        case .weights(let error): error.kind
        case .networks(let error): error.kind
        case .shards(let error): error.kind
        case .text(let error): error.kind
        case .events(let error): error.kind
        case .backend(let error): error.kind
        case .batchTooLarge, .noRoom, .picture: .environment
        default: .usage
        }
    }
}
