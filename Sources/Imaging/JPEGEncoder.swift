// Encodes a Raster as baseline JPEG, for pictures in reports. Not for masks or other data that is measured again: JPEG loses detail.
import CJPEG

public enum JPEGEncoder {
    /// Encodes 8-bit grey (1 channel) or RGB (3 channels).
    /// - Parameter quality: 1 to 100, on libjpeg's scale.
    public static func encode(_ raster: Raster, quality: Int = 85) throws(ImagingError) -> [UInt8] {
        if raster.width == 0 || raster.height == 0 || max(raster.width, raster.height) > 65_500 {
            throw .notEncodable(reason: "JPEG holds 1 to 65,500 pixels a side, not \(raster.width)x\(raster.height)")
        }
        if raster.channels != 1 && raster.channels != 3 {
            throw .notEncodable(reason: "it has \(raster.channels) channels; JPEG takes 1 (grey) or 3 (RGB) here")
        }
        var out: UnsafeMutablePointer<UInt8>?
        var size = 0
        let outcome = callingC(messageSize: Int(VLJPEG_MESSAGE_SIZE)) { message in
            raster.pixels.withUnsafeBufferPointer {
                vljpeg_encode(
                    $0.baseAddress, UInt32(raster.width), UInt32(raster.height), Int32(raster.channels), Int32(min(max(quality, 1), 100)),
                    &out, &size, message)
            }
        }
        defer { vljpeg_free(out) }
        if outcome.status != 0 { throw .notEncodable(reason: outcome.message) }
        return Array(UnsafeBufferPointer(start: out, count: size))
    }
}
