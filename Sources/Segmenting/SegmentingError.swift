// Errors of evaluation and prediction besides those of training. The texts are in SegmentingError+Description.swift.
import Files
import Imaging
import NumPyFiles
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
    /// Files that are no predictions, in the place of predictions.
    case foreignFiles(folder: String, paths: [String])
    case noCaption(id: String)
    /// The probabilities contain NaN or infinity.
    case notFinite(checkpoint: String)
    /// --no-text for a network that reads no captions.
    case noCaptionsToWithhold(checkpoint: String)
    case captionMissing(checkpoint: String)
    /// A network that reads captions, and shards without.
    case shardsWithoutCaptions(shards: String, checkpoint: String, model: String)
    case array(NPYError)
    /// Text given to a network that reads none, by its option.
    case textNotRead(option: String, model: String, everReadsText: Bool)
    /// Options of a network that its checkpoint was not trained with.
    case otherModelOption(checkpoint: String, option: String, found: String, given: String)
    case cancelled

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

    static func arrays<T>(_ body: () throws(NPYError) -> T) throws(SegmentingError) -> T {
        do throws(NPYError) { return try body() } catch { throw .array(error) }
    }

    package static func wrapping<T>(_ body: () throws(FileError) -> T) throws(SegmentingError) -> T {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }
}
