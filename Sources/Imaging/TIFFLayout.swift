// The meaning of a TIFF page's samples, and their conversion to an 8-bit grey or RGB raster (samples as stored: TIFFLayout+Stored).
// Invariant: a layout exists only for pages that it can convert.
import CTIFF

struct TIFFLayout {
    enum Meaning { case whiteIsZero, blackIsZero, rgb, palette, cmyk }
    let width: Int, height: Int
    let notes: [DecodeNote]
    let meaning: Meaning
    let bits: Int, samples: Int, colourSamples: Int
    /// The index of the alpha sample in a pixel; nil if there is none.
    let alphaSample: Int?
    /// Whether colours are stored multiplied by alpha (associated alpha).
    let isPremultiplied: Bool
    let isLossy: Bool
    let planar: Bool
    let rowBytes: Int

    var isPalette: Bool { meaning == .palette }
    /// Channels of the raster: 1 or 3.
    var channels: Int { meaning == .whiteIsZero || meaning == .blackIsZero ? 1 : 3 }

    init(_ header: vltiff_header) throws(ImagingError) {
        func unsupported(_ reason: String) -> ImagingError { .unsupported(format: .tiff, reason: reason) }
        width = Int(header.width)
        height = Int(header.height)
        bits = Int(header.bits_per_sample)
        samples = Int(header.samples_per_pixel)
        planar = header.planar == 2
        rowBytes = Int(header.row_bytes)
        guard [1, 2, 4, 8, 16].contains(bits) else { throw unsupported("\(bits) bits a sample (1, 2, 4, 8 and 16 are read)") }
        guard header.sample_format == 1 || header.sample_format == 4 else {
            throw unsupported("\(header.sample_format == 3 ? "floating-point" : "signed or complex") samples (unsigned integers are read)")
        }
        switch header.photometric {
        case 0: (meaning, colourSamples) = (.whiteIsZero, 1)
        case 1: (meaning, colourSamples) = (.blackIsZero, 1)
        case 2: (meaning, colourSamples) = (.rgb, 3)
        case 3: (meaning, colourSamples) = (.palette, 1)
        case 5 where header.ink_set == 1: (meaning, colourSamples) = (.cmyk, 4)
        default: throw unsupported("photometric interpretation \(header.photometric)")
        }
        guard samples >= colourSamples, samples <= 64 else {
            throw unsupported("\(samples) samples per pixel, but its colours need \(colourSamples)")
        }
        let extra = samples - colourSamples
        // If a writer does not say what a single extra sample means, it is alpha (libtiff does not tell this case from "unspecified").
        let isAlpha = header.first_extra == 1 || header.first_extra == 2 || extra == 1
        alphaSample = extra > 0 && isAlpha && header.through_rgba == 0 ? colourSamples : nil
        isPremultiplied = alphaSample != nil && header.first_extra == 1 && bits >= 8 && meaning != .palette && meaning != .cmyk
        // JPEG (old and new) and WebP inside TIFF, and colours stored as luma and chroma.
        isLossy = [6, 7, 34_892, 50_001].contains(header.compression) || header.through_rgba != 0
        var notes: [DecodeNote] = []
        if bits == 16 { notes.append(.reducedFrom16Bit) }
        if meaning == .palette { notes.append(.paletteExpanded) }
        if bits < 8 && meaning != .palette { notes.append(.scaledFromBits(bits)) }
        if meaning == .whiteIsZero { notes.append(.invertedFromMinimumIsWhite) }
        if meaning == .cmyk { notes.append(.convertedFromCMYK) }
        if isPremultiplied { notes.append(.unpremultiplied) }
        if extra == 1 && header.through_rgba == 0 { notes.append(.alphaDropped) }
        if extra > 1 { notes.append(.extraChannelsDropped(extra)) }
        if header.more_pages != 0 { notes.append(.firstPageOfSeveral) }
        self.notes = notes
    }

