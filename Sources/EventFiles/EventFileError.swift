// What stops the writing or reading of an event file. The texts are in EventFileError+Description.swift.
import Files

public enum EventFileError: UserFacingError, Equatable {
    case file(FileError)
    /// A file in the folder that TensorBoard would take for events of this run, and that this program did not write.
    case foreign(path: String, found: String)
    /// More than one event file of this program in a run's folder; a run writes one.
    case several(folder: String, names: [String])
    /// Bytes that are no PNG were given as the picture of a series.
    case notPNG(tag: String)

    public var kind: FailureKind {
        switch self {
        case .file(let error): error.kind
        case .foreign, .several: .usage
        case .notPNG: .data
        }
    }
}
