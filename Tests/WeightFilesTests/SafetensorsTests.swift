// The safetensors reader and writer: against files of the format's own library, round trips, and headers that lie.
import Foundation
import TestSupport
import Testing
import WeightFiles

@Suite struct SafetensorsTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static func ramp(_ count: Int) -> [Float] { (0..<count).map { (Float($0) - 3) / 8 } }

    @Test func everyTypeIsRead() throws {
        let file = try WeightFile.open(GoldenFiles.path("all-types.safetensors"))
        #expect(file.format == .safetensors)
        #expect(file.metadata == ["format": "pt \"é\"\t"])
        #expect(file.entries.count == 19)
        #expect(Set(file.entries.map(\.type)) == Set(ElementType.allCases))
        #expect(file.entry("float32") == WeightEntry(name: "float32", shape: [2, 3, 4], type: .float32))
        #expect(try file.float32("float32") == Self.ramp(24))
        #expect(try file.float32("float64") == Self.ramp(7))
        #expect(try file.float32("float16") == Self.ramp(10))
        #expect(try file.float32("bfloat16") == Self.ramp(10))
        #expect(try file.float32("float8_e5m2") == [-0.375, -0.25, -0.125, 0, 0.125, 0.25, 0.375, 0.5, 0.625])
        #expect(try file.float32("float8_e4m3") == Self.ramp(9))
        #expect(try file.float32("bool") == [1, 0, 1])
        #expect(try file.int64("int8") == [-2, -1, 0, 1])
        #expect(try file.int64("int16") == [-300, -299, -298])
        #expect(try file.int64("uint16") == [65000, 65001, 65002])
        #expect(try file.int64("int32") == [-100000, -99999, -99998])
        #expect(try file.int64("uint32") == [4_000_000_000, 4_000_000_001, 4_000_000_002])
        #expect(try file.int64("int64") == [-5_000_000_000, -4_999_999_999, -4_999_999_998])
        #expect(try file.int64("uint64") == [0, 1, 2])
        #expect(try file.float32("uint8") == [0, 1, 2, 3, 4])
        #expect(try file.float32("scalar") == [2.5])
        #expect(file.entry("scalar")?.shape == [])
        #expect(try file.float32("empty") == [])
        #expect(try file.float32("name \"quoted\"\\ é\n") == [-0.375, -0.25])
        #expect(weightFileError { () throws(WeightFileError) in try file.float32("complex64") }?.description.contains("complex64") == true)
    }

    @Test func conversionsAreExact() throws {
        let file = try WeightFile.open(GoldenFiles.path("conversions.safetensors"))
        for type in ["float16", "bfloat16", "float8_e5m2", "float8_e4m3", "float64"] {
            let found = try file.float32(type), expected = try file.float32(type + ".float32")
            #expect(found.count == expected.count && !found.isEmpty)
            let wrong = zip(found, expected).enumerated().filter { !($1.0.isNaN && $1.1.isNaN) && $1.0.bitPattern != $1.1.bitPattern }
            #expect(wrong.isEmpty, "\(type) \(wrong.prefix(3))")
        }
    }

    @Test func writesTheBytesOfTheFormatsOwnLibrary() throws {
        let golden = try WeightFile.open(GoldenFiles.path("all-types.safetensors"))
        var writer = SafetensorsWriter(metadata: golden.metadata)
        for entry in golden.entries.shuffled() {
            writer.add(entry.name, shape: entry.shape, type: entry.type, bytes: try golden.bytes(entry.name))
        }
        try writer.write(to: folder.file("same"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("same"))) == Data(try GoldenFiles.bytes("all-types.safetensors")))
    }

    @Test func roundTripsAreExactAndOrderDoesNotMatter() throws {
        var random = SystemRandomNumberGenerator()
        for round in 0..<60 {
            var tensors: [(name: String, shape: [Int], values: [Float])] = []
            for index in 0..<Int.random(in: 0...6, using: &random) {
                let shape = (0..<Int.random(in: 0...4, using: &random)).map { _ in Int.random(in: 0...4, using: &random) }
                // Any bit pattern at all, NaN payloads included.
                let values = (0..<shape.reduce(1, *)).map { _ in Float(bitPattern: .random(in: 0...UInt32.max, using: &random)) }
                let character = Character(Unicode.Scalar(UInt32.random(in: 1...0xd7ff, using: &random)) ?? "x")
                tensors.append(("\(character)\"\\.\(index)", shape, values))
            }
            let integers = (0..<3).map { _ in Int64.random(in: .min ... .max, using: &random) }
            let metadata = ["step": "\(round)", "é\u{1}\n": "\"\\"]
            func write(_ tensors: [(name: String, shape: [Int], values: [Float])], _ name: String) throws -> Data {
                var writer = SafetensorsWriter(metadata: metadata)
                for tensor in tensors { writer.add(tensor.name, shape: tensor.shape, tensor.values) }
                writer.add("integers", shape: [3], integers)
                writer.add("bytes", shape: [5], bytes: [1, 2, 3, 4, 5])
                try writer.write(to: folder.file(name))
                return try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
            }
            let bytes = try write(tensors, "a")
            #expect(bytes == (try write(tensors.reversed(), "b")))
            #expect(bytes.prefix(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } % 8 == 0)
            let file = try WeightFile.open(folder.file("a"))
            #expect(file.metadata == metadata)
            #expect(file.entries.count == tensors.count + 2)
            for tensor in tensors {
                #expect(file.entry(tensor.name)?.shape == tensor.shape)
                #expect(try file.float32(tensor.name).map(\.bitPattern) == tensor.values.map(\.bitPattern))
            }
            #expect(try file.int64("integers") == integers)
            #expect(try file.bytes("bytes") == [1, 2, 3, 4, 5])
        }
    }

    @Test func borrowedMemoryIsWritten() throws {
        let values = Self.ramp(6)
        let path = folder.file("borrowed")
        let failure = values.withUnsafeBufferPointer { buffer in
            var writer = SafetensorsWriter()
            writer.add("w", shape: [2, 3], borrowing: buffer)
            let complete = writer
            return weightFileError { () throws(WeightFileError) in try complete.write(to: path) }
        }
        #expect(failure == nil)
        #expect(try WeightFile.open(path).float32("w") == values)
        #expect(try WeightFile.open(path).metadata == [:])
    }

    @Test func theWriterRefusesWhatCannotBeAFile() throws {
        func message(_ tensors: [(name: String, shape: [Int], values: [Float])], _ name: String = "refused") -> String {
            let path = folder.file(name)
            return weightFileError { () throws(WeightFileError) in try SafetensorsWriter.write(tensors, to: path) }?.description
                ?? "no error"
        }
        #expect(message([("a", [2], [1, 2]), ("a", [1], [1])]).contains("tensor `a`: the name was added twice"))
        #expect(message([("__metadata__", [1], [1])]).contains("reserves this name"))
        #expect(message([("a", [3], [1, 2])]).contains("shape [3] in float32 does not match 8 bytes"))
        #expect(message([("a", [-1, -2], [1, 2])]).contains("does not match"))
        #expect(message([("a", [.max, 4], [1, 2])]).contains("does not match"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("refused")))
        guard
            case .file? = weightFileError({ () throws(WeightFileError) in
                try SafetensorsWriter.write([("a", [1], [1])], to: "/proc/nowhere/file")
            })
        else {
            Issue.record("writing to /proc should fail")
            return
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    private static func file(_ header: String, data: Int = 8, padded: Bool = true) -> [UInt8] {
        var json = Array(header.utf8)
        if padded { while json.count % 8 != 0 { json.append(0x20) } }
        return ZipBuilder.little(UInt64(json.count)) + json + [UInt8](repeating: 0, count: data)
    }

    private static func tensor(_ name: String, _ shape: String, _ range: String, _ type: String = "F32") -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(range)]}"
    }

    @Test(
        arguments: [
            (
                file("{\(tensor("a", "2", "0,12"))}"),
                "tensor `a`: found data offsets 0 to 12, expected a range within the file's 8 bytes of data"
            ),
            (file("{\(tensor("a", "3", "0,8"))}"), "tensor `a`: found 8 bytes of data, expected the bytes of shape [3] in F32"),
            (file("{\(tensor("a", "2", "8,0"))}"), "tensor `a`: found data offsets 8 to 0"),
            (file("{\(tensor("a", "9223372036854775807,2", "0,8"))}"), "the bytes of shape"),
            (file("{\(tensor("a", "99999999999999999999", "0,8"))}"), "that fits 63 bits"),
            (file("{\(tensor("a", "2", "0,8")),\(tensor("b", "1", "4,8"))}"), "tensor `b`: found data that overlaps another tensor's"),
            (file("{\(tensor("a", "1", "0,4"))}"), "4 bytes that belong to no tensor"),
            (file("{\(tensor("a", "1", "4,8"))}"), "tensor `a`: found 4 bytes before it that belong to no tensor"),
            (file("{\(tensor("a", "2", "0,8")),\(tensor("a", "0", "8,8"))}"), "tensor name \"a\" again"),
            (file("{\"__metadata__\":{\"k\":\"v\",\"k\":\"w\"},\(tensor("a", "2", "0,8"))}"), "metadata key \"k\" again"),
            (file("{\"__metadata__\":{\"k\":3},\(tensor("a", "2", "0,8"))}"), "expected text as the value of metadata \"k\""),
            (file("{\(tensor("a", "2", "0,8", "F4"))}"), "tensor `a`: number type F4 is not supported"),
            (file("{\(tensor("a", "-2", "0,8"))}"), "found `-`, expected a size of tensor \"a\""),
            (file("{\(tensor("a", "2.0", "0,8"))}"), "found `.`"), (file("{\(tensor("a", "02", "0,8"))}"), "without leading zeros"),
            (file("{\(tensor("a", "2", "0,8,8"))}"), "incomplete description of tensor \"a\""),
            (file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}"), "incomplete description"),
            (file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}"), "field \"dtype\""),
            (file("{\"a\":{\"kind\":\"F32\"}}"), "field \"kind\""),
            (file("{} x", data: 0), "nothing after the header's last `}`"), (file("{\"a", data: 0), "the end of a string"),
            (file("{\"\\ud800\":{}}", data: 0), "surrogate"), (file("{\"\\x\":{}}", data: 0), "a JSON escape"),
            (file("{\"a\":[", data: 0), "expected `{` before tensor \"a\""),
            (ZipBuilder.little(UInt64(4000)) + Array("{}".utf8), "found 2 bytes, expected a header of 4000 bytes"),
            (ZipBuilder.little(UInt64(200_000_000)) + Array("{}".utf8), "more than the limit of 100000000"),
        ] as [([UInt8], String)])
    func headersThatLieAreRefused(bytes: [UInt8], expected: String) throws {
        let path = try folder.write(bytes, to: "lie")
        let text = weightFileError { () throws(WeightFileError) in try WeightFile.open(path) }?.description ?? "no error"
        #expect(text.contains(expected), "\(text)")
    }

    @Test func headersOfAnyLengthAndEscapesAreRead() throws {
        // Unaligned data, white space, a surrogate pair, an empty file.
        let header = "{ \"\\ud83d\\ude00\\u0041\" : {\"shape\":[ 2 ],\"dtype\":\"F32\",\"data_offsets\":[0 , 8]}}"
        let path = try folder.write(Self.file(header, padded: false), to: "odd")
        #expect(try WeightFile.open(path).float32("😀A") == [0, 0])
        #expect(try WeightFile.open(try folder.write(Self.file("{}", data: 0), to: "none")).entries.isEmpty)
    }
}
