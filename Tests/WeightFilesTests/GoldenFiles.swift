// Access to the golden files, and to what PyTorch itself says they hold (expected.json).
import Foundation
import WeightFiles

enum GoldenFiles {
    struct Tensor: Decodable {
        let shape: [Int]
        let type: String
        /// The values as Float32 bit patterns, row-major.
        let bits: [UInt32]
    }

    static let folder = (Bundle.module.resourcePath ?? ".") + "/Golden"
    static func path(_ name: String) -> String { folder + "/" + name }
    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

    /// Every weight file of the golden folder, sorted.
    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasSuffix(".json") && !$0.hasSuffix(".md") }.sorted()
    }

    static func expected() throws -> [String: [String: Tensor]] {
        try JSONDecoder().decode([String: [String: Tensor]].self, from: Data(contentsOf: URL(fileURLWithPath: path("expected.json"))))
    }
}

/// The error of an attempt that should fail with a WeightFileError, or nil where it succeeds.
func weightFileError<Result>(_ body: () throws(WeightFileError) -> Result) -> WeightFileError? {
    do {
        _ = try body()
        return nil
    } catch { return error }
}

/// Opens a file and reads everything it says it holds. Damaged files may yield other values; they must not do worse than throw.
func readEverything(_ path: String) throws(WeightFileError) {
    let file = try WeightFile.open(path)
    for entry in file.entries {
        let bytes = try file.bytes(entry.name)
        precondition(bytes.count == entry.elementCount * entry.type.byteCount)
        if entry.type == .complex64 { continue }
        let values = try file.float32(entry.name)
        precondition(values.count == entry.elementCount)
    }
}
