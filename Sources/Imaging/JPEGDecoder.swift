// Decodes JPEG to Raster with the exact integer DCT and smooth chroma upsampling, so that pixels equal Pillow's. Any sign of lost data is
// an error.
import CJPEG

enum JPEGDecoder {
    /// Encoders write about ten scans; hundreds of scans are an attack on the decoder's time.
    private static let maximumScans: Int32 = 100

    static func header(_ bytes: [UInt8]) throws(ImagingError) -> ImageHeader {
        let stored = try storedHeader(bytes)
        return ImageHeader(
            format: .jpeg, width: Int(stored.width), height: Int(stored.height), channels: stored.channels == 1 ? 1 : 3)
    }

    /// - Parameter greyIfGrey: a file that stores colours which are all grey is decoded to one channel.
    static func decode(_ bytes: [UInt8], limits: DecodeLimits, greyIfGrey: Bool = false) throws(ImagingError) -> StoredImage {
        let header = try storedHeader(bytes)
        try limits.check(.jpeg, width: Int(header.width), height: Int(header.height))
        if greyIfGrey, header.channels == 3, let grey = try decode(bytes, header, channels: 1, with: vljpeg_decode_grey) { return grey }
        guard let image = try decode(bytes, header, channels: Int(header.channels), with: vljpeg_decode) else {
            throw .damaged(format: .jpeg, reason: "the decoder gave no picture")
        }
        return image
    }

    static func decodeStored(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredPicture {
        let image = try decode(bytes, limits: limits, greyIfGrey: true)
        return StoredPicture(
            samples: StoredSamples(image.raster, isLossy: true, format: .jpeg, notes: image.notes), orientation: image.orientation)
    }

    private typealias Decoder = (
        UnsafePointer<UInt8>?, Int, Int32, UnsafeMutablePointer<UInt8>?, Int, UnsafeMutablePointer<vljpeg_metadata>?,
        UnsafeMutablePointer<CChar>?
    ) -> Int32

    /// Nil if this decoder leaves the file to another one.
    private static func decode(
        _ bytes: [UInt8], _ header: vljpeg_header, channels: Int, with decoder: Decoder
    ) throws(ImagingError) -> StoredImage? {
        let width = Int(header.width), height = Int(header.height)
        var metadata = vljpeg_metadata()
        var outcome: (status: Int32, message: String) = (1, "")
        let pixels: [UInt8] = valuesFilledByC(count: width * height * channels) { target in
            outcome = callingC(messageSize: Int(VLJPEG_MESSAGE_SIZE)) { message in
                bytes.withUnsafeBufferPointer {
                    decoder($0.baseAddress, $0.count, maximumScans, target, width * height * channels, &metadata, message)
                }
            }
        }
        defer {
            vljpeg_free(metadata.exif)
            vljpeg_free(metadata.xmp)
        }
        if outcome.status == 3 { return nil }
        try check(outcome)
        let orientation = Orientation.stated(
            exif: UnsafeBufferPointer(start: metadata.exif, count: metadata.exif_size),
            xmp: UnsafeBufferPointer(start: metadata.xmp, count: metadata.xmp_size))
        if channels == 4 {
            // Adobe's convention: inks are stored inverted. All four-component files in use follow it.
            return StoredImage(
                raster: Colour.rgb(fromCMYK: pixels, width: width, height: height, inverted: true), notes: [.convertedFromCMYK],
                orientation: orientation)
        }
        return StoredImage(
            raster: Raster(width: width, height: height, channels: channels, pixels: pixels), notes: [], orientation: orientation)
    }

    private static func storedHeader(_ bytes: [UInt8]) throws(ImagingError) -> vljpeg_header {
        var header = vljpeg_header()
        try check(
            callingC(messageSize: Int(VLJPEG_MESSAGE_SIZE)) { message in
                bytes.withUnsafeBufferPointer { vljpeg_read_header($0.baseAddress, $0.count, &header, message) }
            })
        return header
    }

    private static func check(_ outcome: (status: Int32, message: String)) throws(ImagingError) {
        switch outcome.status {
        case 0: return
        case 2: throw .unsupported(format: .jpeg, reason: outcome.message)
        default: throw .damaged(format: .jpeg, reason: outcome.message)
        }
    }
}
