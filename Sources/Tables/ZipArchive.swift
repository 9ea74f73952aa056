// Reads parts of a zip file held in memory, through libzip. The one place of this library with C pointers.
//
// Invariants: no part is unpacked beyond `partLimit`; the declared size is checked first and the true one while reading.
import CZip

final class ZipArchive {
    struct Failure: Error { let reason: String }
    struct TooLarge: Error { let part: String, bytes: UInt64 }

    /// No caption sheet comes near this.
    static let partLimit: UInt64 = 128 << 20

    private let bytes: [UInt8]
    private let copy: UnsafeMutableRawBufferPointer
    private let archive: OpaquePointer

    init(_ bytes: [UInt8]) throws(Failure) {
        self.bytes = bytes
        copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        copy.copyBytes(from: bytes)
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        guard let source = zip_source_buffer_create(copy.baseAddress, zip_uint64_t(bytes.count), 0, &error) else {
            copy.deallocate()
            throw Failure(reason: "not a zip file: \(String(cString: zip_error_strerror(&error)))")
        }
        guard let archive = zip_open_from_source(source, ZIP_RDONLY, &error) else {
            let reason = String(cString: zip_error_strerror(&error))
            zip_source_free(source)
            copy.deallocate()
            throw Failure(reason: "its zip container cannot be read: \(reason)")
        }
        self.archive = archive
    }

    deinit {
        zip_discard(archive)
        copy.deallocate()
    }

    /// The bytes of a part, or nil where the archive has none of that name (case aside).
    func read(_ name: String) throws -> [UInt8]? {
        let index = zip_name_locate(archive, name, zip_flags_t(ZIP_FL_NOCASE))
        guard index >= 0 else { return nil }
        var stat = zip_stat_t()
        zip_stat_init(&stat)
        guard zip_stat_index(archive, zip_uint64_t(index), 0, &stat) == 0 else { throw failure(name) }
        if stat.size > Self.partLimit { throw TooLarge(part: name, bytes: stat.size) }
        guard let file = zip_fopen_index(archive, zip_uint64_t(index), 0) else { throw failure(name) }
        defer { zip_fclose(file) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = zip_fread(file, &chunk, zip_uint64_t(chunk.count))
            if count < 0 {
                throw Failure(reason: "its part \(name) is damaged: \(String(cString: zip_file_strerror(file)))")
            }
            if count == 0 { return result }
            result.append(contentsOf: chunk[0..<Int(count)])
            if UInt64(result.count) > Self.partLimit { throw TooLarge(part: name, bytes: UInt64(result.count)) }
        }
    }

    private func failure(_ name: String) -> Failure {
        Failure(reason: "its part \(name) cannot be read: \(String(cString: zip_strerror(archive)))")
    }
}
