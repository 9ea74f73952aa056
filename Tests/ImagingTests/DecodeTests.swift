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
        case .paletteExpanded: return "paletteExpanded"
        case .scaledFromBits(let bits): return "scaledFromBits(\(bits))"
        case .alphaDropped: return "alphaDropped"
        case .convertedFromCMYK: return "convertedFromCMYK"
        case .invertedFromMinimumIsWhite: return "invertedFromMinimumIsWhite"
        case .extraChannelsDropped(let count): return "extraChannelsDropped(\(count))"
        case .orientationApplied(let value): return "orientationApplied(\(value))"
        case .firstPageOfSeveral: return "firstPageOfSeveral"
        }
    }
}
