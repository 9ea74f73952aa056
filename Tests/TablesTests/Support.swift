// Golden files, a small writer of stored zip files, and a seeded generator, for the tests of caption readers.
import Foundation
import Tables

enum Golden {
    struct Missing: Error { let name: String }

    static func path(_ name: String) throws -> String {
        guard let url = Bundle.module.url(forResource: "Golden/" + name, withExtension: nil) else { throw Missing(name: name) }
        return url.path
    }

    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

    static func json(_ name: String) throws -> Any { try JSONSerialization.jsonObject(with: Data(bytes(name))) }
}

/// Writes zip files without compression, with right check sums, so that damage within a part reaches the XML reader.
enum StoredZip {
    static func write(_ parts: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var body: [UInt8] = []
        var directory: [UInt8] = []
        for (name, bytes) in parts {
            let common = little(20, 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0x21, 2) + little(crc32(bytes), 4)
                + little(UInt32(bytes.count), 4) + little(UInt32(bytes.count), 4) + little(UInt32(name.utf8.count), 2) + little(0, 2)
            directory += little(0x0201_4B50, 4) + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4)
                + little(UInt32(body.count), 4) + Array(name.utf8)
            body += little(0x0403_4B50, 4) + common + Array(name.utf8) + bytes
        }
        let count = UInt32(parts.count)
        return body + directory + little(0x0605_4B50, 4) + little(0, 4) + little(count, 2) + little(count, 2)
            + little(UInt32(directory.count), 4) + little(UInt32(body.count), 4) + little(0, 2)
    }

    private static func little(_ value: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
    }
}

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension CaptionTable {
    /// Image and caption of each row.
    var pairs: [[String]] { rows.map { [$0.imageName, $0.caption] } }
}
