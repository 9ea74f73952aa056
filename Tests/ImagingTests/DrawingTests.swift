// PNG encoding, mask thresholds, outlines, tints and captions.
import Imaging
import Testing

@Suite struct DrawingTests {
    @Test(arguments: [1, 3])
    func encodedPNGDecodesToTheSamePixels(_ channels: Int) throws {
        let raster = TestRasters.noise(height: 31, width: 17, channels: channels)
        let decoded = try ImageDecoder.decode(try PNGEncoder.encode(raster))
        #expect(decoded.raster == raster)
        #expect(decoded.format == .png)
        #expect(decoded.notes.isEmpty)
    }

    @Test func pngIsCompressed() throws {
        let flat = Raster(width: 300, height: 300, channels: 3, filledWith: 9)
        #expect(try PNGEncoder.encode(flat).count < 2000)
    }

    @Test func unencodableRastersAreRefused() {
        #expect(throws: ImagingError.notEncodable(reason: "it has no pixels (0x3)")) {
            try PNGEncoder.encode(Raster(width: 0, height: 3, channels: 1))
        }
        #expect(throws: ImagingError.self) { try PNGEncoder.encode(Raster(width: 2, height: 2, channels: 2)) }
    }

    @Test func thresholdIs128AndAbove() throws {
        let raster = Raster(width: 6, height: 1, channels: 1, pixels: [0, 7, 127, 128, 247, 255])
        #expect(try Mask.binarise(raster).pixels == [0, 0, 0, 1, 1, 1])
        #expect(try Mask.binarise(raster, threshold: 7).pixels == [0, 1, 1, 1, 1, 1])
        #expect(Mask.picture(of: try Mask.binarise(raster)).pixels == [0, 0, 0, 255, 255, 255])
    }

    @Test func colourMasksAreRefusedBeyondJPEGNoise() throws {
        let noisy = Raster(width: 2, height: 1, channels: 3, pixels: [250, 255, 247, 3, 0, 7])
        #expect(try Mask.binarise(noisy).pixels == [1, 0])
        let colour = Raster(width: 2, height: 1, channels: 3, pixels: [250, 255, 247, 200, 30, 40])
        #expect(throws: ImagingError.notAMask(red: 200, green: 30, blue: 40, row: 0, column: 1, tolerance: Mask.channelTolerance)) {
            try Mask.binarise(colour)
        }
    }

    @Test func outlineIsTheMasksInnerBorder() throws {
        var mask = Raster(width: 6, height: 5, channels: 1)
        for row in 1...3 { for column in 1...4 { mask[row, column] = 1 } }
        let image = Raster(width: 6, height: 5, channels: 1, filledWith: 50)
        let drawn = try Overlay.outline(mask: mask, on: image, colour: .white)
        var picture = ""
        for row in 0..<5 { picture += (0..<6).map { drawn[row, $0] == 255 ? "#" : "." }.joined() + "\n" }
        #expect(picture == "......\n.####.\n.#..#.\n.####.\n......\n")
        let thick = try Overlay.outline(mask: mask, on: image, colour: .white, thickness: 2)
        #expect(thick[2, 2] == 255)
        let full = Raster(width: 6, height: 5, channels: 1, filledWith: 1)
        #expect(try Overlay.outline(mask: full, on: image) == image.converted(toChannels: 3))
    }

    @Test func tintMixesInsideOnly() throws {
        let mask = Raster(width: 2, height: 1, channels: 1, pixels: [0, 1])
        let image = Raster(width: 2, height: 1, channels: 1, pixels: [100, 100])
        let drawn = try Overlay.tint(mask: mask, on: image, colour: RGBColour(red: 200, green: 0, blue: 100), opacity: 0.5)
        #expect(drawn.pixels == [100, 100, 100, 150, 50, 100])
        #expect(throws: ImagingError.self) { try Overlay.tint(mask: Raster(width: 1, height: 1, channels: 1), on: image) }
    }

    @Test func captionsWrapBetweenWords() {
        let text = "one small pink round polyp,  located in\u{A0}the lower left of the image"
        #expect(TextRenderer.wrapped(text, columns: 20) == ["one small pink round", "polyp, located in", "the lower left of", "the image"])
        #expect(TextRenderer.wrapped(text, columns: 20, maximumLines: 2) == ["one small pink round", "polyp, located in..."])
        #expect(TextRenderer.wrapped("abcdefghij", columns: 4) == ["abcd", "efgh", "ij"])
        #expect(TextRenderer.wrapped("  ", columns: 9) == [])
    }

    @Test func lettersAreDrawnWhereAskedAndCutOffAtTheEdge() {
        var raster = Raster(width: 13, height: 9, channels: 1, filledWith: 0)
        TextRenderer.draw("Hi", on: &raster, left: 1, top: 1, colour: .white)
        var picture = ""
        for row in 0..<9 { picture += (0..<13).map { raster[row, $0] == 255 ? "#" : "." }.joined() + "\n" }
        #expect(
            picture == """
                .............
                .#...#...#...
                .#...#.......
                .#...#..##...
                .#####...#...
                .#...#...#...
                .#...#...#...
                .#...#..###..
                .............

                """)
        TextRenderer.draw("Wide", on: &raster, left: -3, top: -2, colour: .white, scale: 3)
        #expect(raster.pixels.count == 13 * 9)
    }
}
