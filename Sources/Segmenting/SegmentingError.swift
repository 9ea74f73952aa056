// What stops evaluation and prediction beyond what training knows; words in SegmentingError+Description.swift.
import Files
import Imaging
import Text
import Training

public enum SegmentingError: UserFacingError {
    case training(TrainingError)
    case file(FileError)
    case text(TextError)
    case image(path: String, ImagingError)
    /// A published checkpoint says nothing about its text encoder.
    case encoderNotGiven(checkpoint: String)
    case otherEncoder(checkpoint: String, given: String)
    case vocabularyMissing(looked: [String])
    case otherVocabulary(path: String, checkpoint: String)
    case otherImageSize(shards: String, split: String, found: Int, wanted: Int)
    /// Two samples whose predictions would have one file.
    case sameFile(first: String, second: String, path: String)
    /// Files in the place of predictions that are none.
    case foreignFiles(folder: String, paths: [String])
    case noCaption(id: String)
    /// Probabilities that are no numbers.
    case notFinite(checkpoint: String)
    /// Asked to withhold captions from a network that reads none.
    case noCaptionsToWithhold(checkpoint: String)
    case captionMissing(checkpoint: String)
    case cancelled

    public var kind: FailureKind {
        switch self {
        case .training(let error): error.kind
        case .file(let error): error.kind
        case .text(let error): error.kind
        case .noCaption, .notFinite: .data
        case .cancelled: .cancelled
        default: .usage
        }
    }

    package static func wrapping<T>(_ body: () throws(TrainingError) -> T) throws(SegmentingError) -> T {
        do throws(TrainingError) { return try body() } catch { throw .training(error) }
    }

    package static func wrapping<T>(_ body: () throws(FileError) -> T) throws(SegmentingError) -> T {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }
}
