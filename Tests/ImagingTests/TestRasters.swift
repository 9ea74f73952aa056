// Pictures made by formula, the same as in Scripts/golden/imaging.py, and the committed golden files.
import Foundation
import Imaging
import Files

enum TestRasters {
    /// A hash of each sample's index: every resizing weight and every clamp gets work.
    static func noise(height: Int, width: Int, channels: Int) -> Raster {
        let pixels = (0..<(height * width * channels)).map { index -> UInt8 in
            var v = UInt32(truncatingIfNeeded: UInt64(index) &* 2_654_435_761)
            v ^= v >> 15
            v = v &* 2_246_822_519
            return UInt8(v >> 24)
        }
        return Raster(width: width, height: height, channels: channels, pixels: pixels)
    }
}

struct Golden: Decodable {
    struct Image: Decodable, Sendable, CustomStringConvertible {
        let file: String
        let width, height, channels: Int
        let sha256: String
        let notes: [String]
        let stored: Stored
        var description: String { file }
        func bytes() throws -> [UInt8] { try Golden.bytes(file) }
    }
    /// Samples at their own depth; hashes are of little-endian 16-bit values, the palette's of its bytes.
    struct Stored: Decodable, Sendable {
        let kind: String
        let bits: Int
        let samples: String
        let alpha, palette: String?
        let lossy: Bool
    }
    struct Resize: Decodable, Sendable, CustomStringConvertible {
        let height, width, channels, newHeight, newWidth: Int
        let bicubic, bicubicRowsFirst, nearest, reference: String
        let referenceSamples: [Int]
        var description: String { "\(width)x\(height)x\(channels) to \(newWidth)x\(newHeight)" }
    }
    let images: [Image]
    let resizes: [Resize]
    let greyOfNoise64: String

    static func bytes(_ name: String) throws -> [UInt8] {
        guard let folder = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
        return [UInt8](try Data(contentsOf: folder.appendingPathComponent("Golden").appendingPathComponent(name)))
    }

    static let all: Golden = {
        do { return try JSONDecoder().decode(Golden.self, from: Data(try bytes("expected.json"))) } catch {
            fatalError("the golden file list cannot be read: \(error)")
        }
    }()
}
