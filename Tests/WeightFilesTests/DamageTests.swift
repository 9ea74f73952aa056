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
                    if weightFileError({ () throws(WeightFileError) in try readEverything(path) }) == nil { read += 1 } else { refused += 1 }
                }
                try put(bytes[position], position)
            }
            try handle.close()
        }
        #expect(refused > 10_000 && read > 10_000)
    }
}
