// A file that is written in pieces and appears under its name only when it is whole.
// Invariants: before `commit` the path is unchanged. Without `commit` nothing remains, except that a killed process may leave the temporary
// file: `isTemporaryName` recognises its name and `removeLeftovers` removes it. If the target is a device or pipe, it is written directly.
// Not for use by several threads at once.
import Foundation
import Synchronization

/// What must be on the disk before the write is reported as done. This decides what survives a power cut; a killed process loses nothing in
/// any case.
public enum Flush: Sendable {
    /// Nothing: for files that are checked when they are read and can be made again.
    case nothing
    /// The content only. The caller puts more files into the folder and then flushes the folder, which puts the name on the disk.
    case content
    case contentAndName
}

public final class AtomicFile {
    public let path: String
    private let temporary: String?
    private var descriptor: Descriptor?
    private static let serial = Atomic<Int>(0)
    private static let marker = ".vlseg-partial-"

    /// Opens a temporary file beside `path`. The folder must exist.
    public init(path: String) throws(FileError) {
        self.path = path
        var status = stat()
        let there = stat(path, &status) == 0
        if there, status.isFolder { throw .unwritable(path: path, reason: "a folder of that name exists") }
        if there, !status.isRegularFile {
            temporary = nil
        } else {
            let name = FileIO.lastPart(of: path)
            let serial = Self.serial.wrappingAdd(1, ordering: .relaxed).newValue
            temporary = "\(Self.folder(of: path))/.\(name)\(Self.marker)\(getpid())-\(serial)"
        }
        do throws(ErrorNumber) {
            guard let temporary else {
                descriptor = try Descriptor(opening: path, O_WRONLY)
                return
            }
            do throws(ErrorNumber) {
                descriptor = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_EXCL)
            } catch {
                guard error.code == EEXIST else { throw error }
                // A killed process with the same process number left this file.
                unlink(temporary)
                descriptor = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_EXCL)
            }
            // The lock is held until the file gets its name or the process ends. It tells a file that is being written from a left-over.
            descriptor?.lock()
        } catch {
            throw .writing(path, error.code)
        }
    }

    deinit { discard() }

    public func write(_ bytes: [UInt8]) throws(FileError) {
        // The closure form rethrows without a type, so the typed failure is passed out through this variable.
        var failure: FileError?
        bytes.withUnsafeBytes { buffer in
            do throws(FileError) { try write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        do throws(ErrorNumber) {
            try descriptor?.write(bytes)
        } catch {
            discard()
            throw .writing(path, error.code)
        }
    }

    /// Flushes and renames. Afterwards the object accepts no more bytes.
    public func commit(flush: Flush = .contentAndName) throws(FileError) {
        guard descriptor != nil else { throw .unwritable(path: path, reason: "it was already committed or discarded") }
        do throws(ErrorNumber) {
            if flush != .nothing { try descriptor?.synchronise() }
            descriptor = nil
            guard let temporary else { return }
            guard rename(temporary, path) == 0 else { throw ErrorNumber(errno) }
            if flush == .contentAndName { try Descriptor(opening: Self.folder(of: path), O_RDONLY | O_DIRECTORY).synchronise() }
        } catch {
            if let temporary { unlink(temporary) }
            descriptor = nil
            throw .writing(path, error.code)
        }
    }

    /// Drops what was written; the path keeps its old content. Does nothing after `commit`.
    public func discard() {
        guard descriptor != nil else { return }
        descriptor = nil
        if let temporary { unlink(temporary) }
    }

    /// Whether a name in a folder is a left-over of an AtomicFile for `name` that a killed process wrote.
    public static func isTemporaryName(_ candidate: String, for name: String) -> Bool {
        candidate.hasPrefix(".\(name)\(marker)")
    }

    /// Removes the temporary files that killed processes left for this path. A file that a process is still writing is kept.
    public static func removeLeftovers(for path: String) throws(FileError) {
        let folder = folder(of: path), name = FileIO.lastPart(of: path)
        for candidate in try FileIO.list(folder) where isTemporaryName(candidate, for: name) {
            let full = folder + "/" + candidate
            let isFree: Bool
            do throws(ErrorNumber) { isFree = try Descriptor(opening: full, O_WRONLY).lock() } catch {
                // The file got its name or was removed meanwhile, or it belongs to another user and must not be removed.
                if [ENOENT, EACCES, EPERM].contains(error.code) { continue }
                throw .writing(full, error.code)
            }
            if isFree { try FileIO.remove(full) }
        }
    }

    private static func folder(of path: String) -> String {
        let folder = FileIO.parent(of: path)
        return folder.isEmpty ? "." : folder
    }
}
