// Lets one process at a time use a cache folder. The lock ends with the process, however it ends.
import Files
import Foundation

public final class FolderLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `inUse` if another process (or another lock of this process) holds the lock.
    public init(folder: String) throws(DownloadError) {
        let path = folder + "/.lock"
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .file(.unwritable(path: path, reason: String(cString: strerror(errno)))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .inUse(path: folder)
        }
    }

    deinit { close(descriptor) }
}
