// Decodes BMP to Raster, or to samples as stored: Windows and OS/2 bitmaps of 1 to 32 bits, plain or run-length coded, rows from the top or
// from the bottom. The pixels equal Pillow's. Not for bitmaps that contain a whole JPEG or PNG. Invariant: the result is a whole image or
// an error; no byte is read outside the file.

enum BMPDecoder {
    static func header(_ bytes: [UInt8]) throws(ImagingError) -> ImageHeader {
        let header = try BMPHeader(bytes)
        return ImageHeader(format: .bmp, width: header.width, height: header.height, channels: header.channels)
    }

    static func decode(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredImage {
        let header = try checkedHeader(bytes, limits: limits)
        let width = header.width, height = header.height
        guard header.bits <= 8 else {
            return StoredImage(
                raster: Raster(width: width, height: height, channels: 3, pixels: fields(header.colours, bytes, header)),
                notes: header.alpha == nil ? [] : [.alphaDropped], orientation: nil)
        }
        let indexes = try indexes(bytes, header)
        if header.paletteIsGrey {
            let pixels = header.bits == 1 ? indexes.map { $0 &* 255 } : indexes
            return StoredImage(
                raster: Raster(width: width, height: height, channels: 1, pixels: pixels),
                notes: header.bits == 1 ? [.scaledFromBits(1)] : [],
                orientation: nil)
        }
        return StoredImage(
            raster: Raster(width: width, height: height, indexes: indexes, palette: header.palette), notes: [.paletteExpanded],
            orientation: nil)
    }

    static func decodeStored(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> StoredPicture {
        let header = try checkedHeader(bytes, limits: limits)
        let values: [UInt8], kind: SampleKind, bits: Int
        if header.bits > 8 {
            (values, kind, bits) = (fields(header.colours, bytes, header), .colour, 8)
        } else {
            values = try indexes(bytes, header)
            (kind, bits) = (header.paletteIsGrey ? .grey : .palette(header.palette), header.bits)
        }
        let alpha = header.alpha.map { fields([$0], bytes, header).map { UInt16($0) } }
        return StoredPicture(
            samples: StoredSamples(
                width: header.width, height: header.height, kind: kind, bits: bits, samples: values.map { UInt16($0) }, alpha: alpha,
                format: .bmp),
            orientation: nil)
    }

    private static func checkedHeader(_ bytes: [UInt8], limits: DecodeLimits) throws(ImagingError) -> BMPHeader {
        let header = try BMPHeader(bytes)
        try limits.check(.bmp, width: header.width, height: header.height)
        try header.checkRows(in: bytes.count)
        return header
    }

    /// These fields of pixels of 16, 24 or 32 bits, interleaved, rows from the top.
    private static func fields(_ fields: [BMPField], _ bytes: [UInt8], _ header: BMPHeader) -> [UInt8] {
        let width = header.width, height = header.height, size = header.bits / 8
        var values = [UInt8](repeating: 0, count: width * height * fields.count)
        values.withUnsafeMutableBufferPointer { target in
            var out = 0
            for row in 0..<height {
                var at = header.offset + (header.isTopDown ? row : height - 1 - row) * header.stride
                for _ in 0..<width {
                    var pixel = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
                    if size > 2 { pixel |= UInt32(bytes[at + 2]) << 16 }
                    if size > 3 { pixel |= UInt32(bytes[at + 3]) << 24 }
                    for field in fields {
                        target[out] = field.value(pixel)
                        out += 1
                    }
                    at += size
                }
            }
        }
        return values
    }

    /// Palette indexes, one byte each, rows from the top.
    private static func indexes(_ bytes: [UInt8], _ header: BMPHeader) throws(ImagingError) -> [UInt8] {
        let width = header.width, height = header.height, bits = header.bits
        if header.rows != .plain {
            let fromBelow = try BMPRuns.indexes(bytes, header)
            return header.isTopDown ? fromBelow : Orientation.flipped.upright(fromBelow, width: width, height: height, channels: 1)
        }
        var values = [UInt8](repeating: 0, count: width * height)
        let mask = UInt8(truncatingIfNeeded: (1 << bits) - 1)
        values.withUnsafeMutableBufferPointer { target in
            for row in 0..<height {
                let line = header.offset + (header.isTopDown ? row : height - 1 - row) * header.stride
                for column in 0..<width {
                    let bit = column * bits
                    target[row * width + column] = bytes[line + bit / 8] >> UInt8(8 - bits - bit % 8) & mask
                }
            }
        }
        return values
    }
}

/// Run-length coded palette indexes.
enum BMPRuns {
    /// The indexes in file order. Pixels that the file skips are 0. A picture that ends early is an error, as in Pillow.
    static func indexes(_ bytes: [UInt8], _ header: BMPHeader) throws(ImagingError) -> [UInt8] {
        let width = header.width, total = width * header.height, isHalf = header.rows == .runs4
        var values: [UInt8] = []
        values.reserveCapacity(total)
        var at = header.offset, column = 0
        func next() throws(ImagingError) -> Int {
            guard at < bytes.count else { throw .damaged(format: .bmp, reason: "the file ends before the image does") }
            at += 1
            return Int(bytes[at - 1])
        }
        while values.count < total {
            let count = try next(), code = try next()
            if count > 0 {
                // A run ends with its row at the latest.
                let length = min(count, width - column, total - values.count)
                for index in 0..<max(0, length) { values.append(isHalf ? UInt8(index % 2 == 0 ? code >> 4 : code & 15) : UInt8(code)) }
                column += max(0, length)
                continue
            }
            switch code {
            case 0:
                let rest = (width - values.count % width) % width
                values.append(contentsOf: repeatElement(0, count: rest))
                column = 0
            case 1:
                throw .damaged(format: .bmp, reason: "its code ends after \(values.count) of \(total) pixels")
            case 2:
                let right = try next(), rows = try next()
                values.append(contentsOf: repeatElement(0, count: min(total - values.count, right + rows * width)))
                column = values.count % width
            default:
                guard column + code <= width else { throw .damaged(format: .bmp, reason: "a row of more than \(width) pixels") }
                let length = min(code, total - values.count)
                var byte = 0
                for index in 0..<length {
                    if isHalf {
                        if index % 2 == 0 { byte = try next() }
                        values.append(UInt8(index % 2 == 0 ? byte >> 4 : byte & 15))
                    } else {
                        values.append(UInt8(try next()))
                    }
                }
                column += length
                if at % 2 != 0 { at += 1 }
            }
        }
        return values
    }
}
