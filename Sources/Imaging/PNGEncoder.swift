// Encodes a Raster as PNG, compressed by zlib, with libpng's own row filters. Not for writing files (Files does that, atomically).
import CPNG

public enum PNGEncoder {
    /// Encodes 8-bit grey (1 channel) or RGB (3 channels); the same raster gives the same bytes with the same libpng and zlib.
    /// - Parameter level: zlib's effort, 0 (none) to 9.
    public static func encode(_ raster: Raster, level: Int = 6) throws(ImagingError) -> [UInt8] {
        if raster.width == 0 || raster.height == 0 { throw .notEncodable(reason: "it has no pixels (\(raster.width)x\(raster.height))") }
        if raster.channels != 1 && raster.channels != 3 {
            throw .notEncodable(reason: "it has \(raster.channels) channels; PNG takes 1 (grey) or 3 (RGB) here")
        }
        var out: UnsafeMutablePointer<UInt8>?
        var size = 0
        let outcome = callingC(messageSize: Int(VLPNG_MESSAGE_SIZE)) { message in
            raster.pixels.withUnsafeBufferPointer {
                vlpng_encode(
                    $0.baseAddress, UInt32(raster.width), UInt32(raster.height), Int32(raster.channels), Int32(min(max(level, 0), 9)),
                    &out, &size, message)
            }
        }
        defer { vlpng_free(out) }
        if outcome.status != 0 { throw .notEncodable(reason: outcome.message) }
        return Array(UnsafeBufferPointer(start: out, count: size))
    }
}
