// Errors that end an export. The texts are in ExportError+Description.swift.
import Files
import Imaging
import Shards

public enum ExportError: UserFacingError {
    case notShards(path: String, hint: String?)
    /// The target holds files that this program did not write.
    case occupied(path: String, found: [String])
    /// The target holds another export.
    case otherExport(path: String)
    /// An id that cannot be a file name.
    case badID(id: String, folder: String)
    /// Two samples whose files would have the same name.
    case sameName(first: String, second: String, folder: String)
    /// The same id in two splits, whose pictures go into one folder.
    case inTwoSplits(id: String, first: String, second: String)
    case picture(id: String, reason: ImagingError)
    case shards(ShardError)
    case file(FileError)
    case cancelled

    public var kind: FailureKind {
        switch self {
        case .notShards, .occupied, .otherExport, .badID, .sameName, .inTwoSplits: .usage
        case .picture: .data
        case .shards(let error): error.kind
        case .file: .environment
        case .cancelled: .cancelled
        }
    }
    static func wrapping<Value>(_ body: () throws(FileError) -> Value) throws(ExportError) -> Value {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }
}
