// PNG files of every depth and colour type, uncompressed: what the project's own encoder does not write. Palette, 16 bits, 1 bit, alpha.

public enum PlainPNG {
    /// - Parameters:
    ///   - colourType: PNG's: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.
    ///   - samples: row by row, the channels of a pixel side by side.
    ///   - palette: RGB triples.
    public static func encode(
        width: Int, height: Int, bits: Int, colourType: Int, samples: [UInt16], palette: [UInt8] = [], transparency: [UInt8] = []
    ) -> [UInt8] {
        let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colourType] ?? 1
        precondition(samples.count == width * height * channels)
        var rows: [UInt8] = []
        for row in 0..<height {
            rows.append(0)
            var byte = 0, filled = 0
            for sample in samples[row * width * channels..<(row + 1) * width * channels] {
                if bits == 16 {
                    rows += [UInt8(sample >> 8), UInt8(sample & 255)]
                    continue
                }
                byte = byte << bits | Int(sample)
                filled += bits
                if filled == 8 {
                    rows.append(UInt8(byte))
                    (byte, filled) = (0, 0)
                }
            }
            if filled > 0 { rows.append(UInt8(byte << (8 - filled))) }
        }
        var png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        png += chunk("IHDR", word(width) + word(height) + [UInt8(bits), UInt8(colourType), 0, 0, 0])
        if !palette.isEmpty { png += chunk("PLTE", palette) }
        if !transparency.isEmpty { png += chunk("tRNS", transparency) }
        return png + chunk("IDAT", stored(rows)) + chunk("IEND", [])
    }

    private static func word(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

    private static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
        let content = Array(name.utf8) + body
        return word(body.count) + content + word(Int(crc32(content)))
    }

    /// A zlib stream of stored blocks.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01], start = 0
        while start < bytes.count {
            let count = min(65535, bytes.count - start), isLast = start + count == bytes.count
            stream += [isLast ? 1 : 0, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8 & 255)]
            stream += bytes[start..<start + count]
            start += count
        }
        var low: UInt32 = 1, high: UInt32 = 0
        for byte in bytes {
            low = (low + UInt32(byte)) % 65521
            high = (high + low) % 65521
        }
        return stream + word(Int(high << 16 | low))
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
