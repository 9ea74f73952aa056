// Damaged input: every truncation and many byte flips of every golden file give an image or a typed error, never a crash, and a
// truncated image is never taken for whole. Also the messages that name what is wrong.
import Imaging
import Testing

@Suite struct DamageTests {
    static let limits = DecodeLimits(maximumPixels: 1 << 18, maximumSide: 4096)

    /// Decodes and checks that a result is a whole raster; true where it gave an image.
    static func decodes(_ bytes: [UInt8]) -> Bool {
        do {
            let raster = try ImageDecoder.decode(bytes, limits: limits).raster
            return raster.pixels.count == raster.width * raster.height * raster.channels && raster.pixels.count > 0
        } catch {
            return false
        }
    }

    // PNG ends in a chunk that says so, JPEG in a marker, WebP states its length: losing even the last byte must show. The tail of a TIFF,
    // a BMP (padding) or a GIF (its end mark) may hold bytes nobody needs.
    @Test(arguments: Golden.all.images)
    func truncationsAreErrors(_ golden: Golden.Image) throws {
        let bytes = try golden.bytes()
        var survivors: [Int] = []
        for length in 0..<bytes.count where DamageTests.decodes(Array(bytes[0..<length])) { survivors.append(length) }
        if [".tif", ".bmp", ".gif"].contains(where: golden.file.hasSuffix) {
            // What is left must then be the same picture, not a part of it.
            let whole = try ImageDecoder.decode(bytes).raster
            for length in survivors {
                let rest = try ImageDecoder.decode(Array(bytes[0..<length])).raster
                #expect(rest == whole, "cut to \(length) of \(bytes.count) bytes")
            }
        } else {
            #expect(survivors == [])
        }
    }

    @Test(arguments: Golden.all.images)
    func flippedBytesNeverCrash(_ golden: Golden.Image) throws {
        let bytes = try golden.bytes()
        var decoded = 0, refused = 0
        // Every byte, with one of three flips in turn; headers, where sizes and offsets stand, with all three.
        for position in bytes.indices {
            let flips: [UInt8] = position < 256 ? [0xFF, 0x01, 0x80] : [[0xFF, 0x01, 0x80][position % 3]]
            for flip in flips {
                var damaged = bytes
                damaged[position] ^= flip
                if DamageTests.decodes(damaged) { decoded += 1 } else { refused += 1 }
            }
        }
        #expect(decoded + refused == bytes.count + 2 * min(256, bytes.count))
        #expect(refused > 0)
    }

    @Test func emptyContentIsNamed() {
        #expect(throws: ImagingError.empty) { try ImageDecoder.decode([]) }
    }

