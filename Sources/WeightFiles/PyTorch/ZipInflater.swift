// Unpacks compressed members of a zip archive with libzip, from the same mapped bytes. PyTorch stores members uncompressed, but other tools
// may repack archives. A member is passed to libzip by its index in the directory, which libzip keeps.
import CZip

enum ZipInflater {
    /// The member's bytes, unpacked.
    ///
    /// - Throws: `damaged` if the compressed bytes are invalid.
    static func bytes(
        of member: ZipMember, in archive: UnsafeRawBufferPointer, path: String
    ) throws(WeightFileError) -> [UInt8] {
        func damaged(_ found: String) -> WeightFileError {
            .damaged(path: path, place: "member \(member.name)", found: found, expected: "\(member.byteCount) bytes packed with deflate")
        }
        var handle: OpaquePointer?
        let refusal = message { handle = vlseg_zip_open(archive.baseAddress, archive.count, $0) }
        guard let handle else { throw damaged(refusal) }
        defer { vlseg_zip_close(handle) }
        func reason() -> String { message { vlseg_zip_reason(handle, $0) } }
        guard vlseg_zip_start(handle, UInt64(member.index)) == 1 else { throw damaged(reason()) }
        var filled: Int64 = 0
        let unpacked = [UInt8](unsafeUninitializedCapacity: member.byteCount) { buffer, count in
            while filled >= 0 && count < member.byteCount {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count..<member.byteCount])
                filled = vlseg_zip_read(handle, rest.baseAddress, rest.count)
                if filled <= 0 { break }
                count += Int(filled)
            }
        }
        if filled < 0 { throw damaged(reason()) }
        if unpacked.count != member.byteCount { throw damaged("\(unpacked.count) bytes") }
        // A further read at the end makes libzip compare the checksum.
        var extra: UInt8 = 0
        let more = vlseg_zip_read(handle, &extra, 1)
        if more != 0 { throw damaged(more < 0 ? reason() : "more bytes") }
        return unpacked
    }

    private static func message(_ fill: (UnsafeMutablePointer<CChar>?) -> Void) -> String {
        var text = [CChar](repeating: 0, count: Int(VLSEG_ZIP_MESSAGE_BYTES))
        text.withUnsafeMutableBufferPointer { fill($0.baseAddress) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
