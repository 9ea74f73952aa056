// Errors of explanations besides those of reading a checkpoint. The texts are in ExplainingError+Description.swift.
import Files
import Imaging
import Segmenting
import Tensors

public enum ExplainingError: UserFacingError {
    case segmenting(SegmentingError)
    case device(BackendError)
    case image(path: String, ImagingError)
    case file(FileError)
    case drawing(ImagingError)
    /// A name that is none of the network's feature maps.
    case unknownTap(name: String, known: [String])
    case pointOutside(column: Int, row: Int, id: String, width: Int, height: Int)
    case unknownSamples(ids: [String], shards: String, split: String)
    /// Two samples whose files would have the same name.
    case sameFile(first: String, second: String)
    /// Files in the output folder that no explanation wrote.
    case foreignFiles(folder: String, paths: [String])
    /// `done` panels of the samples were written.
    case cancelled(folder: String, done: Int)

    public var kind: FailureKind {
        switch self {
        case .segmenting(let error): error.kind
        case .file(let error): error.kind
        case .device, .drawing: .environment
        case .cancelled: .cancelled
        default: .usage
        }
    }

    static func wrapping<T>(_ body: () throws(SegmentingError) -> T) throws(ExplainingError) -> T {
        do throws(SegmentingError) { return try body() } catch { throw .segmenting(error) }
    }

    static func wrapping<T>(_ body: () throws(FileError) -> T) throws(ExplainingError) -> T {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }

    static func drawing<T>(_ body: () throws(ImagingError) -> T) throws(ExplainingError) -> T {
        do throws(ImagingError) { return try body() } catch { throw .drawing(error) }
    }
}
