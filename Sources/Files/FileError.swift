// Every way in which reading or writing a file can fail, with the values its message needs.
// Texts are in FileError+Description.swift.
import Foundation

public enum FileError: UserFacingError, Equatable {
    /// Nothing exists at the path.
    case notFound(path: String)
    /// A file was expected, but the path is a folder, device or socket.
    case notAFile(path: String, found: String)
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    /// The folder for a new file does not exist.
    case noFolder(path: String, folder: String)
    /// The device or the quota is full.
    case noSpace(path: String)
    /// The file is larger than the caller's limit, in bytes.
    case tooLarge(path: String, bytes: Int, limit: Int)
    /// The file became shorter while it was being read.
    case changedWhileReading(path: String)

    /// `usage` if another path may help, `environment` if the machine has a problem.
    public var kind: FailureKind {
        switch self {
        case .notFound, .notAFile, .tooLarge, .noFolder: .usage
        case .unreadable, .unwritable, .noSpace, .changedWhileReading: .environment
        }
    }

    static func reading(_ path: String, _ code: Int32) -> FileError {
        switch code {
        case ENOENT, ENOTDIR: .notFound(path: path)
        case EISDIR: .notAFile(path: path, found: "a folder")
        default: .unreadable(path: path, reason: String(cString: strerror(code)))
        }
    }

    /// The error of a failed write, from errno.
    public static func writing(_ path: String, _ code: Int32) -> FileError {
        switch code {
        case ENOSPC, EDQUOT: .noSpace(path: path)
        default: .unwritable(path: path, reason: String(cString: strerror(code)))
        }
    }
}
