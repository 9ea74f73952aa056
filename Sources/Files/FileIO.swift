// Whole files: reading and atomic writing, and folders. Not for parsing.
// Invariant: a written path holds either its old content or the whole new content, never a part of it.
import Foundation

public enum FileIO {
    /// The content of a regular file (or of a pipe or device, up to its end).
    /// - Parameter limit: the largest accepted size in bytes; a larger file is refused before it is read.
    public static func read(_ path: String, limit: Int? = nil) throws(FileError) -> [UInt8] {
        do {
            let descriptor = try Descriptor(opening: path, O_RDONLY)
            let status = try descriptor.status()
            if status.isFolder { throw FileError.notAFile(path: path, found: "a folder") }
            let size = Int(status.st_size)
            if let limit, size > limit { throw FileError.tooLarge(path: path, bytes: size, limit: limit) }
            if !status.isRegularFile || size == 0 { return try readToEnd(descriptor, path, limit: limit) }
            var failure: ErrorNumber?
            let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialised in
                do throws(ErrorNumber) {
                    initialised = try descriptor.read(
                        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<size]))
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            guard bytes.count == size else { throw FileError.changedWhileReading(path: path) }
            return bytes
        } catch let error as FileError {
            throw error
        } catch let error as ErrorNumber {
            throw .reading(path, error.code)
        } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
    }

    /// Fills a buffer with the first bytes of a file. The file must have at least that many bytes.
    public static func read(_ path: String, filling buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
        do throws(ErrorNumber) {
            let descriptor = try Descriptor(opening: path, O_RDONLY)
            if try descriptor.read(into: buffer) == buffer.count { return }
        } catch {
            throw .reading(path, error.code)
        }
        throw .changedWhileReading(path: path)
    }

    /// For files whose size is not known in advance (pipes, /proc).
    private static func readToEnd(_ descriptor: borrowing Descriptor, _ path: String, limit: Int?) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = try descriptor.read(into: chunk)
            bytes.append(contentsOf: chunk[0..<count])
            if let limit, bytes.count > limit { throw FileError.tooLarge(path: path, bytes: bytes.count, limit: limit) }
            if count < chunk.count { return bytes }
        }
    }

    /// The content of a file as text; bytes that are not UTF-8 are an error.
    public static func readText(_ path: String, limit: Int? = nil) throws(FileError) -> String {
        let bytes = try read(path, limit: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadable(path: path, reason: "it is not UTF-8 text")
        }
        return text
    }

    /// Writes to a temporary name in the same folder, flushes, renames, flushes the folder. On failure the old content stays.
    public static func writeAtomically(_ bytes: [UInt8], to path: String, flush: Flush = .contentAndName) throws(FileError) {
        let file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit(flush: flush)
    }

    /// Like `writeAtomically(_:to:)`, for bytes that are not in an array.
    public static func writeAtomically(_ bytes: UnsafeRawBufferPointer, to path: String, flush: Flush = .contentAndName) throws(FileError) {
        let file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit(flush: flush)
    }

    /// Like `writeAtomically(_:to:)`, for text, which is written in UTF-8.
    public static func writeAtomically(_ text: String, to path: String, flush: Flush = .contentAndName) throws(FileError) {
        try writeAtomically(Array(text.utf8), to: path, flush: flush)
    }

    /// Creates a folder and its missing parents. An existing folder is no error.
    public static func createFolder(_ path: String) throws(FileError) {
        if isFolder(path) { return }
        let parent = FileIO.parent(of: path)
        if !parent.isEmpty, parent != path, !exists(parent) { try createFolder(parent) }
        if mkdir(path, 0o777) == 0 { return }
        let code = errno
        if code == EEXIST, isFolder(path) { return }
        throw .writing(path, code)
    }

    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.isFolder
    }

    public static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.isRegularFile
    }

    /// Size of a file in bytes.
    public static func size(_ path: String) throws(FileError) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .reading(path, errno) }
        return Int(status.st_size)
    }

    /// The names in a folder (without "." and ".."), sorted by their UTF-8 bytes.
    public static func list(_ folder: String) throws(FileError) -> [String] {
        guard let stream = opendir(folder) else {
            let code = errno
            if code == ENOTDIR { throw .unreadable(path: folder, reason: "it is not a folder") }
            throw .reading(folder, code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .reading(folder, errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Removes one file. A missing file is no error.
    public static func remove(_ path: String) throws(FileError) {
        if unlink(path) != 0, errno != ENOENT { throw .writing(path, errno) }
    }

    /// The full path without "." and ".." (links are kept).
    public static func absolute(_ path: String) -> String {
        let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        return (full as NSString).standardizingPath
    }
}
