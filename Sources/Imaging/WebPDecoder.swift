// Decodes WebP to Raster, or to samples as stored: lossy and lossless, with alpha separate, the first frame of an animation. The pixels
// equal Pillow's. Colour profiles are ignored. Invariant: the result is a whole image or an error.
import CWebP

enum WebPDecoder {
    static func header(_ bytes: [UInt8]) throws(ImagingError) -> ImageHeader {
        let stored = try storedHeader(bytes)
        return ImageHeader(format: .webp, width: Int(stored.width), height: Int(stored.height), channels: 3)
    }

    static func decode(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredImage {
        let (header, pixels, orientation) = try canvas(bytes, limits: limits)
        let width = Int(header.width), height = Int(header.height)
        let raster = Raster.filling(width: width, height: height, channels: 3) { target in
            pixels.withUnsafeBufferPointer { source in
                for i in 0..<width * height { for c in 0..<3 { target[3 * i + c] = source[4 * i + c] } }
            }
        }
        return StoredImage(raster: raster, notes: (hasAlpha(header) ? [.alphaDropped] : []) + notes(on: header), orientation: orientation)
    }

    static func decodeStored(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredPicture {
        let (header, pixels, orientation) = try canvas(bytes, limits: limits)
        let (samples, alpha) = StoredSamples.separated(pixels.map { UInt16($0) }, channels: 4)
        return StoredPicture(
            samples: StoredSamples(
                width: Int(header.width), height: Int(header.height), kind: .colour, bits: 8, samples: samples,
                alpha: hasAlpha(header) ? alpha : nil,
                isLossy: header.lossy != 0, format: .webp, notes: notes(on: header)),
            orientation: orientation)
    }

    /// Red, green, blue and alpha of the canvas after the first frame.
    private static func canvas(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> (vlwebp_header, [UInt8], Orientation?) {
        let header = try storedHeader(bytes)
        let width = Int(header.width), height = Int(header.height)
        try limits.check(.webp, width: width, height: height)
        var metadata = vlwebp_metadata()
        var outcome: (status: Int32, message: String) = (1, "")
        let pixels: [UInt8] = valuesFilledByC(count: width * height * 4) { target in
            outcome = callingC(messageSize: Int(VLWEBP_MESSAGE_SIZE)) { message in
                bytes.withUnsafeBufferPointer { vlwebp_decode($0.baseAddress, $0.count, target, width * height * 4, &metadata, message) }
            }
        }
        defer {
            vlwebp_free(metadata.exif)
            vlwebp_free(metadata.xmp)
        }
        if outcome.status != 0 { throw .damaged(format: .webp, reason: outcome.message) }
        let orientation = Orientation.stated(
            exif: UnsafeBufferPointer(start: metadata.exif, count: metadata.exif_size),
            xmp: UnsafeBufferPointer(start: metadata.xmp, count: metadata.xmp_size))
        return (header, pixels, orientation)
    }

    /// A frame that does not cover the canvas leaves the rest transparent.
    private static func hasAlpha(_ header: vlwebp_header) -> Bool {
        header.has_alpha != 0 || header.frame_width != header.width || header.frame_height != header.height
    }

    private static func notes(on header: vlwebp_header) -> [DecodeNote] { header.frames > 1 ? [.firstFrameOfSeveral] : [] }

    private static func storedHeader(_ bytes: [UInt8]) throws(ImagingError) -> vlwebp_header {
        var header = vlwebp_header()
        let outcome = callingC(messageSize: Int(VLWEBP_MESSAGE_SIZE)) { message in
            bytes.withUnsafeBufferPointer { vlwebp_read_header($0.baseAddress, $0.count, &header, message) }
        }
        if outcome.status != 0 { throw .damaged(format: .webp, reason: outcome.message) }
        return header
    }
}
