// The entry to decoding: detects the format from the content, checks limits before it reserves memory, calls the format's decoder, then
// applies the orientation. Not for reading files (Files) or resizing. Invariant: the result is a whole upright image of 1 or 3 channels, or
// an error; never a partial image.

public enum ImageDecoder {
    /// Decodes the bytes of a file of any format in `ImageFormat`.
    /// - Parameters:
    ///   - greyIfGrey: for masks. Where it saves work, an RGB picture whose colours are all grey is returned as one channel of the same
    ///     values.
    ///   - bitsUsed: for 16-bit samples, 8 to 16: how many of the lower bits hold the picture (12 for a camera or scanner of 12 bits); the
    ///     upper 8 of these bits are kept.
    /// - Returns: 8-bit grey or RGB, upright, with notes on everything that was converted or left out.
    /// - Throws: `ImagingError` for empty, unknown, truncated, corrupt, unsupported or too large content.
    public static func decode(
        _ bytes: [UInt8], limits: DecodeLimits = .standard, greyIfGrey: Bool = false, bitsUsed: Int = 16
    ) throws(ImagingError) -> DecodedImage {
        let format = try ImageFormat.detected(in: bytes)
        if bitsUsed < 16, format == .png || format == .tiff {
            let stored = try decodeStored(bytes, limits: limits)
            if let image = stored.reduced(bitsUsed: bitsUsed) { return image }
        }
        let stored: StoredImage
        switch format {
        case .png: stored = try PNGDecoder.decode(bytes, limits: limits)
        case .jpeg: stored = try JPEGDecoder.decode(bytes, limits: limits, greyIfGrey: greyIfGrey)
        case .tiff: stored = try TIFFDecoder.decode(bytes, limits: limits)
        case .bmp: stored = try BMPDecoder.decode(bytes, limits: limits)
        case .gif: stored = try GIFDecoder.decode(bytes, limits: limits)
        case .webp: stored = try WebPDecoder.decode(bytes, limits: limits)
        }
        var notes = stored.notes
        var raster = stored.raster
        if let orientation = stored.orientation, orientation != .upright {
            raster = raster.turned(from: orientation)
            notes.append(.orientationApplied(orientation.rawValue))
        }
        return DecodedImage(raster: raster, format: format, notes: notes)
    }

    /// Decodes a file's samples at their own depth, unscaled, with the palette and the transparency: for masks.
    /// The checks are those of `decode`. CMYK is converted to RGB. A JPEG that stores grey as colours may be returned as grey.
    public static func decodeStored(_ bytes: [UInt8], limits: DecodeLimits = .standard) throws(ImagingError) -> StoredSamples {
        let stored: StoredPicture
        switch try ImageFormat.detected(in: bytes) {
        case .png: stored = try PNGDecoder.decodeStored(bytes, limits: limits)
        case .jpeg: stored = try JPEGDecoder.decodeStored(bytes, limits: limits)
        case .tiff: stored = try TIFFDecoder.decodeStored(bytes, limits: limits)
        case .bmp: stored = try BMPDecoder.decodeStored(bytes, limits: limits)
        case .gif: stored = try GIFDecoder.decodeStored(bytes, limits: limits)
        case .webp: stored = try WebPDecoder.decodeStored(bytes, limits: limits)
        }
        guard let orientation = stored.orientation, orientation != .upright else { return stored.samples }
        return stored.samples.turned(from: orientation)
    }

    /// Reads only the header: format, stored size, channels. The pixels may still be damaged.
    public static func probe(_ bytes: [UInt8]) throws(ImagingError) -> ImageHeader {
        switch try ImageFormat.detected(in: bytes) {
        case .png: return try PNGDecoder.header(bytes)
        case .jpeg: return try JPEGDecoder.header(bytes)
        case .tiff: return try TIFFDecoder.header(bytes)
        case .bmp: return try BMPDecoder.header(bytes)
        case .gif: return try GIFDecoder.header(bytes)
        case .webp: return try WebPDecoder.header(bytes)
        }
    }
}

/// What a format's decoder returns: pixels as stored, and the orientation to apply.
struct StoredImage {
    let raster: Raster
    let notes: [DecodeNote]
    let orientation: Orientation?
}

extension DecodeLimits {
    /// Throws unless the declared size is within these limits. A size of zero counts as damage.
    func check(_ format: ImageFormat, width: Int, height: Int) throws(ImagingError) {
        if width <= 0 || height <= 0 { throw .damaged(format: format, reason: "the header declares \(width)x\(height) pixels") }
        if width > maximumSide || height > maximumSide || width > maximumPixels / height {
            throw .tooLarge(format: format, width: width, height: height, limits: self)
        }
    }
}
