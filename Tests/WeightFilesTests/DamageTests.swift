// Every golden file cut short at every length and with every byte changed: an error or values, never a crash, a hang or a read outside.
import Foundation
import TestSupport
import Testing
import WeightFiles

@Suite struct DamageTests {
    @Test func filesCutShortAnywhereAreErrors() throws {
        let folder = try TemporaryFolder()
        for name in try GoldenFiles.names() {
            let bytes = try GoldenFiles.bytes(name)
            let path = try folder.write(bytes, to: name)
            var accepted: [Int] = []
            for length in (0..<bytes.count).reversed() {
                #expect(truncate(path, length) == 0)
                if weightFileError({ () throws(WeightFileError) in try readEverything(path) }) == nil { accepted.append(length) }
            }
            #expect(accepted.isEmpty, "\(name) cut to \(accepted.prefix(5)) bytes was read")
        }
    }

    @Test func changedBytesGiveAnErrorOrValues() throws {
        let folder = try TemporaryFolder()
        var refused = 0, read = 0
        for name in try GoldenFiles.names() {
            let bytes = try GoldenFiles.bytes(name)
            let path = try folder.write(bytes, to: name)
            let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            func put(_ byte: UInt8, _ position: Int) throws {
                try handle.seek(toOffset: UInt64(position))
                try handle.write(contentsOf: [byte])
            }
            // The conversions file is nearly all values, which cannot break anything: its header is enough.
            let end = name == "conversions.safetensors" ? 1500 : bytes.count
            for position in 0..<end {
                for mask in [0xff, 1 << (position % 8)] as [UInt8] {
                    try put(bytes[position] ^ mask, position)
                    if weightFileError({ () throws(WeightFileError) in try readEverything(path) }) == nil {
                        read += 1
                    } else {
                        refused += 1
                    }
                }
                try put(bytes[position], position)
            }
            try handle.close()
        }
        #expect(refused > 10_000 && read > 10_000)
    }

    /// A checkpoint of ours has a checksum: every changed byte is noticed, but for those of the checksum's own name, which change no value.
    @Test func everyByteOfASealedFile() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("sealed.safetensors")
        let values: [Float] = (0..<60).map { Float($0) / 7 }
        var writer = SafetensorsWriter(metadata: ["step": "12"], sealed: true)
        writer.add("a.weight", shape: [6, 10], values)
        writer.add("a.steps", shape: [], [Int64(12)])
        try writer.write(to: path)
        let good = try WeightFile.open(path)
        #expect(try good.float32("a.weight") == values && good.metadata == ["step": "12"])
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        var detected = 0, harmless = 0
        for place in bytes.indices {
            for mask in [0x01, 0x80, 0xFF] as [UInt8] {
                var damaged = bytes
                damaged[place] ^= mask
                try folder.write(damaged, to: "damaged.safetensors")
                do throws(WeightFileError) {
                    let file = try WeightFile.open(folder.file("damaged.safetensors"))
                    let (weights, steps) = (try file.float32("a.weight"), try file.int64("a.steps"))
                    let same = weights == values && steps == [12] && file.metadata["step"] == "12"
                    #expect(same, "byte \(place) changes a value and nobody notices")
                    harmless += 1
                } catch {
                    detected += 1
                }
            }
        }
        #expect(harmless <= 3 * "vlseg-sha256".count && detected > 3 * (bytes.count - 20))
        print("sealed checkpoint: \(detected) detected, \(harmless) harmless")
    }
}