    /// Makes the raster from rows in the layout [planes][height][rowBytes].
    func raster(from rows: [UInt8], colourMap: [UInt16]) -> Raster {
        let wanted = meaning == .cmyk ? 4 : meaning == .rgb ? 3 : 1
        var plain = [UInt8](repeating: 0, count: width * height * wanted)
        let scale: UInt8 = meaning == .palette || bits >= 8 ? 1 : UInt8(255 / ((1 << bits) - 1))
        let flip: UInt8 = meaning == .whiteIsZero ? 255 : 0
        // A 16-bit palette index uses both bytes, so palettes above 8 bits are looked up here.
        rows.withUnsafeBufferPointer { source in
            plain.withUnsafeMutableBufferPointer { target in
                for c in 0..<wanted {
                    forEachSample(c) { at, line, index in
                        let value: UInt8
                        switch bits {
                        case 8: value = source[line + index]
                        case 16: value = TIFFLayout.highByte(source, at: line + 2 * index)
                        default: value = packed(source, line: line, index: index)
                        }
                        target[at * wanted + c] = value &* scale ^ flip
                    }
                }
            }
        }
        if isPremultiplied, let alphaSample { divide(&plain, channels: wanted, by: alphaSample, of: rows) }
        switch meaning {
        case .cmyk: return Colour.rgb(fromCMYK: plain, width: width, height: height, inverted: false)
        case .palette: return coloured(plain, rows: rows, colourMap: colourMap)
        case .rgb: return Raster(width: width, height: height, channels: 3, pixels: plain)
        case .whiteIsZero, .blackIsZero: return Raster(width: width, height: height, channels: 1, pixels: plain)
        }
    }

    /// Calls `body` with every pixel's number, the first byte of the row that holds its sample `c`, and the sample's index in that row.
    @inline(__always)
    func forEachSample(_ c: Int, _ body: (_ pixel: Int, _ line: Int, _ index: Int) -> Void) {
        let plane = planar ? c * rowBytes * height : 0, step = planar ? 1 : samples, first = planar ? 0 : c
        for row in 0..<height {
            let line = plane + row * rowBytes
            for column in 0..<width { body(row * width + column, line, column * step + first) }
        }
    }

    /// A sample of fewer than 8 bits.
    @inline(__always)
    func packed(_ source: UnsafeBufferPointer<UInt8>, line: Int, index: Int) -> UInt8 {
        let bit = index * bits
        return (source[line + bit >> 3] >> UInt8(8 - bits - bit & 7)) & UInt8((1 << bits) - 1)
    }

    @inline(__always)
    private static func highByte(_ source: UnsafeBufferPointer<UInt8>, at offset: Int) -> UInt8 {
        #if _endian(little)
        return source[offset + 1]
        #else
        return source[offset]
        #endif
    }

    /// Divides colours that are multiplied by alpha, as in Pillow: min(255, value * 255 / alpha), 0 where alpha is 0.
    private func divide(_ plain: inout [UInt8], channels: Int, by alphaSample: Int, of rows: [UInt8]) {
        rows.withUnsafeBufferPointer { source in
            forEachSample(alphaSample) { at, line, index in
                let alpha = Int(bits == 16 ? TIFFLayout.highByte(source, at: line + 2 * index) : source[line + index])
                for c in at * channels..<(at + 1) * channels {
                    plain[c] = alpha == 0 ? 0 : UInt8(min(255, Int(plain[c]) * 255 / alpha))
                }
            }
        }
    }

    /// Palette entries have 16 bits; their high byte is kept. Old writers store 8-bit values: then all entries are below 256.
    func palette(_ colourMap: [UInt16]) -> [PaletteColour] {
        let entries = 1 << bits
        let shift: UInt16 = colourMap.prefix(3 * entries).contains { $0 > 255 } ? 8 : 0
        func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: colourMap[index] >> shift) }
        return (0..<entries).map { PaletteColour(red: byte($0), green: byte(entries + $0), blue: byte(2 * entries + $0)) }
    }

    private func coloured(_ indices: [UInt8], rows: [UInt8], colourMap: [UInt16]) -> Raster {
        let palette = palette(colourMap)
        return Raster.filling(width: width, height: height, channels: 3) { target in
            for i in 0..<width * height {
                var index = Int(indices[i])
                if bits == 16 {
                    let step = planar ? 1 : samples
                    let offset = (i / width) * rowBytes + 2 * (i % width) * step
                    index = rows[offset...(offset + 1)].withUnsafeBytes { Int($0.loadUnaligned(as: UInt16.self)) }
                }
                let colour = palette[index]
                target[3 * i] = colour.red
                target[3 * i + 1] = colour.green
                target[3 * i + 2] = colour.blue
            }
        }
    }
}
