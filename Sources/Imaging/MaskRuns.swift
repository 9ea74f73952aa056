// Binary masks as run lengths: lossless, and a few bytes for each row that the foreground crosses. For masks that are kept at the size of
// their picture beside the resized ones; the format's document is docs/reference/shards.md. Not for masks of several classes.
// Invariant: a mask has exactly one encoding, and decoding refuses all other bytes.
//
// Byte 0 is the format's number, 1. Then the lengths of the runs of equal pixels follow, rows from top to bottom, the first run of
// background. Only that one may be 0. Each length is a LEB128 number of the fewest bytes: 7 bits a byte, the lowest first, the highest bit
// set in all bytes but the last. The lengths add up to H * W.

public enum MaskRuns {
    /// The number in the first byte.
    public static let version: UInt8 = 1

    /// The encoding of a mask of one channel; every value but 0 is foreground.
    public static func encode(_ mask: Raster) -> [UInt8] {
        precondition(mask.channels == 1 && !mask.pixels.isEmpty, "run lengths need a mask of one channel with pixels")
        var bytes = [version]
        mask.pixels.withUnsafeBytes { pixels in
            var at = 0, isForeground = false
            while at < pixels.count {
                let start = at
                // Eight pixels at a time, then the rest of the run.
                let whole: UInt64 = isForeground ? 0x0101_0101_0101_0101 : 0
                while at + 8 <= pixels.count, pixels.loadUnaligned(fromByteOffset: at, as: UInt64.self) == whole { at += 8 }
                while at < pixels.count, (pixels[at] != 0) == isForeground { at += 1 }
                append(at - start, to: &bytes)
                isForeground.toggle()
            }
        }
        return bytes
    }

    private static func append(_ length: Int, to bytes: inout [UInt8]) {
        var rest = length
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The mask of an encoding, uint8 [H,W] of 0 and 1.
    /// - Parameters:
    ///   - width, height: the mask's size, which the encoding does not hold.
    ///   - limits: the largest mask to decode.
    /// - Throws: `.damagedRuns` for bytes that are not the encoding of a mask of this size.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer, width: Int, height: Int, limits: DecodeLimits = .standard
    ) throws(ImagingError) -> Raster {
        func damaged(_ reason: String) -> ImagingError { .damagedRuns(width: width, height: height, reason: reason) }
        guard (1...limits.maximumSide).contains(width), (1...limits.maximumSide).contains(height),
            width * height <= limits.maximumPixels
        else { throw damaged("expected 1 to \(limits.maximumSide) on a side and at most \(limits.maximumPixels) pixels") }
        guard let first = bytes.first else { throw damaged("no bytes") }
        guard first == version else { throw damaged("format \(first), expected \(version)") }
        let count = width * height
        var pixels = [UInt8](repeating: 0, count: count)
        var at = 0, value: UInt8 = 0, isFirst = true
        var length = 0, shift = 0
        for byte in bytes.dropFirst() {
            // 2^35 is beyond any mask, so a length has five bytes at most.
            guard shift < 35 else { throw damaged("a run of more than \(count) pixels") }
            length |= Int(byte & 0x7F) << shift
            shift += 7
            if byte & 0x80 != 0 { continue }
            guard byte != 0 || shift == 7 else { throw damaged("a length with a byte too many") }
            guard length > 0 || isFirst else { throw damaged("an empty run at pixel \(at)") }
            guard length <= count - at else { throw damaged("runs of more than \(count) pixels") }
            if value == 1 { pixels.withUnsafeMutableBufferPointer { $0[at..<(at + length)].update(repeating: 1) } }
            at += length
            (value, isFirst, length, shift) = (1 - value, false, 0, 0)
        }
        guard shift == 0 else { throw damaged("the last length is cut") }
        guard at == count else { throw damaged("runs of \(at) pixels") }
        return Raster(width: width, height: height, channels: 1, pixels: pixels)
    }

    /// The same for an array.
    public static func decode(
        _ bytes: [UInt8], width: Int, height: Int, limits: DecodeLimits = .standard
    ) throws(ImagingError) -> Raster {
        try bytes.withUnsafeBytes { bytes in
            Result { () throws(ImagingError) in try decode(bytes, width: width, height: height, limits: limits) }
        }.get()
    }
}