    /// A PNG header of 60000x60000 with no data: refused by the limit, and where limits allow it by what the file can hold.
    @Test func decompressionBombsAreRefusedFromTheHeader() throws {
        var png = try PNGEncoder.encode(Raster(width: 1, height: 1, channels: 1, filledWith: 7))
        for (offset, value) in [(16, UInt8(0)), (17, 0), (18, 0xEA), (19, 0x60), (20, 0), (21, 0), (22, 0xEA), (23, 0x60)] {
            png[offset] = value
        }
        png.replaceSubrange(29..<33, with: Self.checksum(png[12..<29]))
        #expect(throws: ImagingError.tooLarge(format: .png, width: 60000, height: 60000, limits: .standard)) {
            try ImageDecoder.decode(png)
        }
        let generous = DecodeLimits(maximumPixels: .max, maximumSide: .max)
        #expect(throws: ImagingError.impossibleSize(format: .png, width: 60000, height: 60000, fileBytes: png.count)) {
            try ImageDecoder.decode(png, limits: generous)
        }
    }

    /// A grey progressive JPEG of 8x8 pixels in 127 scans: each coefficient twice, once without its lowest bit.
    @Test func scansOfAJPEGAreLimited() throws {
        func segment(_ marker: UInt8, _ body: [UInt8]) -> [UInt8] { [0xFF, marker, 0, UInt8(body.count + 2)] + body }
        func scan(_ first: UInt8, _ last: UInt8, high: UInt8, low: UInt8) -> [UInt8] {
            segment(0xDA, [1, 1, 0, first, last, high << 4 | low]) + [0x7F]
        }
        // One code of one bit for "nothing", of either kind.
        let tables: [UInt8] = [0, 0x10].flatMap { segment(0xC4, [$0, 1] + [UInt8](repeating: 0, count: 15) + [0]) }
        func picture(_ coefficients: [UInt8]) -> [UInt8] {
            [0xFF, 0xD8] + segment(0xDB, [0] + [UInt8](repeating: 1, count: 64)) + segment(0xC2, [8, 0, 8, 0, 8, 1, 1, 0x11, 0]) + tables
                + scan(0, 0, high: 0, low: 0) + coefficients.flatMap { scan($0, $0, high: 0, low: 1) }
                + coefficients.flatMap { scan($0, $0, high: 1, low: 0) } + [0xFF, 0xD9]
        }
        #expect(try ImageDecoder.decode(picture(Array(1...40))).raster.width == 8)
        #expect(throws: ImagingError.damaged(format: .jpeg, reason: "more progressive scans than any encoder writes")) {
            try ImageDecoder.decode(picture(Array(1...63)))
        }
    }

    /// Headers that declare far more pixels than are there.
    @Test func sizesInTheHeadersOfJPEGAndTIFFAreLimited() throws {
        var jpeg = try Golden.bytes("grey.jpg")
        let frame = try #require((0..<jpeg.count - 9).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
        #expect(throws: ImagingError.tooLarge(format: .jpeg, width: 65_500, height: 65_500, limits: .standard)) {
            try ImageDecoder.decode(jpeg)
        }
        var tiff = try Golden.bytes("grey-raw.tif")
        // Its first entry is the width, a long of 43.
        let directory = tiff[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        try #require(Array(tiff[directory + 2..<directory + 14]) == [0, 1, 4, 0, 1, 0, 0, 0, 43, 0, 0, 0])
        tiff.replaceSubrange(directory + 10..<directory + 14, with: [0, 0, 1, 0])
        #expect(throws: ImagingError.tooLarge(format: .tiff, width: 65_536, height: 37, limits: .standard)) {
            try ImageDecoder.decode(tiff)
        }
    }

    /// Found by fuzzing: libpng would reserve the 1.7 GB that an eXIf chunk declares before looking whether the file has them.
    @Test func chunksLongerThanTheFileAreRefusedBeforeMemoryIsTaken() throws {
        let png = try PNGEncoder.encode(Raster(width: 2, height: 2, channels: 1, filledWith: 7))
        let chunk: [UInt8] = [0x67, 0x65, 0, 0] + Array("eXIfII*\0".utf8) + [0, 0, 0, 0]
        let error = ImagingError.damaged(format: .png, reason: "a chunk is longer than the file")
        #expect(throws: error) { try ImageDecoder.decode(Array(png[0..<33]) + chunk + Array(png[33...])) }
        #expect(throws: error) { try ImageDecoder.probe(Array(png[0..<33]) + chunk + Array(png[33...])) }
    }

    /// Found by fuzzing: 763 bytes that declare one tile of half a gigabyte took memory and seconds.
    @Test func tilesLargerThanTheFileCanHoldAreRefused() throws {
        var tiff = try Golden.bytes("grey-tiles-big-endian.tif")
        // Tag 323, tile length, as a short or long: made a long of 2^25.
        let directory = tiff[4..<8].reduce(0) { $0 << 8 | Int($1) }
        let entries = Int(tiff[directory]) << 8 | Int(tiff[directory + 1])
        let place = try #require((0..<entries).map { directory + 2 + 12 * $0 }.first { tiff[$0] == 1 && tiff[$0 + 1] == 0x43 })
        tiff.replaceSubrange(place + 2..<place + 12, with: [0, 4, 0, 0, 0, 1, 2, 0, 0, 0])
        #expect(throws: ImagingError.damaged(format: .tiff, reason: "tiles of an impossible size")) { try ImageDecoder.decode(tiff) }
    }

    /// libtiff calls these decoded, with bytes that it never wrote.
    @Test(arguments: [("grey-deflate.tif", 108, UInt8(75)), ("grey-deflate.tif", 109, 223), ("grey-old-deflate.tif", 108, 75)])
    func piecesThatAreNotWholeAreRefused(name: String, offset: Int, change: UInt8) throws {
        var bytes = try Golden.bytes(name)
        bytes[offset] ^= change
        #expect(throws: ImagingError.self) { try ImageDecoder.decode(bytes) }
    }

    /// Subsampled pictures, written strip by strip with libtiff itself; libtiff converts them to RGB without saying that a piece was half
    /// written.
    @Test(arguments: [
        ("ycbcr-deflate-strips.tif", 23, UInt8(27)), ("ycbcr-deflate-strips.tif", 10, 62), ("ycbcr-deflate-tiles.tif", 244, 20),
    ])
    func halfPiecesOfSubsampledPicturesAreRefused(name: String, offset: Int, change: UInt8) throws {
        var bytes = try Golden.bytes(name)
        #expect(throws: Never.self) { try ImageDecoder.decode(bytes) }
        bytes[offset] ^= change
        #expect(throws: ImagingError.damaged(format: .tiff, reason: "a strip or tile holds less data than declared")) {
            try ImageDecoder.decode(bytes)
        }
    }

    @Test(arguments: [("ycbcr-2x1-tiles.tif", 37, 21), ("ycbcr-4x2-strips.tif", 30, 18)])
    func subsampledPicturesAreWhole(name: String, width: Int, height: Int) throws {
        let image = try ImageDecoder.decode(try Golden.bytes(name))
        #expect(image.raster.width == width && image.raster.height == height && image.raster.channels == 3)
    }

    @Test func messagesSayWhatWasFoundAndWhatToDo() throws {
        let whole = try Golden.bytes("rgb-420.jpg")
        do {
            _ = try ImageDecoder.decode(Array(whole.dropLast(200)))
            Issue.record("a truncated JPEG was decoded")
        } catch {
            #expect("\(error)".hasPrefix("damaged JPEG image: "))
            #expect("\(error)".hasSuffix("; copy or download it again"))
        }
        #expect("\(ImagingError.empty)" == "the file is empty (0 bytes); copy or download it again")
    }

    /// A chunk's checksum, as it is stored.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let crc = crc32(bytes)
        return (0..<4).map { UInt8(truncatingIfNeeded: crc >> UInt32(24 - 8 * $0)) }
    }

    private static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc: UInt32 = ~0
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
