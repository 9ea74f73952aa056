// The directory of a zip archive in a mapped file (PKWARE's APPNOTE 6.3.10), with the zip64 records that archives above 4 GB need. Stored
// members, which torch.save writes, are ranges of the file and are never copied; ZipInflater.swift unpacks the others.
// Checksums are not compared: PyTorch does not compare them either, and it can be told not to write them.

struct ZipMember: Sendable {
    let name: String
    /// Index in the directory, from 0.
    let index: Int
    /// The member's bytes in the file; compressed if the member is.
    let range: Range<Int>
    /// Size after unpacking.
    let byteCount: Int
    let isCompressed: Bool
}

struct ZipDirectory {
    let members: [String: ZipMember]

    /// - Throws: `damaged` if a record breaks the format or points outside the file; `unsupported` for encrypted members and for
    ///   compression other than deflate.
    init(_ bytes: UnsafeRawBufferPointer, path: String) throws(WeightFileError) {
        let records = ZipRecords(bytes: bytes, path: path)
        let directory = try records.directory()
        var members: [String: ZipMember] = [:]
        var position = directory.start
        var taken = 0
        for index in 0..<directory.count {
            let (member, next) = try records.member(at: position, index: index)
            if members.updateValue(member, forKey: member.name) != nil {
                throw .damaged(path: path, place: "byte \(position)", found: "member \(member.name) again", expected: "every name once")
            }
            // Members that share bytes could unpack to much more than deflate allows for the file's size.
            taken += member.range.count
            guard taken <= bytes.count else {
                throw .damaged(path: path, place: "byte \(position)", found: "members that overlap", expected: "each in bytes of its own")
            }
            position = next
        }
        self.members = members
    }
}

/// Reads single records; every access is checked against the file's end.
private struct ZipRecords {
    let bytes: UnsafeRawBufferPointer
    let path: String

    private func damaged(_ position: Int, _ found: String, _ expected: String) -> WeightFileError {
        .damaged(path: path, place: "byte \(position)", found: found, expected: expected)
    }

    private func number<Stored: FixedWidthInteger & BitwiseCopyable>(_ position: Int, _: Stored.Type) throws(WeightFileError) -> Int {
        guard position >= 0, position <= bytes.count - MemoryLayout<Stored>.size else {
            throw damaged(position, "the end of the file", "a zip record (was the copy cut short?)")
        }
        return Int(clamping: Stored(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Stored.self)))
    }

    private func short(_ position: Int) throws(WeightFileError) -> Int { try number(position, UInt16.self) }
    private func word(_ position: Int) throws(WeightFileError) -> Int { try number(position, UInt32.self) }
    private func long(_ position: Int) throws(WeightFileError) -> Int { try number(position, UInt64.self) }

    /// The number of members and the start of the directory, from the end record: the file's last 22 bytes plus a comment of at most 65535
    /// bytes.
    func directory() throws(WeightFileError) -> (count: Int, start: Int) {
        var end = bytes.count - 22
        let lowest = max(0, end - 65535)
        while end >= lowest {
            if try word(end) == 0x0605_4b50, try short(end + 20) <= bytes.count - 22 - end { break }
            end -= 1
        }
        guard end >= lowest else {
            throw damaged(bytes.count, "no end-of-archive record", "a complete zip file (was the copy cut short?)")
        }
        var count = try short(end + 10)
        var start = try word(end + 16)
        if end >= 20, try word(end - 20) == 0x0706_4b50 {
            let record = try long(end - 12)
            guard try word(record) == 0x0606_4b50, record <= bytes.count - 56 else {
                throw damaged(record, "something else", "a zip64 end record")
            }
            count = try long(record + 32)
            start = try long(record + 48)
        }
        // A directory entry takes at least 46 bytes.
        guard count <= bytes.count / 46 else { throw damaged(end, "\(count) members in \(bytes.count) bytes", "as many as fit") }
        return (count, start)
    }

    /// The directory entry at `position`, with its local header checked, and the position of the next entry.
    func member(at position: Int, index: Int) throws(WeightFileError) -> (ZipMember, next: Int) {
        guard try word(position) == 0x0201_4b50 else { throw damaged(position, "something else", "entry \(index) of the zip directory") }
        let flags = try short(position + 8), method = try short(position + 10)
        var packed = try word(position + 20), size = try word(position + 24), local = try word(position + 42)
        let nameLength = try short(position + 28), extraLength = try short(position + 30), commentLength = try short(position + 32)
        let nameStart = position + 46
        let next = nameStart + nameLength + extraLength + commentLength
        guard next <= bytes.count else { throw damaged(position, "the end of the file", "the rest of a directory entry") }
        let nameBytes = bytes[nameStart..<nameStart + nameLength]
        let name = String(decoding: nameBytes, as: UTF8.self)

        // Numbers that do not fit 32 bits are in the zip64 field, in this order; numbers that fit are left out.
        var field = nameStart + nameLength
        let fieldsEnd = field + extraLength
        while field + 4 <= fieldsEnd {
            let kind = try short(field), length = try short(field + 2)
            if kind == 1 {
                var value = field + 4
                if size == 0xffff_ffff { (size, value) = (try long(value), value + 8) }
                if packed == 0xffff_ffff { (packed, value) = (try long(value), value + 8) }
                if local == 0xffff_ffff { local = try long(value) }
            }
            field += 4 + length
        }
        if flags & 1 != 0 {
            throw .unsupported(path: path, place: "member \(name)", found: "encryption", advice: "Unpack the file and save it again.")
        }
        guard method == 0 || method == 8 else {
            throw .unsupported(
                path: path, place: "member \(name)", found: "compression method \(method)", advice: "Save it again with torch.save.")
        }
        if method == 0 && packed != size {
            throw damaged(position, "two sizes for \(name), \(packed) and \(size)", "one: it is not compressed")
        }
        // Deflate compresses by at most 1032 to 1.
        if method == 8 && size / 1032 > packed { throw damaged(position, "\(size) bytes packed into \(packed)", "what deflate can pack") }
        let range = try data(of: name, nameBytes, local: local, count: packed)
        return (ZipMember(name: name, index: index, range: range, byteCount: size, isCompressed: method == 8), next)
    }

    /// The position of a member's bytes: behind its local header, which repeats the name.
    private func data(
        of name: String, _ nameBytes: Slice<UnsafeRawBufferPointer>, local: Int, count: Int
    ) throws(WeightFileError) -> Range<Int> {
        guard try word(local) == 0x0403_4b50 else { throw damaged(local, "something else", "the header of member \(name)") }
        let nameLength = try short(local + 26), extraLength = try short(local + 28)
        let start = local + 30 + nameLength + extraLength
        guard start <= bytes.count, count <= bytes.count - start else {
            throw damaged(local, "\(max(0, bytes.count - start)) bytes", "the \(count) bytes of member \(name)")
        }
        guard bytes[local + 30..<local + 30 + nameLength].elementsEqual(nameBytes) else {
            throw damaged(local, "the header of another member", "the header of member \(name)")
        }
        return start..<start + count
    }
}
