// Decodes PNG to Raster, or to samples as stored. A Raster keeps the high byte of 16-bit samples: Pillow does the same for RGB, it is exact
// for 8-bit data stored as 16 (v * 257), and it does not depend on other pixels. Alpha is dropped, not composed: colours under transparent
// pixels stay as stored.
import CPNG

enum PNGDecoder {
    static func header(_ bytes: [UInt8]) throws(ImagingError) -> ImageHeader {
        let stored = try storedHeader(bytes)
        return ImageHeader(format: .png, width: Int(stored.width), height: Int(stored.height), channels: Int(stored.channels))
    }

    static func decode(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredImage {
        let header = try checkedHeader(bytes, limits: limits)
        let width = Int(header.width), height = Int(header.height), channels = Int(header.channels)
        let (pixels, orientation) = try filled(count: width * height * channels) { (target, metadata, message) in
            bytes.withUnsafeBufferPointer { vlpng_decode($0.baseAddress, $0.count, target, width * height * channels, metadata, message) }
        }
        return StoredImage(
            raster: Raster(width: width, height: height, channels: channels, pixels: pixels), notes: notes(on: header),
            orientation: orientation)
    }

    static func decodeStored(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredPicture {
        let header = try checkedHeader(bytes, limits: limits)
        let width = Int(header.width), height = Int(header.height), channels = Int(header.stored_channels), bits = Int(header.bit_depth)
        var meaning = vlpng_meaning()
        let (values, orientation) = try filled(count: width * height * channels) {
            (target: UnsafeMutablePointer<UInt16>, metadata, message) in
            bytes.withUnsafeBufferPointer {
                vlpng_decode_stored($0.baseAddress, $0.count, target, width * height * channels, &meaning, metadata, message)
            }
        }
        let hasAlpha = channels == 2 || channels == 4
        var samples = values, alpha: [UInt16]?
        if hasAlpha { (samples, alpha) = StoredSamples.separated(values, channels: channels) }
        var kind = channels < 3 ? SampleKind.grey : .colour
        if header.color_type == 3 {
            let opacities = withUnsafeBytes(of: meaning.palette_alpha) { Array($0.prefix(Int(meaning.palette_alpha_count))) }
            kind = .palette(palette(meaning, largest: Int(samples.max() ?? 0)))
            if !opacities.isEmpty { alpha = samples.map { Int($0) < opacities.count ? UInt16(opacities[Int($0)]) : 255 } }
        } else if meaning.has_key != 0 {
            alpha = StoredSamples.opacity(
                of: samples, channels: channels, bits: bits, transparent: [meaning.key.0, meaning.key.1, meaning.key.2])
        }
        return StoredPicture(
            samples: StoredSamples(
                width: width, height: height, kind: kind, bits: bits, samples: samples, alpha: alpha, format: .png),
            orientation: orientation)
    }

    /// The palette; indexes beyond it are black.
    private static func palette(_ meaning: vlpng_meaning, largest: Int) -> [PaletteColour] {
        withUnsafeBytes(of: meaning.palette) { values in
            let count = Int(meaning.palette_count)
            return (0..<max(count, largest + 1)).map {
                $0 < count
                    ? PaletteColour(red: values[3 * $0], green: values[3 * $0 + 1], blue: values[3 * $0 + 2])
                    : PaletteColour(red: 0, green: 0, blue: 0)
            }
        }
    }

    /// Calls `decode`, which fills the values, and returns them with the orientation that the file states. Frees the file's metadata.
    private static func filled<Value: FixedWidthInteger>(
        count: Int, _ decode: (UnsafeMutablePointer<Value>, UnsafeMutablePointer<vlpng_metadata>, UnsafeMutablePointer<CChar>) -> Int32
    ) throws(ImagingError) -> ([Value], Orientation?) {
        var metadata = vlpng_metadata()
        var outcome: (status: Int32, message: String) = (1, "")
        let values: [Value] = valuesFilledByC(count: count) { target in
            outcome = callingC(messageSize: Int(VLPNG_MESSAGE_SIZE)) { message in decode(target, &metadata, message) }
        }
        defer {
            vlpng_free(metadata.exif)
            vlpng_free(metadata.xmp)
        }
        if outcome.status != 0 { throw .damaged(format: .png, reason: outcome.message) }
        let orientation = Orientation.stated(
            exif: UnsafeBufferPointer(start: metadata.exif, count: metadata.exif_size),
            xmp: UnsafeBufferPointer(start: metadata.xmp, count: metadata.xmp_size))
        return (values, orientation)
    }

    private static func checkedHeader(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> vlpng_header {
        let header = try storedHeader(bytes)
        let width = Int(header.width), height = Int(header.height)
        try limits.check(.png, width: width, height: height)
        // Deflate compresses by at most 1032 to 1. A file that claims more is truncated or a decompression bomb; this is known before
        // memory is reserved.
        if header.raw_bytes / 1032 > UInt64(bytes.count) {
            throw .impossibleSize(format: .png, width: width, height: height, fileBytes: bytes.count)
        }
        return header
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
