// JPEG files that reports embed: they decode again to nearly the same picture.
import Imaging
import Testing

@Suite struct JPEGEncoderTests {
    @Test(arguments: [1, 3]) func aPictureComesBack(channels: Int) throws {
        let pixels = (0..<40 * 30 * channels).map { UInt8(($0 / channels % 40) * 3 + $0 % channels * 20 + $0 / channels / 40) }
        let raster = Raster(width: 40, height: 30, channels: channels, pixels: pixels)
        let bytes = try JPEGEncoder.encode(raster, quality: 95)
        #expect(try JPEGEncoder.encode(raster, quality: 95) == bytes)
        let decoded = try ImageDecoder.decode(bytes)
        #expect(decoded.format == .jpeg && decoded.raster.width == 40 && decoded.raster.height == 30 && decoded.raster.channels == channels)
        #expect(zip(decoded.raster.pixels, pixels).allSatisfy { abs(Int($0) - Int($1)) <= 12 })
        #expect(try JPEGEncoder.encode(raster, quality: 30).count < bytes.count)
    }

    @Test func whatIsNoPictureIsRefused() {
        #expect(throws: ImagingError.self) { try JPEGEncoder.encode(Raster(width: 0, height: 4, channels: 3)) }
        #expect(throws: ImagingError.self) { try JPEGEncoder.encode(Raster(width: 4, height: 4, channels: 2)) }
        #expect(throws: ImagingError.self) { try JPEGEncoder.encode(Raster(width: 70_000, height: 1, channels: 1)) }
    }
}
