// Errors of evaluation and prediction besides those of training. The texts are in SegmentingError+Description.swift.
import Files
import Imaging
import NumPyFiles
import Shards
import Text
import Training

public enum SegmentingError: UserFacingError {
    case training(TrainingError)
    case file(FileError)
    case text(TextError)
    case image(path: String, ImagingError)
    /// A published checkpoint does not say which text encoder it was trained with.
    case encoderNotGiven(checkpoint: String)
    case otherEncoder(checkpoint: String, given: String)
    case vocabularyMissing(looked: [String])
    case otherVocabulary(path: String, checkpoint: String)
    case otherImageSize(shards: String, split: String, found: Int, wanted: Int)
    /// Two samples whose predictions would have the same file name.
    case sameFile(first: String, second: String, path: String)
    /// Files at the paths of predictions that are not predictions.
    case foreignFiles(folder: String, paths: [String])
    /// Scores at the original size from shards that hold no masks of it.
    case noOriginalMasks(shards: String, split: String)
    /// A caption without a text feature: the shards changed while they were read.
    case noCaption(String)
    /// Repeated passes with dropout of a network that has none.
    case noDropout(checkpoint: String, model: String)
    /// Several passes of an input that is an array.
    case uncertaintyOfArrays(kind: String)
    /// Predictions over captions without a caption: the network reads none, or they are withheld.
    case noCaptionToVary(checkpoint: String, isWithheld: Bool)
    /// A file of `segment calibrate` that is not there or cannot be read, and the command that writes it.
    case calibrationMissing(path: String, command: String)
    case calibrationUnreadable(path: String, command: String)
    case noPixels(shards: String, split: String)
    /// A calibration of other weights.
    case calibrationOfOther(path: String, checkpoint: String, command: String)
    /// Two images whose masks would have the same file name.
    case sameMask(first: String, second: String, path: String)
    /// Files in a folder of predictions, or beside it, that this program did not write.
    case otherFiles(folder: String, paths: [String])
    /// A folder that holds predictions of another network, precision or text encoder.
    case otherPredictions(folder: String)
    /// The probabilities contain NaN or infinity. `arrays` are the input files whose values go into the network as they are.
    case notFinite(checkpoint: String, arrays: [String])
    /// Other captions than the shards' for a network that reads none.
    case noCaptionsToWithhold(checkpoint: String)
    case captionMissing(checkpoint: String)
    /// A network that reads captions, but shards without captions.
    case shardsWithoutCaptions(shards: String, checkpoint: String, model: String)
    case array(NPYError)
    /// Text given to a network that reads none, by its option.
    case textNotRead(option: String, model: String, everReadsText: Bool)
    /// Options of a network that its checkpoint was not trained with.
    case otherModelOption(checkpoint: String, option: String, found: String, given: String)
    /// `predictions`: the folder that holds those of the images that were done.
    case cancelled(predictions: String?)

    public var kind: FailureKind {
        switch self {
        case .training(let error): error.kind
        case .file(let error): error.kind
        case .text(let error): error.kind
        case .array(let error): error.kind
        case .noCaption, .notFinite: .data
        case .cancelled: .cancelled
        default: .usage
        }
    }

    package static func wrapping<T>(_ body: () throws(TrainingError) -> T) throws(SegmentingError) -> T {
        do throws(TrainingError) { return try body() } catch { throw .training(error) }
    }

    static func shards<T>(_ body: () throws(ShardError) -> T) throws(SegmentingError) -> T {
        do throws(ShardError) { return try body() } catch { throw .training(.shards(error)) }
    }

    static func arrays<T>(_ body: () throws(NPYError) -> T) throws(SegmentingError) -> T {
        do throws(NPYError) { return try body() } catch { throw .array(error) }
    }

    package static func wrapping<T>(_ body: () throws(FileError) -> T) throws(SegmentingError) -> T {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }
}
