// Decodes GIF to Raster, or to samples as stored: the first frame on the canvas. The result is grey if there is no palette or the palette
// is the grey ramp of its indexes; otherwise it has palette colours. The pixels equal Pillow's. Not for animations. Invariant: the result
// is a whole frame or an error.
import CGIF

enum GIFDecoder {
    static func header(_ bytes: [UInt8]) throws(ImagingError) -> ImageHeader {
        let stored = try storedHeader(bytes)
        return ImageHeader(format: .gif, width: Int(stored.width), height: Int(stored.height), channels: palette(stored) == nil ? 1 : 3)
    }

    static func decode(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredImage {
        let (header, indexes, hasMore) = try canvas(bytes, limits: limits)
        let width = Int(header.width), height = Int(header.height)
        var notes: [DecodeNote] = []
        let raster: Raster
        if let palette = palette(header) {
            raster = Raster(width: width, height: height, indexes: indexes, palette: palette)
            notes.append(.paletteExpanded)
        } else {
            raster = Raster(width: width, height: height, channels: 1, pixels: indexes)
        }
        if header.transparent >= 0 { notes.append(.alphaDropped) }
        if hasMore { notes.append(.firstFrameOfSeveral) }
        return StoredImage(raster: raster, notes: notes, orientation: nil)
    }

    static func decodeStored(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredPicture {
        let (header, indexes, hasMore) = try canvas(bytes, limits: limits)
        let samples = indexes.map { UInt16($0) }
        let transparent = Int(header.transparent)
        return StoredPicture(
            samples: StoredSamples(
                width: Int(header.width), height: Int(header.height), kind: palette(header).map { .palette($0) } ?? .grey, bits: 8,
                samples: samples,
                alpha: transparent < 0 ? nil : StoredSamples.opacity(of: samples, channels: 1, bits: 8, transparent: [UInt16(transparent)]),
                format: .gif, notes: hasMore ? [.firstFrameOfSeveral] : []),
            orientation: nil)
    }

    /// The canvas's indexes after the first frame. Outside the frame they are the transparent index, or 0.
    private static func canvas(
        _ bytes: [UInt8], limits: DecodeLimits
    ) throws(ImagingError) -> (vlgif_header, indexes: [UInt8], hasMore: Bool) {
        let header = try storedHeader(bytes)
        let width = Int(header.width), height = Int(header.height), left = Int(header.left), top = Int(header.top)
        let frameWidth = Int(header.frame_width), frameHeight = Int(header.frame_height)
        try limits.check(.gif, width: width, height: height)
        // One 12-bit code encodes at most 4,096 pixels.
        if frameWidth * frameHeight / 2731 > bytes.count {
            throw .impossibleSize(format: .gif, width: frameWidth, height: frameHeight, fileBytes: bytes.count)
        }
        var outcome: (status: Int32, message: String) = (1, "")
        var more: Int32 = 0
        let frame: [UInt8] = valuesFilledByC(count: frameWidth * frameHeight) { target in
            outcome = callingC(messageSize: Int(VLGIF_MESSAGE_SIZE)) { message in
                bytes.withUnsafeBufferPointer { vlgif_decode($0.baseAddress, $0.count, target, frameWidth * frameHeight, &more, message) }
            }
        }
        if outcome.status != 0 { throw .damaged(format: .gif, reason: outcome.message) }
        if (frameWidth, frameHeight) == (width, height) { return (header, frame, more != 0) }
        var canvas = [UInt8](repeating: UInt8(truncatingIfNeeded: max(0, header.transparent)), count: width * height)
        for row in 0..<frameHeight {
            let place = (top + row) * width + left
            canvas.replaceSubrange(place..<place + frameWidth, with: frame[row * frameWidth..<(row + 1) * frameWidth])
        }
        return (header, canvas, more != 0)
    }

    /// 256 colours; entries that the file lacks are black. Nil if every colour is the grey of its index, or there is no palette.
    private static func palette(_ header: vlgif_header) -> [PaletteColour]? {
        let colours = withUnsafeBytes(of: header.palette) { values in
            (0..<Int(header.palette_count)).map { PaletteColour(red: values[3 * $0], green: values[3 * $0 + 1], blue: values[3 * $0 + 2]) }
        }
        if colours == colours.indices.map({ PaletteColour.grey(UInt8($0)) }) { return nil }
        return colours + repeatElement(.grey(0), count: 256 - colours.count)
    }

    private static func storedHeader(_ bytes: [UInt8]) throws(ImagingError) -> vlgif_header {
        var header = vlgif_header()
        let outcome = callingC(messageSize: Int(VLGIF_MESSAGE_SIZE)) { message in
            bytes.withUnsafeBufferPointer { vlgif_read_header($0.baseAddress, $0.count, &header, message) }
        }
        if outcome.status != 0 { throw .damaged(format: .gif, reason: outcome.message) }
        return header
    }
}
