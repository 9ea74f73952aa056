// What keeps checksums from hiding the code behind them: an archive with right ones, and a PNG whose chunks' ones are made right.

enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF) { ($0 >> 8) ^ table[Int(($0 ^ UInt32($1)) & 255)] }
    }
}

enum PNGChecksums {
    /// The file with every whole chunk's checksum set to what its bytes give.
    static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        var at = 8
        while at + 12 <= bytes.count {
            let length = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= bytes.count - at - 12 else { break }
            let end = at + 8 + length
            let value = CRC32.checksum(bytes[at + 4..<end])
            for place in 0..<4 { bytes[end + place] = UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32(place))) }
            at = end + 4
        }
        return bytes
    }
}

enum StoredArchive {
    /// A zip file of these members, not compressed.
    static func make(_ members: [(name: String, data: [UInt8])]) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        var body: [UInt8] = [], directory: [UInt8] = []
        for (name, data) in members {
            var shared = little(20, 2) + little(0, 6) + little(33, 2) + little(Int(CRC32.checksum(data)), 4)
            shared += little(data.count, 4) + little(data.count, 4) + little(name.utf8.count, 2) + little(0, 2)
            directory += [0x50, 0x4B, 1, 2] + little(20, 2) + shared + little(0, 10) + little(body.count, 4) + Array(name.utf8)
            body += [0x50, 0x4B, 3, 4] + shared + Array(name.utf8) + data
        }
        let counts = little(members.count, 2)
        return body + directory + [0x50, 0x4B, 5, 6] + little(0, 4) + counts + counts + little(directory.count, 4) + little(body.count, 4)
            + little(0, 2)
    }
}
