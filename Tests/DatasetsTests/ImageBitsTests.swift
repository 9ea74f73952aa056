// 16-bit images that use 8 to 15 bits: the bits are found for the whole dataset, said once and recorded; full-range and 8-bit sets stay as
// they were.
import Datasets
import Files
import Imaging
import TestSupport
import Testing

@Suite struct ImageBitsTests {
    private func summary(_ largest: [Int], alsoEightBits: Bool = false) throws -> ManifestSummary {
        let set = try SampleFolder()
        for (index, most) in largest.enumerated() {
            let values = (0..<set.width * set.height).map { UInt16($0 * most / (set.width * set.height - 1)) }
            try set.folder.write(SixteenBitTIFF.grey(values, width: set.width, height: set.height), to: "images/a\(index).tif")
            try set.folder.write(try set.mask(), to: "masks/a\(index).png")
        }
        var names = largest.indices.map { "a\($0)" }
        if alsoEightBits {
            try set.pairs(["b"])
            names.append("b")
        }
        let report = try Ingest.run(set.options(captions: [try set.captions(names)]))
        #expect(report.isWritten)
        let again = try Manifest.read(folder: set.manifests, name: report.summary.name).imageBits
        #expect(again == report.summary.imageBits ?? 16)
        return report.summary
    }

    @Test(arguments: [(1000, 10), (4095, 12), (4096, 13), (16_383, 14), (32_767, 15), (300, 9)])
    func theBitsUsedAreFoundAndSaid(largest: Int, bits: Int) throws {
        let summary = try summary([largest, largest / 2], alsoEightBits: true)
        #expect(summary.imageBits == bits)
        #expect(
            summary.warnings.contains(
                "images: 16-bit files that use \(bits) bits; scaled by those, in 2 files: images/a0.tif, images/a1.tif"),
            "\(summary.warnings)")
    }

    @Test(arguments: [255, 200, 1]) func aLowByteIsTaken(largest: Int) throws {
        let summary = try summary([largest])
        #expect(summary.imageBits == 8)
        #expect(
            summary.warnings.contains("images: 16-bit files that use 8 bits or fewer; their low byte is taken, in 1 file: images/a0.tif"))
    }

    @Test func theFullRangeIsAsEver() throws {
        let summary = try summary([65_535, 40_000])
        #expect(summary.imageBits == nil)
        #expect(summary.warnings.contains("2 images, 16-bit samples reduced to their high byte: images/a0.tif, images/a1.tif"))
        #expect(try self.summary([], alsoEightBits: true).imageBits == nil)
    }

    @Test func darkFilesAmongBrightOnesAreNamed() throws {
        let summary = try summary([65_535, 4095])
        #expect(summary.imageBits == nil)
        #expect(
            summary.warnings.contains {
                $0.hasPrefix("1 of 2 images of 16 bits use at most 12 bits while others use 16, so they become dark")
                    && $0.hasSuffix("images/a1.tif")
            })
    }
}
