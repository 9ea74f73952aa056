// Every golden file decodes to Pillow's pixels, with the notes that say what was converted.
import Files
import Imaging
import Testing

@Suite struct DecodeTests {
    @Test(arguments: Golden.all.images)
    func pixelsAndNotesAreTheExpectedOnes(_ golden: Golden.Image) throws {
        let bytes = try golden.bytes()
        let decoded = try ImageDecoder.decode(bytes)
        #expect(decoded.raster.width == golden.width)
        #expect(decoded.raster.height == golden.height)
        #expect(decoded.raster.channels == golden.channels)
        #expect(Digest.sha256(decoded.raster.pixels) == golden.sha256)
        #expect(decoded.notes.map { "\($0.name)" } == golden.notes)
        let header = try ImageDecoder.probe(bytes)
        #expect(header.format == decoded.format)
        #expect(header.channels == golden.channels)
        #expect(header.width * header.height == golden.width * golden.height)
    }

    @Test(arguments: Golden.all.images)
    func greyIfGreyGivesTheSamePixels(_ golden: Golden.Image) throws {
        let bytes = try golden.bytes()
        let whole = try ImageDecoder.decode(bytes).raster, grey = try ImageDecoder.decode(bytes, greyIfGrey: true).raster
        #expect(grey == whole || (grey.channels == 1 && grey.converted(toChannels: 3) == whole))
    }

    @Test(arguments: [(1, 1), (8, 8), (15, 17), (16, 16), (33, 31), (200, 7), (131, 257)])
    func greyStoredAsColoursComesAsOneChannel(width: Int, height: Int) throws {
        let grey = TestRasters.noise(height: height, width: width, channels: 1)
        let bytes = try JPEGEncoder.encode(grey.converted(toChannels: 3), quality: 80)
        let whole = try ImageDecoder.decode(bytes).raster, one = try ImageDecoder.decode(bytes, greyIfGrey: true).raster
        #expect(whole.channels == 3)
        #expect(one.channels == 1)
        #expect(one.converted(toChannels: 3) == whole)
        // One coloured corner, and the file is what it is.
        var coloured = grey.converted(toChannels: 3)
        for row in max(0, height - 4)..<height {
            for column in max(0, width - 4)..<width { coloured[row, column, 0] = 255; coloured[row, column, 2] = 0 }
        }
        let other = try JPEGEncoder.encode(coloured, quality: 80)
        #expect(try ImageDecoder.decode(other, greyIfGrey: true).raster == ImageDecoder.decode(other).raster)
        #expect(try ImageDecoder.decode(other, greyIfGrey: true).raster.channels == 3)
    }

    @Test func aDamagedGreyFileIsAnError() throws {
        let bytes = try JPEGEncoder.encode(TestRasters.noise(height: 64, width: 64, channels: 1).converted(toChannels: 3))
        for count in [bytes.count / 3, bytes.count / 2, bytes.count - 40] {
            #expect(throws: ImagingError.self) { try ImageDecoder.decode(Array(bytes.prefix(count)), greyIfGrey: true) }
        }
    }

    @Test(arguments: Golden.all.images.filter { $0.width > 1 })
    func limitsAreCheckedBeforeDecoding(_ golden: Golden.Image) throws {
        let bytes = try golden.bytes()
        let limits = DecodeLimits(maximumPixels: golden.width * golden.height - 1, maximumSide: 1000)
        #expect(throws: ImagingError.self) { try ImageDecoder.decode(bytes, limits: limits) }
        do {
            _ = try ImageDecoder.decode(bytes, limits: limits)
        } catch {
            guard case .tooLarge = error else { Issue.record("expected tooLarge, got \(error)"); return }
        }
    }
}

extension DecodeNote {
    /// The case as the golden file writes it.
    var name: String {
        switch self {
        case .reducedFrom16Bit: return "reducedFrom16Bit"
        case .scaledFromUsedBits(let bits): return "scaledFromUsedBits(\(bits))"
        case .firstFrameOfSeveral: return "firstFrameOfSeveral"
        case .paletteExpanded: return "paletteExpanded"
        case .scaledFromBits(let bits): return "scaledFromBits(\(bits))"
        case .alphaDropped: return "alphaDropped"
        case .unpremultiplied: return "unpremultiplied"
        case .convertedFromCMYK: return "convertedFromCMYK"
        case .invertedFromMinimumIsWhite: return "invertedFromMinimumIsWhite"
        case .extraChannelsDropped(let count): return "extraChannelsDropped(\(count))"
        case .orientationApplied(let value): return "orientationApplied(\(value))"
        case .firstPageOfSeveral: return "firstPageOfSeveral"
        }
    }
}
