// CRC-32C (Castagnoli), the checksum of RFC 3720, and its masked form in event files. Eight bytes are taken at a time, with eight tables.
// Not for other polynomials (PNG and zip use another).

package enum CRC32C {
    /// Entry 256 * k + b: the checksum's change by byte b that k more bytes follow.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            // 0x82F63B78 is the polynomial 0x1EDC6F41 with its bits reversed.
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
            tables[byte] = value
        }
        for index in 256..<tables.count {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 255)]
        }
        return tables
    }()

    /// The checksum of bytes as RFC 3720 has it: it starts with ones and is inverted at the end.
    package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            bytes.withUnsafeBytes { raw in
                var crc: UInt32 = ~0
                var place = 0
                while raw.count - place >= 8 {
                    let low = crc ^ UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt32.self))
                    let high = UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self))
                    let first = tables[1792 + Int(low & 255)] ^ tables[1536 + Int(low >> 8 & 255)]
                    let second = tables[1280 + Int(low >> 16 & 255)] ^ tables[1024 + Int(low >> 24)]
                    let third = tables[768 + Int(high & 255)] ^ tables[512 + Int(high >> 8 & 255)]
                    crc = first ^ second ^ third ^ tables[256 + Int(high >> 16 & 255)] ^ tables[Int(high >> 24)]
                    place += 8
                }
                while place < raw.count {
                    crc = crc >> 8 ^ tables[Int((crc ^ UInt32(raw[place])) & 255)]
                    place += 1
                }
                return ~crc
            }
        }
    }

    /// The form in which TensorFlow's records store a checksum: rotated and shifted, so that a checksum of bytes that hold checksums stays
    /// meaningful.
    package static func masked(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        let crc = checksum(bytes)
        return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
    }
}
