// Decodes TIFF to Raster: the first page, strips or tiles, any compression that libtiff supports. Grey, RGB, palette, CMYK and YCbCr in 1,
// 2, 4, 8 or 16 bits of unsigned integers; of 16-bit samples the high byte is kept, as for PNG. Float or signed samples are refused: they
// state no range, and a guessed scale could be wrong.
import CTIFF

enum TIFFDecoder {
    static func header(_ bytes: [UInt8]) throws(ImagingError) -> ImageHeader {
        let stored = try storedHeader(bytes)
        return ImageHeader(
            format: .tiff, width: Int(stored.width), height: Int(stored.height), channels: try TIFFLayout(stored).channels)
    }

    static func decode(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredImage {
        let page = try page(bytes, limits: limits)
        return StoredImage(
            raster: page.layout.raster(from: page.rows, colourMap: page.colourMap), notes: page.layout.notes, orientation: page.orientation)
    }

    static func decodeStored(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredPicture {
        let page = try page(bytes, limits: limits)
        return StoredPicture(samples: page.layout.storedSamples(from: page.rows, colourMap: page.colourMap), orientation: page.orientation)
    }

    /// The first page's rows as libtiff returns them, and their layout.
    private static func page(
        _ bytes: [UInt8], limits: DecodeLimits
    ) throws(ImagingError) -> (layout: TIFFLayout, rows: [UInt8], colourMap: [UInt16], orientation: Orientation?) {
        let header = try storedHeader(bytes)
        try limits.check(.tiff, width: Int(header.width), height: Int(header.height))
        let layout = try TIFFLayout(header)
        let total = Int(header.total_bytes)
        // No compression here exceeds 1100 to 1 except the fax codes, which have 1 bit per sample.
        if header.bits_per_sample > 1 && total / 1100 > bytes.count {
            throw .impossibleSize(format: .tiff, width: layout.width, height: layout.height, fileBytes: bytes.count)
        }
        var colourMap = layout.isPalette ? [UInt16](repeating: 0, count: 3 << 16) : []
        var outcome: (status: Int32, message: String) = (1, "")
        let rows: [UInt8] = valuesFilledByC(count: total) { target in
            outcome = callingC(messageSize: Int(VLTIFF_MESSAGE_SIZE)) { message in
                bytes.withUnsafeBufferPointer { source in
                    colourMap.withUnsafeMutableBufferPointer {
                        vltiff_decode(source.baseAddress, source.count, target, total, $0.baseAddress, message)
                    }
                }
            }
        }
        try check(outcome)
        return (layout, rows, colourMap, Orientation(rawValue: Int(header.orientation)))
    }

    private static func storedHeader(_ bytes: [UInt8]) throws(ImagingError) -> vltiff_header {
        var header = vltiff_header()
        try check(
            callingC(messageSize: Int(VLTIFF_MESSAGE_SIZE)) { message in
                bytes.withUnsafeBufferPointer { vltiff_read_header($0.baseAddress, $0.count, &header, message) }
            })
        return header
    }

    private static func check(_ outcome: (status: Int32, message: String)) throws(ImagingError) {
        switch outcome.status {
        case 0: return
        case 2: throw .unsupported(format: .tiff, reason: outcome.message)
        default: throw .damaged(format: .tiff, reason: outcome.message)
        }
    }
}
