// Reads the headers of a Windows or OS/2 bitmap, which say what its rows mean, before any pixel is read. Not for the pixels (BMPDecoder).
// Invariant: a header exists only for a supported kind of file whose uncompressed rows all lie inside the file.

struct BMPHeader {
    enum Rows { case plain, runs8, runs4 }
    let width: Int, height: Int
    let bits: Int
    let rows: Rows
    let isTopDown: Bool
    /// Offset of the first row.
    let offset: Int
    /// For 1, 4 and 8 bits; always 1 << bits entries.
    let palette: [PaletteColour]
    /// Whether the palette is the grey ramp of its indexes (0 and 255 for two colours); then the samples are grey values.
    let paletteIsGrey: Bool
    /// For 16, 24 and 32 bits: the bits of red, green and blue in a pixel's number.
    let colours: [BMPField]
    let alpha: BMPField?

    /// Bytes from the start of one row to the next, padded to four bytes.
    var stride: Int { (width * bits + 31) / 32 * 4 }
    var channels: Int { bits <= 8 && paletteIsGrey ? 1 : 3 }

    /// The valid sizes of a bitmap's second header. They tell a bitmap from other content that begins with the letters BM.
    static let sizes: Set<Int> = [12, 40, 52, 56, 64, 108, 124]

    init(_ bytes: [UInt8]) throws(ImagingError) {
        func damaged(_ reason: String) -> ImagingError { .damaged(format: .bmp, reason: reason) }
        func unsupported(_ reason: String) -> ImagingError { .unsupported(format: .bmp, reason: reason) }
        let size = Self.number(bytes, 14, 4)
        guard bytes.count >= 14 + size else { throw damaged("the file ends inside its header") }
        let isOld = size == 12
        let declared = isOld ? Self.number(bytes, 20, 2) : Int(Int32(truncatingIfNeeded: Self.number(bytes, 22, 4)))
        width = isOld ? Self.number(bytes, 18, 2) : Int(Int32(truncatingIfNeeded: Self.number(bytes, 18, 4)))
        height = abs(declared)
        isTopDown = declared < 0
        bits = Self.number(bytes, isOld ? 24 : 28, 2)
        guard [1, 4, 8, 16, 24, 32].contains(bits) else { throw unsupported("\(bits) bits a pixel (1, 4, 8, 16, 24 and 32 are read)") }
        let compression = isOld ? 0 : Self.number(bytes, 30, 4)
        switch (compression, bits) {
        case (0, _), (3, 16), (3, 24), (3, 32), (6, 16), (6, 32): rows = .plain
        case (1, 8): rows = .runs8
        case (2, 4): rows = .runs4
        case (4, _), (5, _): throw unsupported("a whole JPEG or PNG inside a bitmap")
        default: throw unsupported("compression \(compression) of \(bits) bits a pixel")
        }
        var tables = 14 + size
        var fields: [BMPField?] = []
        if rows == .plain, bits > 8, compression != 0 {
            // Short headers have the masks behind them. They have no alpha mask, except in a variant that says so.
            let start = size >= 52 ? 54 : tables, count = size >= 56 || compression == 6 ? 4 : 3
            guard bytes.count >= start + 4 * count else { throw damaged("the file ends inside its header") }
            fields = (0..<count).map { BMPField(mask: Self.number(bytes, start + 4 * $0, 4)) }
            if size < 52 { tables += 4 * count }
            // All zero: some writers leave the masks out.
            if fields.allSatisfy({ $0 == nil }) {
                fields = bits == 32 ? BMPField.usual(32) + [BMPField(mask: 0xFF00_0000)] : BMPField.usual(bits)
            }
        } else if bits > 8 {
            fields = BMPField.usual(bits)
        }
        colours = fields.prefix(3).compactMap { $0 }
        alpha = fields.count > 3 ? fields[3] : nil
        guard bits <= 8 || colours.count == 3 else {
            throw unsupported("a colour without bits, or with bits that are not adjacent")
        }
        let pixels = Self.number(bytes, 10, 4)
        if bits <= 8 {
            let stated = isOld ? 0 : Self.number(bytes, 46, 4), count = stated == 0 ? 1 << bits : stated
            guard count <= 65_536 else { throw damaged("a palette of \(count) colours") }
            let entry = isOld ? 3 : 4
            // Old writers count more colours than they write: the bytes behind the table are pixels.
            let room = max(0, (pixels > tables ? min(pixels, bytes.count) : bytes.count) - tables) / entry
            let read = (0..<min(count, room, 1 << bits)).map {
                PaletteColour(red: bytes[tables + entry * $0 + 2], green: bytes[tables + entry * $0 + 1], blue: bytes[tables + entry * $0])
            }
            let ramp = count == 2 ? [0, 255] : Array(0..<min(count, 1 << bits)).map { UInt8($0) }
            paletteIsGrey = (bits == 1 || bits == 8 && count > 2) && read == ramp.map { PaletteColour.grey($0) }
            // Indexes beyond the table are black, as in Pillow.
            palette = read + repeatElement(.grey(0), count: (1 << bits) - read.count)
            offset = pixels != 14 + size ? pixels : tables + entry * count
        } else {
            (palette, paletteIsGrey) = ([], false)
            offset = pixels == 14 + size ? tables : pixels
        }
        guard offset >= 14 + size, offset < bytes.count else { throw damaged("its pixels begin at byte \(offset) of \(bytes.count)") }
    }

    /// Throws unless the file is large enough for the declared rows.
    func checkRows(in count: Int) throws(ImagingError) {
        switch rows {
        case .plain:
            // The last row may lack its padding.
            guard (height - 1) * stride + (width * bits + 7) / 8 <= count - offset else {
                throw .damaged(format: .bmp, reason: "the file ends before the image does")
            }
        case .runs8, .runs4:
            // Two bytes encode at most 255 pixels; four bytes may skip 255 rows.
            guard height <= (count - offset) * 128, width * height / 255 <= (count - offset) * (width + 1) else {
                throw .impossibleSize(format: .bmp, width: width, height: height, fileBytes: count)
            }
        }
    }

    static func number(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> Int {
        (0..<size).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
}

/// The bits of a pixel's number that hold one colour. They are scaled to 0...255 as in Pillow: value * 255 / largest, rounded down.
struct BMPField {
    private let shift: UInt32, largest: UInt32

    /// Nil if the mask has no bits, or if its bits are not adjacent.
    init?(mask: Int) {
        let mask = UInt32(truncatingIfNeeded: mask)
        guard mask != 0 else { return nil }
        shift = UInt32(mask.trailingZeroBitCount)
        largest = mask >> shift
        guard largest & (largest &+ 1) == 0 else { return nil }
    }

    func value(_ pixel: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: UInt64(pixel >> shift & largest) * 255 / UInt64(largest)) }

    static func usual(_ bits: Int) -> [BMPField?] {
        (bits == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF0000, 0xFF00, 0xFF]).map { BMPField(mask: $0) }
    }
}
