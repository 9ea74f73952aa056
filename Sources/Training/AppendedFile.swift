// A log that grows line by line and can be cut back to where a saved state left it, so that a resumed run's log equals an uninterrupted
// one's.
import Files
import Foundation

public final class AppendedFile {
    public let path: String
    /// Length in bytes; part of the trainer's saved state.
    public private(set) var length: Int
    private let descriptor: Int32

    /// Opens the file, creating it if absent, and cuts it to `keeping` bytes.
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

    /// Makes what was appended survive a crash of the machine.
    public func flush() throws(FileError) {
        if fsync(descriptor) != 0 { throw Self.failure(path) }
    }

    private static func failure(_ path: String) -> FileError {
        errno == ENOSPC || errno == EDQUOT ? .noSpace(path: path) : .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
}
