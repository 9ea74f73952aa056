// Every way in which a sample can be bad: one problem with its path and reason, the others untouched, nothing written unless asked.
import Datasets
import Files
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct BadSampleTests {
    /// Two good samples and one, "bad", that `spoil` spoils.
    private func check(
        _ kind: SampleProblem.Kind, path: String, saying text: String, captions: [String] = ["good1", "good2", "bad"],
        sourceLocation: SourceLocation = #_sourceLocation, _ spoil: (SampleFolder) throws -> Void
    ) throws {
        let set = try SampleFolder()
        try set.pairs(["good1", "good2", "bad"])
        try spoil(set)
        var options = set.options(captions: [try set.captions(captions)])
        let strict = try Ingest.run(options)
        #expect(!strict.isWritten, sourceLocation: sourceLocation)
        #expect(!FileIO.exists(set.manifests), sourceLocation: sourceLocation)
        #expect(strict.summary.problems.map(\.kind) == [kind], "\(strict.summary.problems)", sourceLocation: sourceLocation)
        let problem = try #require(strict.summary.problems.first, sourceLocation: sourceLocation)
        #expect(problem.path.hasSuffix(path), "\(problem.path)", sourceLocation: sourceLocation)
        #expect(problem.reason.contains(text), "\(problem.reason)", sourceLocation: sourceLocation)
        options.skipBad = true
        let lenient = try Ingest.run(options)
        #expect(lenient.isWritten, sourceLocation: sourceLocation)
        #expect(lenient.manifest.samples.map(\.id) == ["good1", "good2"], sourceLocation: sourceLocation)
        #expect(lenient.summary.skipped == ["bad"], sourceLocation: sourceLocation)
        let read = try Manifest.read(folder: set.manifests, name: "kvasir")
        #expect(read.samples == lenient.manifest.samples, sourceLocation: sourceLocation)
        #expect(read.summary.problems == strict.summary.problems, sourceLocation: sourceLocation)
    }

    private func remove(_ path: String, _ set: SampleFolder) throws { try FileManager.default.removeItem(atPath: set.folder.file(path)) }

    private func link(_ path: String, to target: String, _ set: SampleFolder) throws {
        try remove(path, set)
        try FileManager.default.createSymbolicLink(atPath: set.folder.file(path), withDestinationPath: target)
    }

    @Test func missingMask() throws {
        try check(.missingMask, path: "images/bad.png", saying: "no mask in masks/") { try remove("masks/bad.png", $0) }
    }

    @Test func missingImage() throws {
        try check(.missingImage, path: "masks/bad.png", saying: "a mask without an image \"bad\"", captions: ["good1", "good2"]) {
            try remove("images/bad.png", $0)
        }
    }

    @Test func missingCaption() throws {
        try check(.missingCaption, path: "images/bad.png", saying: "no caption row names this image", captions: ["good1", "good2"]) { _ in }
    }

    @Test func captionForAnAbsentImage() throws {
        try check(.captionWithoutImage, path: "train.json, line 1", saying: "a caption for \"bad\", which is not among the images") {
            try remove("images/bad.png", $0)
            try remove("masks/bad.png", $0)
        }
    }

    @Test func zeroByteFile() throws {
        try check(.emptyFile, path: "images/bad.png", saying: "0 bytes") { try $0.folder.write([], to: "images/bad.png") }
        try check(.emptyFile, path: "masks/bad.png", saying: "0 bytes") { try $0.folder.write([], to: "masks/bad.png") }
    }

    @Test func truncatedPNG() throws {
        try check(.undecodable, path: "images/bad.png", saying: "damaged PNG image") { set in
            let whole = try set.picture()
            try set.folder.write(Array(whole.prefix(whole.count / 2)), to: "images/bad.png")
        }
    }

    @Test func truncatedJPEG() throws {
        try check(.undecodable, path: "images/bad.jpg", saying: "JPEG") { set in
            try remove("images/bad.png", set)
            try set.folder.write(Array(try SampleFolder.golden("plain.jpg").prefix(700)), to: "images/bad.jpg")
        }
    }

    @Test func noImageAtAll() throws {
        try check(.undecodable, path: "masks/bad.png", saying: "not a PNG, JPEG, TIFF, BMP, GIF or WebP image") {
            try $0.folder.write("<html>not found</html>", to: "masks/bad.png")
        }
    }

    @Test func decompressionBomb() throws {
        try check(.tooLarge, path: "images/bad.png", saying: "60000x60000") { set in
            // A header that declares 3,600 million pixels; its checksum is right.
            var png = try set.picture()
            png.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
            png.replaceSubrange(29..<33, with: crc32(png[12..<29]))
            try set.folder.write(png, to: "images/bad.png")
        }
    }

    @Test func sizesDiffer() throws {
        try check(.sizesDiffer, path: "masks/bad.png", saying: "the mask has 20x32 pixels but the image images/bad.png has 40x32") {
            try $0.folder.write(try $0.mask(width: 20), to: "masks/bad.png")
        }
    }

    @Test func anotherMaskSizeMayBeAllowed() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        try set.folder.write(try set.mask(width: 20), to: "masks/a.png")
        var options = set.options(captions: [try set.captions(["a"])])
        options.allowMaskResize = true
        let report = try Ingest.run(options)
        #expect(report.manifest.samples[0].width == 40)
        #expect(
            report.summary.warnings.contains {
                $0.contains("another size than the image and another shape, to be stretched") && $0.contains("masks/a.png")
            })
        #expect(report.summary.options.allowMaskResize)
    }

    @Test func aTurnedImageWhoseMaskIsNot() throws {
        try check(.sizesDiffer, path: "masks/bad.png", saying: "rotated by its EXIF orientation") { set in
            try remove("images/bad.png", set)
            try set.folder.write(try SampleFolder.golden("turned.jpg"), to: "images/bad.jpg")
        }
    }

    @Test func aColourPictureAsMask() throws {
        try check(.maskNotGrey, path: "masks/bad.png", saying: "a mask must be grey") {
            try $0.folder.write(try $0.picture(), to: "masks/bad.png")
        }
    }

    @Test func aLinkOutOfTheRoot() throws {
        let elsewhere = try TemporaryFolder("elsewhere")
        let target = try elsewhere.write(try SampleFolder().picture(), to: "secret.png")
        try check(.outsideRoot, path: "images/bad.png", saying: "outside the root") { try link("images/bad.png", to: target, $0) }
    }

    @Test func aLinkWithinTheRootIsFine() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        try set.folder.write(try set.mask(), to: "shared/mask.png")
        try link("masks/a.png", to: "../shared/mask.png", set)
        let report = try Ingest.run(set.options(captions: [try set.captions(["a"])]))
        #expect(report.isWritten)
    }

    @Test func aLoopOfLinks() throws {
        try check(.linkLoop, path: "images/bad.png", saying: "leads back to itself") { try link("images/bad.png", to: "bad.png", $0) }
    }

    @Test func aLinkToNothing() throws {
        try check(.unreadable, path: "masks/bad.png", saying: "a file that does not exist") {
            try link("masks/bad.png", to: "gone.png", $0)
        }
    }

    @Test func aLoopOfFoldersIsNotFollowed() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        try FileManager.default.createSymbolicLink(atPath: set.folder.file("images/again"), withDestinationPath: "..")
        let report = try Ingest.run(set.options(captions: [try set.captions(["a"])]))
        #expect(report.manifest.samples.count == 1)
        #expect(report.summary.warnings.contains { $0.hasPrefix("images/: subfolders, which are not read") && $0.contains("again") })
    }

    @Test func aFolderNamedLikeAnImage() throws {
        try check(.notAFile, path: "images/bad.png", saying: "a folder or a special file") {
            try remove("images/bad.png", $0)
            try FileIO.createFolder($0.folder.file("images/bad.png"))
        }
    }

    @Test func oneNameWithTwoExtensions() throws {
        try check(.duplicateName, path: "images/bad.jpg", saying: "the name \"bad\" is also that of images/bad.png") {
            try $0.folder.write(try SampleFolder.golden("plain.jpg"), to: "images/bad.jpg")
        }
    }

    @Test func twoMasksForOneImage() throws {
        try check(.ambiguousMask, path: "images/bad.png", saying: "masks/bad.jpg, masks/bad.png") {
            try $0.folder.write(try $0.mask(), to: "masks/bad.jpg")
        }
    }

    @Test func oneNameInTwoSplitFolders() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "bad"], images: "Train_Folder/img", masks: "Train_Folder/labelcol")
        try set.pairs(["b", "bad"], images: "Test_Folder/img", masks: "Test_Folder/labelcol")
        try set.captions(["a", "bad"], file: "captions/train.json")
        try set.captions(["b", "bad"], file: "captions/test.json")
        var options = set.options(.lvit)
        options.name = "tree"
        options.skipBad = true
        let report = try Ingest.run(options)
        #expect(report.summary.problems.map(\.kind) == [.inSeveralSplits])
        #expect(report.summary.problems[0].reason.contains("Train_Folder/img/bad.png, Test_Folder/img/bad.png"))
        #expect(report.manifest.samples.map(\.id) == ["a", "b"])
    }

    @Test func allProblemsAreListedAtOnce() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b", "c", "d"])
        try set.folder.write([], to: "images/a.png")
        try remove("masks/b.png", set)
        try set.folder.write(try set.picture(), to: "masks/c.png")
        let problems = try set.problems(set.options(captions: [try set.captions(["a", "b", "c", "d", "e"])]))
        #expect(problems.map(\.kind) == [.captionWithoutImage, .emptyFile, .maskNotGrey, .missingMask])
        #expect(problems.map(\.id) == ["e", "a", "c", "b"])
    }

    @Test func nothingGoodWritesNothing() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        try set.folder.write([], to: "images/a.png")
        var options = set.options(captions: [try set.captions(["a"])])
        options.skipBad = true
        let error = failure { _ = try Ingest.run(options) }
        #expect(error?.kind == .data)
        #expect(!FileIO.exists(set.manifests))
    }
}

/// CRC-32 as PNG chunks carry it, big-endian.
private func crc32(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    crc = ~crc
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: crc >> UInt32($0)) }
}
