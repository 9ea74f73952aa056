// The built-in checksums of Kvasir-SEG: the table is whole, and each kind of difference is called by its name.
import Datasets
import Files
import Imaging
import TestSupport
import Testing

@Suite struct KvasirReleaseTests {
    private let first = "cju0qkwl35piu0993l0dewei2"

    /// Hashes that begin as the release's do.
    private func sample(_ id: String, image: String? = nil, mask: String? = nil, width: Int = 622, height: Int = 529) -> ManifestSample {
        ManifestSample(
            id: id, image: "i", mask: "m", caption: "", captionSource: "", split: .train, width: width, height: height,
            imageSHA256: image ?? "71179abc4b011cc99bddb3344e3e114765b32bdf77e78892f046026d785a4bdb",
            maskSHA256: mask ?? String(repeating: "0", count: 64))
    }

    private func check(_ sample: ManifestSample, _ extent: MaskExtent? = nil) throws -> ReleaseCheck {
        let release = try #require(KvasirRelease())
        return try #require(release.check([(sample, extent)]))
    }

    /// The release's box of the first sample: 38...430 of 622, 5...338 of 529.
    private let box = MaskExtent(left: 38 / 622.0, top: 5 / 529.0, right: 430 / 622.0, bottom: 338 / 529.0)

    @Test func theTableIsWhole() throws {
        let release = try #require(KvasirRelease())
        #expect(release.count == 1000)
        let sample = try #require(release[first])
        #expect((sample.width, sample.height) == (622, 529) && sample.imageHash == 0x7117_9abc_4b01_1cc9 && sample.extent == box)
        #expect(release["demo_0001"] == nil)
    }

    @Test func originals() throws {
        let found = try check(sample(first), box)
        #expect(found.images.original == 1 && found.masks.reencoded == 1 && found.missing == 999 && found.altered.isEmpty)
        #expect(found.lines == ["images: 1 original", "masks: 0 original, 1 re-encoded", "999 of the release's samples are missing"])
        // Under another name, the content is known all the same.
        #expect(try check(sample("renamed"), box).images.original == 1)
    }

    @Test func otherSizesOtherMasksOtherSamples() throws {
        let other = String(repeating: "1", count: 64)
        let small = try check(sample(first, image: other, width: 256, height: 256), box)
        #expect(small.images.resized == 1 && small.masks.resized == 1)
        let moved = try check(sample(first, image: other), MaskExtent(left: 0.1, top: box.top, right: box.right, bottom: box.bottom))
        #expect(moved.images.reencoded == 1 && moved.masks.altered == 1 && moved.altered == [first])
        #expect(try check(sample(first), nil).masks.altered == 1)
        // The first sample's picture under the second's name.
        let swapped = try check(sample("cju0qoxqj9q6s0835b43399p4", width: 1348, height: 1070), nil)
        #expect(swapped.images.altered == 1)
    }

    @Test func otherDatasetsAreNotMeasuredAgainstIt() throws {
        let release = try #require(KvasirRelease())
        #expect(release.check([(sample("demo_0001", image: String(repeating: "2", count: 64)), nil)]) == nil)
        let set = try SampleFolder()
        try set.pairs(["a"])
        #expect(try Ingest.run(set.options(captions: [try set.captions(["a"])])).summary.release == nil)
    }

    /// The extent is measured on the mask as it is: the left quarter of SampleFolder's masks.
    @Test func anIngestMeasuresWhereMasksLie() throws {
        let set = try SampleFolder()
        try set.pairs([first])
        let summary = try Ingest.run(set.options(captions: [try set.captions([first])])).summary
        let release = try #require(summary.release)
        #expect(release.images.resized == 1 && release.masks.altered == 1 && release.altered == [first])
    }
}
