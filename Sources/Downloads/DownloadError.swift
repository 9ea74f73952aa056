// Errors of transfers from a server. The texts are in DownloadError+Description.swift.
import Files

public enum DownloadError: UserFacingError {
    case badAddress(url: String, reason: String)
    case notFound(url: String, status: Int)
    /// 401, 403.
    case forbidden(url: String, status: Int)
    case refused(url: String, status: Int)
    case hostUnknown(url: String)
    case noConnection(url: String, reason: String)
    case certificate(url: String, reason: String)
    /// The connection ended early, after all attempts; `received` of `expected` bytes are kept.
    case cut(url: String, received: Int, expected: Int?, reason: String)
    case tooLong(url: String, expected: Int)
    case wrongSize(url: String, found: Int, expected: Int)
    case wrongHash(url: String, algorithm: String, found: String, expected: String)
    /// Another process is writing to the same cache folder.
    case inUse(path: String)
    case noCacheFolder
    case file(FileError)
    case cancelled

    public var kind: FailureKind {
        switch self {
        case .badAddress, .notFound, .forbidden: .usage
        case .wrongHash, .wrongSize, .tooLong: .data
        case .cancelled: .cancelled
        default: .environment
        }
    }

    /// The server answered, but does not have the expected file: another attempt would not help.
    package var isOfTheFile: Bool {
        switch self {
        case .wrongHash, .wrongSize, .tooLong, .notFound, .forbidden: true
        default: false
        }
    }
    package static func wrapping<Value>(_ body: () throws(FileError) -> Value) throws(DownloadError) -> Value {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }
}
