// Which file a path means, so that two paths of the same file are recognised in spite of links, "..", hard links and letter case.
// Invariant: a path that does not exist yet also has an identity, from its folder's identity. Nothing is created or opened.
import Foundation

public struct FileIdentity: Sendable {
    /// Device and inode; nil if the path does not exist.
    private let node: Node?
    /// The full path without links, as far as it exists.
    public let resolved: String
    /// A device, pipe or socket: writing to it replaces nothing.
    public let isSpecial: Bool

    private struct Node: Sendable, Equatable {
        let device: UInt64, inode: UInt64
    }

    public init(_ path: String) {
        resolved = Self.resolve(FileIO.rooted(path), links: 40)
        var status = stat()
        let there = stat(path, &status) == 0
        node = there ? Node(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)) : nil
        isSpecial = there && !status.isRegularFile && !status.isFolder
    }

    public var exists: Bool { node != nil }

    /// Whether both paths mean the same file. Existing files are compared by inode and device, new ones by name.
    public func isSame(as other: FileIdentity) -> Bool {
        if let node, let second = other.node, node == second { return true }
        return resolved == other.resolved
    }

    /// Whether the names differ only in letter case: they are the same file on a disk that ignores case.
    public func differsOnlyInCase(from other: FileIdentity) -> Bool {
        !isSame(as: other) && resolved.lowercased() == other.resolved.lowercased()
    }

    /// Whether this lies in a folder, at any depth.
    public func isInside(_ folder: FileIdentity) -> Bool {
        (resolved + "/").lowercased().hasPrefix((folder.resolved + "/").lowercased()) && !isSame(as: folder)
    }

    /// `realpath` handles only existing paths, so it resolves the part that exists. A link whose target does not exist yet is followed too.
    private static func resolve(_ path: String, links: Int) -> String {
        if let whole = realpath(path, nil) {
            defer { free(whole) }
            return String(cString: whole)
        }
        let name = FileIO.lastPart(of: path), folder = FileIO.parent(of: path)
        if links > 0, let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) {
            return resolve(target.hasPrefix("/") ? target : folder + "/" + target, links: links - 1)
        }
        if folder.isEmpty || folder == path { return path }
        let above = resolve(folder, links: links)
        switch name {
        case ".", "": return above
        case "..": return FileIO.parent(of: above)
        default: return above == "/" ? "/" + name : above + "/" + name
        }
    }
}

extension FileIO {
    /// The path from the root, with "." and ".." kept.
    static func rooted(_ path: String) -> String { path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path }

    /// Checks that a file could be written at the path now: its folder exists and accepts a file. The check leaves nothing behind.
    public static func checkWritable(_ path: String) throws(FileError) {
        let folder = parent(of: rooted(path))
        if isFolder(path) { throw .notAFile(path: path, found: "a folder") }
        var status = stat()
        if stat(path, &status) == 0, !status.isRegularFile {
            if access(path, W_OK) != 0 { throw .writing(path, errno) }
            return
        }
        guard isFolder(folder) else {
            if exists(folder) { throw .unwritable(path: path, reason: "\(FileIO.parent(of: path)) is not a folder") }
            throw .noFolder(path: path, folder: FileIO.parent(of: path))
        }
        try tryToWrite(in: folder, for: path)
    }

    /// Checks that files could be written in a folder that exists or will be created: the nearest existing folder accepts a file. The check
    /// leaves nothing behind.
    public static func checkWritableFolder(_ path: String) throws(FileError) {
        var folder = rooted(path)
        while !exists(folder), folder != "/" { folder = FileIO.parent(of: folder) }
        guard isFolder(folder) else { throw .unwritable(path: path, reason: "\(folder) is not a folder") }
        try tryToWrite(in: folder, for: path)
    }

    /// Linux's O_TMPFILE, which Swift does not import.
    private static let unnamedFile = 0o20_000_000 | O_DIRECTORY

    /// Makes a file without a name in the folder, so that a process that is killed at that moment leaves nothing. File systems that have no
    /// such files get one with a name.
    /// - Parameter path: what an error names.
    private static func tryToWrite(in folder: String, for path: String) throws(FileError) {
        let descriptor = open(folder, unnamedFile | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
            return
        }
        guard [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(errno) else { throw .writing(path, errno) }
        do throws(FileError) { try AtomicFile(path: folder + "/.vlseg-try").discard() } catch {
            if case .unwritable(_, let reason) = error { throw .unwritable(path: path, reason: reason) }
            throw error
        }
    }

    /// The first bytes of a file, at most `count`.
    public static func head(_ path: String, _ count: Int) throws(FileError) -> [UInt8] {
        do throws(ErrorNumber) {
            let descriptor = try Descriptor(opening: path, O_RDONLY)
            var failure: ErrorNumber?
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialised in
                do throws(ErrorNumber) { initialised = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer)) } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            return bytes
        } catch {
            throw .reading(path, error.code)
        }
    }

    /// Free bytes for this user on the file system of a path, which need not exist yet; nil if the file system does not report it.
    public static func freeSpace(at path: String) -> Int? {
        var folder = rooted(path)
        while !exists(folder), folder != "/" { folder = FileIO.parent(of: folder) }
        var status = statvfs()
        guard statvfs(folder, &status) == 0, status.f_blocks > 0 else { return nil }
        return Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }
}
