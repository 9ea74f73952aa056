// The members of a zip archive over a mapped file (APPNOTE.TXT 6.3, with the zip64 extensions that files above 4 GB need). Only what torch.save
// writes: stored members. Not for compressed members: PyTorch never makes them, and mapping is the point here.

struct ZipMember: Sendable, Equatable {
    let name: String
    /// The member's bytes in the file.
    let range: Range<Int>
}

struct ZipDirectory {
    let members: [String: ZipMember]

    /// - Throws: `damaged` where a record breaks the format or points outside the file, `unsupported` for compressed or encrypted members.
    init(_ bytes: UnsafeRawBufferPointer, path: String) throws(WeightFileError) {
        func damaged(_ place: String, _ found: String, _ expected: String) -> WeightFileError {
            .damaged(path: path, place: place, found: found, expected: expected)
        }
        func integer<T: FixedWidthInteger>(_ at: Int, _ type: T.Type) throws(WeightFileError) -> Int {
            guard at >= 0, at <= bytes.count - MemoryLayout<T>.size else { throw damaged("byte \(at)", "the end of the file", "a zip record") }
            return Int(clamping: T(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: T.self)))
        }
        func half(_ at: Int) throws(WeightFileError) -> Int { try integer(at, UInt16.self) }
        func word(_ at: Int) throws(WeightFileError) -> Int { try integer(at, UInt32.self) }
        func long(_ at: Int) throws(WeightFileError) -> Int { try integer(at, UInt64.self) }

        // The end record is the last thing in the file but for a comment of at most 65535 bytes.
        var end = bytes.count - 22
        let lowest = max(0, end - 65535)
        while end >= lowest, try word(end) != 0x0605_4b50 { end -= 1 }
        guard end >= lowest, end >= 0 else { throw damaged("the end", "no end-of-archive record", "a complete zip file (was the download cut short?)") }
        var count = try half(end + 10), start = try word(end + 16)
        if end >= 20, try word(end - 20) == 0x0706_4b50 {
            let record = try long(end - 12)
            guard try word(record) == 0x0606_4b50 else { throw damaged("byte \(record)", "something else", "a zip64 end record") }
            count = try long(record + 32)
            start = try long(record + 48)
        }
        guard count <= 1_000_000 else { throw .limit(path: path, what: "the number of zip members", found: count, limit: 1_000_000) }

        var members: [String: ZipMember] = [:]
        var at = start
        for _ in 0..<count {
            guard try word(at) == 0x0201_4b50 else { throw damaged("byte \(at)", "something else", "a zip directory entry") }
            let flags = try half(at + 8), method = try half(at + 10)
            var packed = try word(at + 20), size = try word(at + 24), local = try word(at + 42)
            let nameLength = try half(at + 28), extraLength = try half(at + 30), commentLength = try half(at + 32)
            guard at + 46 + nameLength + extraLength <= bytes.count else { throw damaged("byte \(at)", "the end of the file", "a member's name") }
            let name = String(decoding: bytes[(at + 46)..<(at + 46 + nameLength)], as: UTF8.self)
            // Values that do not fit stand in the zip64 field, in this order, only those that overflowed.
            var field = at + 46 + nameLength
            let fields = field + extraLength
            while field + 4 <= fields {
                let kind = try half(field), length = try half(field + 2)
                if kind == 1 {
                    var value = field + 4
                    if size == 0xFFFF_FFFF { size = try long(value); value += 8 }
                    if packed == 0xFFFF_FFFF { packed = try long(value); value += 8 }
                    if local == 0xFFFF_FFFF { local = try long(value) }
                }
                field += 4 + length
            }
            guard flags & 1 == 0 else { throw .unsupported(path: path, place: name, found: "an encrypted member", advice: "decrypt the file first") }
            guard method == 0, packed == size else {
                throw .unsupported(path: path, place: name, found: "a compressed member", advice: "save it again with torch.save, which stores members as they are")
            }
            guard try word(local) == 0x0403_4b50 else { throw damaged("byte \(local)", "something else", "the header of member \(name)") }
            let data = local + 30 + (try half(local + 26)) + (try half(local + 28))
            guard data <= bytes.count, size <= bytes.count - data else {
                throw damaged("member \(name)", "\(max(0, bytes.count - data)) bytes", "\(size) bytes")
            }
            if members.updateValue(ZipMember(name: name, range: data..<(data + size)), forKey: name) != nil {
                throw damaged("member \(name)", "two members of that name", "one")
            }
            at += 46 + nameLength + extraLength + commentLength
        }
        self.members = members
    }
}
