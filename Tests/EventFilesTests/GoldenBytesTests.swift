// Checksums of RFC 3720, and bytes that TensorBoard's own writer makes of the same events (Scripts/golden/events.py).
import EventFiles
import Files
import Foundation
import TestSupport
import Testing

@Suite struct GoldenBytesTests {
    private struct Golden: Codable {
        let wallTime: Double
        let png: String
        let records: [String: String]
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// RFC 3720, appendix B.4, and the check value of the polynomial.
    @Test func checksumsAreThoseOfTheStandard() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)[...]) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)[...]) == 0x62A8_AB43)
        #expect(CRC32C.checksum([UInt8](0..<32)[...]) == 0x46DD_794E)
        #expect(CRC32C.checksum([UInt8]((0..<32).reversed())[...]) == 0x113F_DB5C)
        let command: [UInt32] = [0x01C0_0000, 0, 0, 0, 0x1400_0000, 0x0400, 0x14, 0x18, 0x2800_0000, 0, 0x0200_0000, 0]
        #expect(CRC32C.checksum(command.flatMap { word in [24, 16, 8, 0].map { UInt8(word >> $0 & 255) } }[...]) == 0xD996_3A56)
        #expect(CRC32C.checksum(Array("123456789".utf8)[...]) == 0xE306_9283)
        #expect(CRC32C.checksum([]) == 0 && CRC32C.masked([]) == 0xA282_EAD8)
    }

    /// Eight bytes at a time and one bit at a time give the same, for every length and place.
    @Test func checksumsEqualTheDefinition() {
        let bytes = (0..<70).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
        for start in 0..<9 {
            for end in start..<bytes.count {
                var crc: UInt32 = ~0
                for byte in bytes[start..<end] {
                    crc ^= UInt32(byte)
                    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
                }
                #expect(CRC32C.checksum(bytes[start..<end]) == ~crc)
            }
        }
    }

    @Test func bytesAreThoseOfTensorBoardsOwnWriter() throws {
        let data = try Data(contentsOf: #require(Bundle.module.url(forResource: "Golden/events", withExtension: "json")))
        #expect(try unreadKeys(of: data, by: Golden.self) == [])
        let golden = try JSONDecoder().decode(Golden.self, from: data)
        func record(_ name: String) throws -> [UInt8] { Self.bytes(try #require(golden.records[name])) }
        let png = Self.bytes(golden.png), wallTime = golden.wallTime
        let cases: [(name: String, write: (EventFile.Writer) throws -> Void)] = [
            ("first", { _ in }),
            ("scalar", { try $0.scalar("loss/train", 0.75, step: 1) }),
            (
                "scalars",
                {
                    let long = String(repeating: "a name of more than 127 bytes ", count: 5)
                    try $0.scalars([("a", -1e-30), (long, 3e38)], step: 2_000_000)
                }
            ),
            ("infinite", { try $0.scalar("loss/train", .infinity, step: 300) }),
            ("text", { try $0.text("caption", "größer ✓", step: 0) }),
            ("image", { try $0.image("validation/1", png: png, step: 128) }),
            (
                "hyperparameters",
                { try $0.hyperparameters(["model": "ua-vls", "batch-size": 8, "augment": false], metrics: ["dice/validation"]) }
            ),
            ("end", { try $0.end(succeeded: true, step: 9) }),
        ]
        #expect(Set(cases.map(\.name)) == Set(golden.records.keys))
        for (name, write) in cases {
            let folder = try TemporaryFolder("events")
            let writer = try EventFile.Writer(folder: folder.path, clock: { wallTime }, host: "host")
            try write(writer)
            try writer.flush()
            #expect(FileIO.lastPart(of: writer.path) == "events.out.tfevents.1700000000.host")
            let expected = name == "first" ? [] : try record(name)
            #expect(try FileIO.read(writer.path) == record("first") + expected, "\(name)")
        }
    }
}
