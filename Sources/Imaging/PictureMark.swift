// The mark of a picture that this program wrote as an output: a PNG's text chunk "Software", a JPEG's comment. A later run may replace an
// output with the mark, but not a photograph of the same name. Pixels do not change. Pictures that serve as data again (exports, the demo)
// carry no mark.
import Files

public enum PictureMark {
    private static let software = Array("swift-vlseg".utf8)
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// End of the signature and the header chunk, which comes first.
    private static let headerEnd = 8 + 25
    private static let jpegStart: [UInt8] = [0xFF, 0xD8]

    /// The bytes of a PNG or JPEG file with the mark added; other bytes are returned unchanged.
    public static func marked(_ picture: [UInt8]) -> [UInt8] {
        if picture.starts(with: signature), picture.count > headerEnd {
            return Array(picture[..<headerEnd]) + chunk + picture[headerEnd...]
        }
        let place = commentPlace(picture)
        return picture.starts(with: jpegStart) && place <= picture.count ? Array(picture[..<place]) + comment + picture[place...] : picture
    }

    /// Whether the file at a path carries the mark.
    public static func isOn(_ path: String) -> Bool {
        guard let head = try? FileIO.head(path, 256) else { return false }
        if head.starts(with: signature) { return head.dropFirst(headerEnd).starts(with: chunk) }
        return head.starts(with: jpegStart) && head.dropFirst(commentPlace(head)).starts(with: comment)
    }

    /// The place behind JFIF's own segment, which comes first.
    private static func commentPlace(_ jpeg: [UInt8]) -> Int {
        guard jpeg.count > 6, jpeg[2] == 0xFF, jpeg[3] == 0xE0 else { return 2 }
        return 4 + Int(jpeg[4]) << 8 + Int(jpeg[5])
    }

    private static let chunk: [UInt8] = {
        let body = Array("tEXtSoftware".utf8) + [0] + software
        return bigEndian(UInt32(body.count - 4)) + body + bigEndian(checksum(body))
    }()

    private static let comment: [UInt8] = [0xFF, 0xFE, 0, UInt8(2 + software.count)] + software

    private static func bigEndian(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

    /// PNG's CRC-32 (ISO 3309).
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
