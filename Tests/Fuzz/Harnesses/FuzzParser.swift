// One entry a parser of foreign bytes: the same code runs under libFuzzer (Scripts/fuzz.sh) and in the suite's replay of seeds and past
// findings. Invariant: any bytes are accepted or refused with the library's own error; a crash, a hang, or a result that breaks its promise
// (checked here by precondition) is a finding.
import Imaging
import Shards
import Tables
import Text
import WeightFiles
import Foundation

/// The parsers that read what others wrote.
public enum FuzzParser: String, CaseIterable, Sendable {
    case png, jpeg, tiff, bmp, gif, webp
    case xlsx, csv
    case captions
    case vocabulary
    case mdsIndex = "mds-index"
    case mdsShard = "mds-shard"
    case zstd
    case maskRuns = "mask-runs"
    case safetensors
    case pytorch
    case npy

    /// Parses the bytes and checks what came out.
    /// - Parameter folder: where parsers that read files find theirs; it is written to.
    /// - Returns: whether the bytes were accepted.
    public func accepts(_ bytes: [UInt8], folder: String) -> Bool {
        switch self {
        case .png: return FuzzImages.accepts(PNGChecksums.repaired(bytes))
        case .jpeg, .tiff, .bmp, .gif, .webp: return FuzzImages.accepts(bytes)
        case .xlsx: return FuzzTables.accepts(FuzzTables.workbook(bytes), name: "captions.xlsx", folder: folder)
        case .csv: return FuzzTables.accepts(bytes, name: "captions.csv", folder: folder)
        case .captions: return FuzzTables.accepts(bytes, name: "captions.json", folder: folder)
        case .vocabulary: return FuzzTables.acceptsVocabulary(bytes, folder: folder)
        case .mdsIndex: return FuzzShards.acceptsIndex(bytes)
        case .mdsShard: return FuzzShards.acceptsShard(bytes, folder: folder)
        case .zstd: return FuzzShards.acceptsFrame(bytes, folder: folder)
        case .maskRuns: return FuzzMasks.accepts(bytes)
        case .safetensors: return FuzzWeights.accepts(bytes, folder: folder)
        case .pytorch: return FuzzWeights.accepts(FuzzWeights.archive(bytes), folder: folder)
        case .npy: return FuzzWeights.acceptsArray(bytes)
        }
    }
}

enum FuzzImages {
    /// Small, so that executions are many; the check against them is part of what is tried.
    private static let limits = DecodeLimits(maximumPixels: 1 << 18, maximumSide: 4096)

    static func accepts(_ bytes: [UInt8]) -> Bool {
        let header = try? ImageDecoder.probe(bytes)
        guard let image = try? ImageDecoder.decode(bytes, limits: limits) else { return false }
        let raster = image.raster
        precondition(raster.pixels.count == raster.width * raster.height * raster.channels, "a raster that is not whole")
        precondition(raster.width * raster.height <= limits.maximumPixels, "a raster beyond the limits")
        precondition(header.map { $0.width * $0.height } == raster.width * raster.height, "the header said another size")
        guard let stored = try? ImageDecoder.decodeStored(bytes, limits: limits) else { preconditionFailure("decoded, but not as stored") }
        precondition((stored.width, stored.height) == (raster.width, raster.height), "stored samples of another size")
        precondition(stored.samples.allSatisfy { Int($0) <= stored.maximum }, "a sample beyond its depth")
        if case .palette(let colours) = stored.kind {
            precondition(stored.samples.allSatisfy { Int($0) < colours.count }, "an index beyond the palette")
        }
        let scaled = try? ImageDecoder.decode(bytes, limits: limits, bitsUsed: 12).raster
        precondition(
            scaled.map { ($0.width, $0.height, $0.channels) == (raster.width, raster.height, raster.channels) } == true,
            "scaled to another shape")
        let grey = try? ImageDecoder.decode(bytes, limits: limits, greyIfGrey: true).raster
        precondition(
            grey == raster || grey.map { $0.channels == 1 && $0.converted(toChannels: 3) == raster } == true,
            "grey differs from its colours")
        return true
    }
}

/// A file for parsers that take paths; in memory where the folder is.
func placed(_ bytes: [UInt8], _ name: String, in folder: String) -> String {
    let path = folder + "/" + name
    guard let file = fopen(path, "wb") else { preconditionFailure("cannot write \(path)") }
    let written = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    fclose(file)
    precondition(written == bytes.count, "cannot write \(path)")
    return path
}
