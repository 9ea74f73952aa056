// Seeds and past findings of the fuzzing runs (Scripts/fuzz.sh) through the same harnesses, without libFuzzer, and a short walk of damage
// around each. A crash here is a finding that came back.
import Foundation
import FuzzHarnesses
import TestSupport
import Testing

@Suite struct ReplayTests {
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static func files(in folder: String) throws -> [[UInt8]] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
            Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + $0)))
        }
    }

    private static func seeds(_ parser: FuzzParser) throws -> [[UInt8]] {
        let golden: (folder: String, suffixes: [String]) =
            switch parser {
            case .png: ("ImagingTests", [".png"])
            case .jpeg: ("ImagingTests", [".jpg"])
            case .tiff: ("ImagingTests", [".tif"])
            case .bmp, .gif, .webp: ("ImagingTests", ["." + parser.rawValue])
            case .xlsx: ("TablesTests", [".xlsx"])
            case .safetensors: ("WeightFilesTests", [".safetensors"])
            case .pytorch: ("WeightFilesTests", [".pt", ".bin", ".ckpt"])
            default: ("", [])
            }
        var seeds = try files(in: "\(tests)/Fuzz/Seeds/\(parser.rawValue)")
        guard !golden.folder.isEmpty else { return seeds }
        let folder = "\(tests)/\(golden.folder)/Golden"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        where golden.suffixes.contains(where: name.hasSuffix) {
            seeds.append(Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))))
        }
        return seeds
    }

    @Test("every parser takes its seeds", arguments: FuzzParser.allCases)
    func seeds(parser: FuzzParser) throws {
        let folder = try TemporaryFolder("fuzz")
        let seeds = try Self.seeds(parser)
        let accepted = seeds.count { parser.accepts($0, folder: folder.path) }
        // Many seeds are good files; some are there because they are refused.
        #expect(accepted * 3 >= seeds.count && accepted > 0, "\(accepted) of \(seeds.count) seeds of \(parser.rawValue) were accepted")
    }

    @Test("what was once found is refused or read, and nothing worse", arguments: FuzzParser.allCases)
    func findings(parser: FuzzParser) throws {
        let folder = try TemporaryFolder("fuzz")
        for bytes in try Self.files(in: "\(Self.tests)/Fuzz/Findings/\(parser.rawValue)") {
            let first = parser.accepts(bytes, folder: folder.path)
            #expect(parser.accepts(bytes, folder: folder.path) == first)
        }
    }

    @Test("damage around every seed is refused or read, and nothing worse", arguments: FuzzParser.allCases)
    func damage(parser: FuzzParser) throws {
        let folder = try TemporaryFolder("fuzz")
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        var refused = 0
        for seed in try Self.seeds(parser) where !seed.isEmpty {
            for _ in 0..<40 {
                var bytes = seed
                if next(4) == 0 { bytes.removeLast(next(bytes.count)) }
                for _ in 0...next(3) where !bytes.isEmpty { bytes[next(bytes.count)] = UInt8(next(256)) }
                if !parser.accepts(bytes, folder: folder.path) { refused += 1 }
            }
        }
        #expect(refused > 0, "damage is never noticed")
    }
}
