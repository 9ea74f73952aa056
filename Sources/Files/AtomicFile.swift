// A file written in pieces that appears under its name only when it is whole.
// Invariants: before `commit` the path is untouched; without `commit` nothing remains (a killed process may leave the
// temporary file, whose name `isTemporaryName` recognises and which `removeLeftovers` removes). A device or pipe as the target is written
// directly. Not for several threads at once.
import Foundation
import Synchronization

/// What must be on the disk before a file's writing is reported as done: it decides what a power cut can take, not what a killed process
/// can.
public enum Flush: Sendable {
    /// Nothing: for what is checked when it is read and can be made again.
    case nothing
    /// The content. Its name is on the disk once the folder is flushed, by whoever has more files to put there.
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
        if there, status.isFolder { throw .unwritable(path: path, reason: "a folder of that name is there") }
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
                // Left by a killed process that had this process number.
                unlink(temporary)
                descriptor = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_EXCL)
            }
            // Held until the file gets its name or its process ends: tells a file being written from a left-over.
            descriptor?.lock()
        } catch {
            throw .writing(path, error.code)
        }
    }

    deinit { discard() }

    public func write(_ bytes: [UInt8]) throws(FileError) {
        // The closure form is rethrowing without a type, so the failure is carried out by hand.
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

    /// Flushes and renames. After it the object takes no more bytes.
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

    /// Drops what was written; the path keeps its old content. Harmless after `commit`.
    public func discard() {
        guard descriptor != nil else { return }
        descriptor = nil
        if let temporary { unlink(temporary) }
    }

    /// Whether a name in a folder is a left-over of an AtomicFile for `name`, made by a process that was killed.
    public static func isTemporaryName(_ candidate: String, for name: String) -> Bool {
        candidate.hasPrefix(".\(name)\(marker)")
    }

    /// Removes what killed processes left of files for this path. One that a process still writes stays.
    public static func removeLeftovers(for path: String) throws(FileError) {
        let folder = folder(of: path), name = FileIO.lastPart(of: path)
        for candidate in try FileIO.list(folder) where isTemporaryName(candidate, for: name) {
            let full = folder + "/" + candidate
            let isFree: Bool
            do throws(ErrorNumber) { isFree = try Descriptor(opening: full, O_WRONLY).lock() } catch {
                // Got its name or was removed meanwhile, or is another user's and so not ours to remove.
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
