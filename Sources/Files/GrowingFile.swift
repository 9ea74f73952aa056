// A file that grows at its end and can be cut back: logs, and lists of records. A run that is resumed goes on from its saved length.
// Invariant: `length` counts whole appends. An append that fails (a full disk) may leave a part behind, which the next append overwrites.
// Not for use by several threads at once.
import Foundation

public final class GrowingFile {
    public let path: String
    /// In bytes.
    public private(set) var length: Int
    private let descriptor: Descriptor

    /// A new file, which must not exist. Its name is on the disk when this returns.
    public init(new path: String) throws(FileError) {
        self.path = path
        length = 0
        do throws(ErrorNumber) {
            descriptor = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL)
            try Self.synchroniseFolder(of: path)
        } catch { throw .writing(path, error.code) }
    }

    /// A file of at least `length` bytes, cut to them if it is longer.
    /// - Parameter creates: an absent file counts as an empty one.
    /// - Throws: `unreadable` if the file is shorter.
    public init(_ path: String, keeping length: Int, creates: Bool = false) throws(FileError) {
        self.path = path
        self.length = length
        let end: Int
        do throws(ErrorNumber) {
            descriptor = try Descriptor(opening: path, O_WRONLY | (creates ? O_CREAT : 0))
            end = Int(try descriptor.status().st_size)
            if end > length, ftruncate(descriptor.number, off_t(length)) != 0 { throw ErrorNumber(errno) }
        } catch { throw .writing(path, error.code) }
        guard end >= length else {
            throw .unreadable(
                path: path, reason: "it holds \(end) bytes where the saved state expects at least \(length); it was changed since")
        }
    }

    public func append(_ bytes: [UInt8]) throws(FileError) {
        // The closure form rethrows without a type, so the typed failure is passed out through this variable.
        var failure: ErrorNumber?
        bytes.withUnsafeBytes { buffer in
            do throws(ErrorNumber) { try descriptor.write(buffer, at: length) } catch { failure = error }
        }
        if let failure { throw .writing(path, failure.code) }
        length += bytes.count
    }

    public func append(line: String) throws(FileError) { try append(Array((line + "\n").utf8)) }

    /// Returns when the file is on the disk: it survives a crash of the machine.
    public func synchronise() throws(FileError) {
        do throws(ErrorNumber) { try descriptor.synchronise() } catch { throw .writing(path, error.code) }
    }

    /// Gives a whole file another name in the same folder, in place of the file of that name. The name is on the disk when this returns.
    public static func rename(_ old: String, to new: String) throws(FileError) {
        do throws(ErrorNumber) {
            guard Foundation.rename(old, new) == 0 else { throw ErrorNumber(errno) }
            try synchroniseFolder(of: new)
        } catch { throw .writing(new, error.code) }
    }

    private static func synchroniseFolder(of path: String) throws(ErrorNumber) {
        let folder = FileIO.parent(of: path)
        try Descriptor(opening: folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY).synchronise()
    }
}
