// A file that grows by appending and stays when the process ends. Not for reading.
import Files
import Foundation

final class PartialFile {
    private let path: String
    private let descriptor: Int32
    /// Number of bytes in the file when it was opened.
    let count: Int

    init(_ path: String) throws(DownloadError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw Self.failure(path, code)
        }
        count = Int(status.st_size)
    }

    deinit { close(descriptor) }

    func append(_ bytes: UnsafeRawBufferPointer) throws(DownloadError) {
        var rest = bytes
        while !rest.isEmpty {
            let written = write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw Self.failure(path, errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    func clear() throws(DownloadError) {
        guard ftruncate(descriptor, 0) == 0 else { throw Self.failure(path, errno) }
    }

    func synchronise() throws(DownloadError) {
        guard fsync(descriptor) == 0 else { throw Self.failure(path, errno) }
    }

    private static func failure(_ path: String, _ code: Int32) -> DownloadError {
        switch code {
        case ENOSPC, EDQUOT: .file(.noSpace(path: path))
        default: .file(.unwritable(path: path, reason: String(cString: strerror(code))))
        }
    }
}
