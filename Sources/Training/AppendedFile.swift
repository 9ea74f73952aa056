// A log that grows by lines and can be truncated to its length in a saved state, so that a resumed run's log equals that of an
// uninterrupted run.
import Files
import Foundation

public final class AppendedFile {
    public let path: String
    /// Length in bytes; part of the trainer's saved state.
    public private(set) var length: Int
    private let descriptor: Int32

    /// Opens the file, creates it if it does not exist, and truncates it to `keeping` bytes.
    public init(_ path: String, keeping: Int) throws(FileError) {
        self.path = path
        length = keeping
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.failure(path) }
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= keeping else {
            close(descriptor)
            throw .unreadable(
                path: path, reason: "it holds \(end) bytes where the saved state expects at least \(keeping); it was changed since")
        }
        guard ftruncate(descriptor, keeping) == 0, lseek(descriptor, keeping, SEEK_SET) == keeping else {
            let error = Self.failure(path)
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    public func append(_ line: String) throws(FileError) {
        var rest = Array((line + "\n").utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
                length += written
            } else if errno != EINTR {
                throw Self.failure(path)
            }
        }
    }

    /// Flushes the appended lines, so that they survive a crash of the machine.
    public func flush() throws(FileError) {
        if fsync(descriptor) != 0 { throw Self.failure(path) }
    }

    private static func failure(_ path: String) -> FileError {
        errno == ENOSPC || errno == EDQUOT ? .noSpace(path: path) : .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
}
