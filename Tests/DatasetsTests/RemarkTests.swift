// Odd but usable files are taken, and named in the warnings.
import Datasets
import TestSupport
import Testing

@Suite struct RemarkTests {
    private func warnings(golden: String, as name: String, maskWidth: Int? = nil, maskHeight: Int? = nil) throws -> [String] {
        let set = try SampleFolder()
        try set.folder.write(try SampleFolder.golden(golden), to: "images/\(name)")
        try set.folder.write(try set.mask(width: maskWidth, height: maskHeight), to: "masks/a.png")
        let report = try Ingest.run(set.options(captions: [try set.captions(["a"])]))
        #expect(report.isWritten)
        return report.summary.warnings
    }

    @Test(arguments: [
        ("deep.png", "1 image, 16-bit samples reduced to their high byte: images/a.png"),
        ("deep.tif", "1 image, 16-bit samples reduced to their high byte: images/a.tif"),
        ("palette.png", "1 image, palette replaced by its colours: images/a.png"),
        ("alpha.png", "1 image, transparency ignored: images/a.png"),
        ("cmyk.jpg", "1 image, CMYK converted to RGB: images/a.jpg"),
        ("pages.tif", "1 image, several pages, only the first used: images/a.tif"),
    ])
    func noted(golden: String, warning: String) throws {
        let name = "a." + FileName.suffix(golden)
        let found = try warnings(golden: golden, as: name)
        #expect(found.contains(warning), "\(found)")
    }

    @Test func aTurnedImageWithAnUprightMask() throws {
        let found = try warnings(golden: "turned.jpg", as: "a.jpg", maskWidth: 32, maskHeight: 40)
        #expect(found.contains("1 image, orientation 6 applied: images/a.jpg"), "\(found)")
    }

    @Test func contentOtherThanTheName() throws {
        let found = try warnings(golden: "alpha.png", as: "a.jpg")
        #expect(found.contains("1 image, the content is PNG, although the name says otherwise: images/a.jpg"), "\(found)")
        #expect(try warnings(golden: "plain.tif", as: "a.tif") == ["the val split is empty", "the test split is empty"])
        #expect(try warnings(golden: "plain.jpg", as: "a.jpeg") == ["the val split is empty", "the test split is empty"])
    }

    @Test func otherFilesInTheFolders() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        try set.folder.write("notes", to: "images/notes.txt")
        try set.folder.write("x", to: "images/.hidden")
        let report = try Ingest.run(set.options(captions: [try set.captions(["a"])]))
        #expect(
            report.summary.warnings.contains("images/: not read, because they are not PNG, JPEG, TIFF, BMP, GIF or WebP files: notes.txt"))
    }
}
