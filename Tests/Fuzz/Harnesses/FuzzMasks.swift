// Masks as run lengths under the fuzzer.
import Imaging

enum FuzzMasks {
    /// The first four bytes are width and height, 16 bits each; the rest is the encoding.
    static func accepts(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 4 else { return false }
        let width = Int(bytes[0]) | Int(bytes[1]) << 8, height = Int(bytes[2]) | Int(bytes[3]) << 8
        let runs = Array(bytes[4...]), limits = DecodeLimits(maximumPixels: 1 << 18, maximumSide: 4096)
        guard let mask = try? MaskRuns.decode(runs, width: width, height: height, limits: limits) else { return false }
        precondition((mask.width, mask.height, mask.channels) == (width, height, 1), "a mask of another size")
        precondition(mask.pixels.allSatisfy { $0 <= 1 }, "a mask of more than 0 and 1")
        precondition(MaskRuns.encode(mask) == runs, "a mask with two encodings")
        return true
    }
}
