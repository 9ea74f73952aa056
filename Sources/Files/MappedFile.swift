// A file mapped read-only into memory. Invariant: the mapping lives as long as the object.
// Not for files that other processes may shorten (the access would fault): read those with FileIO.read.
import Foundation

public final class MappedFile: @unchecked Sendable {
    public let path: String
    /// The whole file. Valid while the object lives. It is never written, so threads can share it safely.
    public let bytes: UnsafeRawBufferPointer

    public init(_ path: String) throws(FileError) {
        self.path = path
        do throws(ErrorNumber) { bytes = try Self.map(path) } catch { throw .reading(path, error.code) }
    }

    private static func map(_ path: String) throws(ErrorNumber) -> UnsafeRawBufferPointer {
        let descriptor = try Descriptor(opening: path, O_RDONLY)
        let status = try descriptor.status()
        guard status.isRegularFile else { throw ErrorNumber(status.isFolder ? EISDIR : ENODEV) }
        let size = Int(status.st_size)
        if size == 0 { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor.number, 0), start != MAP_FAILED else {
            throw ErrorNumber(errno)
        }
        return UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}
