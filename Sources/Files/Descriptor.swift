// A file descriptor that closes itself, with reads and writes of whole buffers (short counts and EINTR are handled).
import Foundation

struct Descriptor: ~Copyable {
    let number: Int32

    init(opening path: String, _ flags: Int32, mode: mode_t = 0o666) throws(ErrorNumber) {
        var opened = open(path, flags | O_CLOEXEC, mode)
        while opened < 0, errno == EINTR { opened = open(path, flags | O_CLOEXEC, mode) }
        guard opened >= 0 else { throw ErrorNumber(errno) }
        number = opened
    }

    deinit { _ = close(number) }

    func status() throws(ErrorNumber) -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw ErrorNumber(errno) }
        return status
    }

    /// Reads until `buffer` is full or the file ends; returns the number of bytes read.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ErrorNumber) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = Foundation.read(number, base + done, buffer.count - done)
            if count == 0 { break }
            if count > 0 { done += count } else if errno != EINTR { throw ErrorNumber(errno) }
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ErrorNumber) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = Foundation.write(number, base + done, bytes.count - done)
            if count >= 0 { done += count } else if errno != EINTR { throw ErrorNumber(errno) }
        }
    }

    /// Writes at a place, whatever was written before.
    func write(_ bytes: UnsafeRawBufferPointer, at place: Int) throws(ErrorNumber) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = pwrite(number, base + done, bytes.count - done, off_t(place + done))
            if count >= 0 { done += count } else if errno != EINTR { throw ErrorNumber(errno) }
        }
    }

    /// Takes the file's lock, which is held until the descriptor closes. False if another process holds it or the file system has no locks.
    @discardableResult
    func lock() -> Bool { flock(number, LOCK_EX | LOCK_NB) == 0 }

    /// Flushes to the device. A file that cannot be flushed (a pipe, some network mounts) counts as flushed.
    func synchronise() throws(ErrorNumber) {
        guard fsync(number) != 0 else { return }
        let code = errno
        if code != EINVAL, code != EROFS { throw ErrorNumber(code) }
    }
}

/// The value of errno after a failed call.
struct ErrorNumber: Error {
    let code: Int32
    init(_ code: Int32) { self.code = code }
}

extension stat {
    var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
    var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
}
