// The real files: every format and size met in the data sets decodes, and masks have foreground where they should.
import Files
import Foundation
import Imaging
import TestSupport
import Testing

@Suite(.enabled(if: RealData.isPresent, Comment(rawValue: RealData.skipMessage)))
struct RealImageTests {
    static func files(under folder: String) -> [String] {
        let root = RealData.path(folder)
        return (FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []).sorted()
            .filter { ["jpg", "png", "tif", "tiff"].contains(($0 as NSString).pathExtension.lowercased()) }.map { root + "/" + $0 }
    }

    @Test(arguments: ["kvasir-seg-original", "mosmed-plus-sample", "monuseg"])
    func everyFileDecodes(_ folder: String) throws {
        let files = RealImageTests.files(under: folder)
        #expect(!files.isEmpty)
        for path in files {
            let bytes = try FileIO.read(path)
            let decoded = try ImageDecoder.decode(bytes)
            let header = try ImageDecoder.probe(bytes)
            #expect(header.width == decoded.raster.width && header.height == decoded.raster.height, "\(path)")
            let small = decoded.raster.resizedBicubic(width: 224, height: 224)
            #expect(small.pixels.count == 224 * 224 * decoded.raster.channels)
        }
    }

    @Test func jpegMasksBinariseToSolidAreas() throws {
        let masks = RealImageTests.files(under: "kvasir-seg-original/masks")
        #expect(!masks.isEmpty)
        for path in masks {
            let mask = try Mask.binarise(try ImageDecoder.decode(try FileIO.read(path)).raster)
            let inside = mask.pixels.reduce(0) { $0 + Int($1) }
            #expect(inside > 0 && inside < mask.pixels.count, "\(path)")
        }
    }
}
