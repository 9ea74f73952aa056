// Unpacks compressed members of a zip archive with libzip, over the same mapped bytes. PyTorch stores members uncompressed; archives that
// were packed again by other tools are not. Members are told to libzip by their place in the directory, which it keeps.
import CZip

enum ZipInflater {
    /// The member's bytes, unpacked.
    ///
    /// - Throws: `damaged` where the packed bytes are not sound.
    static func bytes(
        of member: ZipMember, in archive: UnsafeRawBufferPointer, path: String
    ) throws(WeightFileError) -> [UInt8] {
        func damaged(_ found: String) -> WeightFileError {
            .damaged(path: path, place: "member \(member.name)", found: found, expected: "\(member.byteCount) bytes packed with deflate")
        }
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        guard let source = zip_source_buffer_create(archive.baseAddress, zip_uint64_t(archive.count), 0, &error) else {
            throw damaged(String(cString: zip_error_strerror(&error)))
        }
        guard let handle = zip_open_from_source(source, ZIP_RDONLY, &error) else {
            zip_source_free(source)
            throw damaged(String(cString: zip_error_strerror(&error)))
        }
        defer { zip_discard(handle) }
        guard let file = zip_fopen_index(handle, zip_uint64_t(member.index), 0) else {
            throw damaged(String(cString: zip_strerror(handle)))
        }
        defer { zip_fclose(file) }
        var filled: zip_int64_t = 0
        let unpacked = [UInt8](unsafeUninitializedCapacity: member.byteCount) { buffer, count in
            while filled >= 0 && count < member.byteCount {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count..<member.byteCount])
                filled = zip_fread(file, rest.baseAddress, zip_uint64_t(rest.count))
                if filled <= 0 { break }
                count += Int(filled)
            }
        }
        if filled < 0 { throw damaged(String(cString: zip_file_strerror(file))) }
        if unpacked.count != member.byteCount { throw damaged("\(unpacked.count) bytes") }
        // Reading on at the end makes libzip compare the checksum.
        var extra: UInt8 = 0
        let more = zip_fread(file, &extra, 1)
        if more != 0 { throw damaged(more < 0 ? String(cString: zip_file_strerror(file)) : "more bytes") }
        return unpacked
    }
}
