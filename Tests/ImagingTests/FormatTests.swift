// The formats as a list, and what is particular to BMP, GIF, WebP and 16-bit files beyond the golden files.
import Imaging
import Testing

@Suite struct FormatTests {
    @Test func theListNamesEveryFormat() {
        #expect(ImageFormat.list == "PNG, JPEG, TIFF, BMP, GIF or WebP")
        for format in ImageFormat.allCases {
            #expect(ImageFormat.list.contains(format.name))
            for suffix in format.extensions {
                #expect(format.matches(suffix: suffix.uppercased()) && ImageFormat.allExtensions.contains(suffix))
            }
        }
    }

    @Test func bitmapsOfUnreadKindsAreUnsupported() throws {
        var bytes = try Golden.bytes("rgb24.bmp")
        bytes[30] = 4  // a JPEG inside
        #expect(throws: ImagingError.unsupported(format: .bmp, reason: "a whole JPEG or PNG inside a bitmap")) {
            try ImageDecoder.decode(bytes)
        }
        bytes = try Golden.bytes("rgb24.bmp")
        bytes[28] = 2
        #expect(throws: ImagingError.unsupported(format: .bmp, reason: "2 bits a pixel (1, 4, 8, 16, 24 and 32 are read)")) {
            try ImageDecoder.decode(bytes)
        }
    }

    @Test func runLengthCodeThatEndsEarlyIsDamage() throws {
        var bytes = try Golden.bytes("runs8.bmp")
        let code = Int(bytes[10])
        bytes.replaceSubrange(code..<code + 2, with: [0, 1])
        #expect(throws: ImagingError.self) { try ImageDecoder.decode(bytes) }
    }

    /// 70 bytes that declare 65,000 x 1,500 pixels of runs: refused before memory is taken.
    @Test func bitmapsLargerThanTheirCodeAreRefused() throws {
        var bytes = Array(try Golden.bytes("runs8-skips.bmp"))
        bytes.replaceSubrange(18..<26, with: [0xE8, 0xFD, 0, 0, 0xDC, 5, 0, 0])
        #expect(throws: ImagingError.self) { try ImageDecoder.decode(bytes) }
        bytes = Array(try Golden.bytes("rgb24.bmp"))
        bytes.replaceSubrange(18..<26, with: [0xE8, 0xFD, 0, 0, 0xDC, 5, 0, 0])
        #expect(throws: ImagingError.damaged(format: .bmp, reason: "the file ends before the image does")) {
            try ImageDecoder.decode(bytes)
        }
    }

    /// 16-bit files of 10, 12 and 14 bits: the upper 8 of the used bits.
    @Test(
        arguments: ["grey16.png", "grey16.tif", "grey16-big-endian.tif", "rgb16.png", "rgb16-tiles-deflate.tif"], [16, 14, 12, 10, 9, 8])
    func usedBitsAreScaled(name: String, bits: Int) throws {
        let bytes = try Golden.bytes(name)
        let stored = try ImageDecoder.decodeStored(bytes)
        #expect(stored.bitsUsed == 16)
        let image = try ImageDecoder.decode(bytes, bitsUsed: bits)
        #expect(image.raster.pixels == stored.samples.map { UInt8(min(Int($0) >> (bits - 8), 255)) })
        #expect(image.notes.contains(bits == 16 ? .reducedFrom16Bit : .scaledFromUsedBits(bits)))
        #expect(image.notes.contains(.reducedFrom16Bit) == (bits == 16))
    }

    @Test(arguments: [
        "grey8.png", "rgb8.png", "palette4.png", "rgb-420.jpg", "rgba.tif", "grey1.bmp", "palette6.gif", "lossy.webp", "cmyk.tif",
    ])
    func usedBitsSayNothingOfOtherDepths(name: String) throws {
        let bytes = try Golden.bytes(name)
        let plain = try ImageDecoder.decode(bytes), scaled = try ImageDecoder.decode(bytes, bitsUsed: 12)
        #expect(plain.raster == scaled.raster && plain.notes == scaled.notes)
    }
}
