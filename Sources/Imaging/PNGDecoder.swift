// PNG to Raster. 16-bit samples keep their high byte: it is what Pillow does for RGB, it is exact for 8-bit data stored as 16
// (v * 257), and it never depends on neighbours. Alpha is dropped, not composed: colours under transparent pixels stay as stored.
import CPNG

enum PNGDecoder {
    static func header(_ bytes: [UInt8]) throws(ImagingError) -> ImageHeader {
        let stored = try storedHeader(bytes)
        return ImageHeader(format: .png, width: Int(stored.width), height: Int(stored.height), channels: Int(stored.channels))
    }

    static func decode(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredImage {
        let header = try storedHeader(bytes)
        let width = Int(header.width), height = Int(header.height), channels = Int(header.channels)
        try limits.check(.png, width: width, height: height)
        // Deflate never shrinks below 1 byte in 1032; a file that claims more is truncated or a bomb, known before any memory is taken.
        if header.raw_bytes / 1032 > UInt64(bytes.count) {
            throw .impossibleSize(format: .png, width: width, height: height, fileBytes: bytes.count)
        }
        var metadata = vlpng_metadata()
        var outcome: (status: Int32, message: String) = (1, "")
        let pixels = bytesFilledByC(count: width * height * channels) { target in
            outcome = callingC(messageSize: Int(VLPNG_MESSAGE_SIZE)) { message in
                bytes.withUnsafeBufferPointer {
                    vlpng_decode($0.baseAddress, $0.count, target, width * height * channels, &metadata, message)
                }
            }
        }
        defer {
            vlpng_free(metadata.exif)
            vlpng_free(metadata.xmp)
        }
        if outcome.status != 0 { throw .damaged(format: .png, reason: outcome.message) }
        let orientation = Orientation.stated(
            exif: UnsafeBufferPointer(start: metadata.exif, count: metadata.exif_size),
            xmp: UnsafeBufferPointer(start: metadata.xmp, count: metadata.xmp_size))
        return StoredImage(
            raster: Raster(width: width, height: height, channels: channels, pixels: pixels), notes: notes(on: header),
            orientation: orientation)
    }

    private static func storedHeader(_ bytes: [UInt8]) throws(ImagingError) -> vlpng_header {
        var header = vlpng_header()
        let outcome = callingC(messageSize: Int(VLPNG_MESSAGE_SIZE)) { message in
            bytes.withUnsafeBufferPointer { vlpng_read_header($0.baseAddress, $0.count, &header, message) }
        }
        if outcome.status != 0 { throw .damaged(format: .png, reason: outcome.message) }
        return header
    }

    private static func notes(on header: vlpng_header) -> [DecodeNote] {
        var notes: [DecodeNote] = []
        if header.bit_depth == 16 { notes.append(.reducedFrom16Bit) }
        if header.color_type == 3 { notes.append(.paletteExpanded) }
        if header.color_type == 0 && header.bit_depth < 8 { notes.append(.scaledFromBits(Int(header.bit_depth))) }
        if header.has_transparency != 0 { notes.append(.alphaDropped) }
        return notes
    }
}
