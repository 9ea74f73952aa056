// Messages are built from what was found: pictures one folder further down, other formats, a file where a folder is expected, one folder a
// sample.
import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite struct FoundFoldersTests {
    private let set: SampleFolder

    init() throws { set = try SampleFolder() }

    private func table(_ images: String = "images", _ masks: String = "masks", names: [String] = ["a", "b", "c"]) throws -> IngestReport {
        var options = set.options(.table, captions: [try set.captions(names)])
        options.root = nil
        options.name = "mydata"
        options.table = TableChoices(images: set.folder.file(images), masks: set.folder.file(masks))
        return try Ingest.run(options)
    }

    private func error(_ body: () throws -> IngestReport) -> String {
        do { return "no error; problems: " + (try body().summary.problems.map(\.line).joined(separator: "\n")) } catch { return "\(error)" }
    }

    @Test func theOnlyFolderBelowIsTakenAndSaid() throws {
        try set.pairs(["a", "b", "c"], images: "images/images", masks: "masks/deep/masks")
        let report = try table()
        #expect(report.manifest.samples.map(\.image) == ["a", "b", "c"].map { "images/images/\($0).png" })
        #expect(report.manifest.samples.map(\.mask) == ["a", "b", "c"].map { "masks/deep/masks/\($0).png" })
        let lines = report.summary.inferred ?? []
        let images = set.folder.file("images")
        #expect(lines.first == "\(images): read from \(images)/images, the only folder below it with pictures (3)")
        // The layouts with names do so too.
        let named = try Ingest.run(set.options(captions: [try set.captions(["a", "b", "c"])]))
        #expect(named.manifest.samples.map(\.mask) == report.manifest.samples.map(\.mask))
        #expect(named.summary.inferred?.count == 2)
    }

    @Test func aFolderWithPicturesOfItsOwnStaysAsItIs() throws {
        try set.pairs(["a", "b", "c"])
        try set.folder.write(try set.picture(), to: "images/more/d.png")
        let report = try table()
        #expect(report.summary.counts.all == 3)
        #expect(report.summary.warnings.contains("images/: subfolders, which are not read: more/"))
        #expect(try Ingest.run(set.options(captions: [try set.captions(["a", "b", "c"])])).summary.inferred == nil)
    }

    @Test func severalFoldersBelowAreNamedWithCounts() throws {
        try set.pairs(["a", "b", "c"], images: "images/one")
        try set.folder.write(try set.picture(), to: "images/two/d.png")
        let images = set.folder.file("images")
        let text = error { try table() }
        #expect(
            text.hasSuffix(
                "its subfolders hold some: one/ (3), two/ (1); name one of them, such as --images \"\(images)/one\", or move their files into one folder"
            ), "\(text)")
        let named = error { try Ingest.run(set.options(captions: [try set.captions(["a"])])) }
        #expect(
            named.contains("one/ (3), two/ (1); move their files into \(images) itself, or name two folders with prep ingest table"),
            "\(named)")
    }

    @Test func oneFolderASampleIsToldHowToGather() throws {
        for name in ["IMD002", "IMD003", "IMD004"] {
            try set.folder.write(try set.picture(), to: "PH2/\(name)/\(name)_Dermoscopic_Image/\(name).png")
            try set.folder.write(try set.mask(), to: "PH2/\(name)/\(name)_lesion/\(name)_lesion.png")
            try set.folder.write(try set.picture(), to: "other/\(name)/image.png")
            try set.folder.write(try set.mask(), to: "other/\(name)/mask.png")
        }
        let text = error { try table("PH2", "PH2") }
        #expect(text.contains("a folder for each sample (3 of them, such as IMD002/"), "\(text)")
        #expect(
            text.contains(
                "cp \"$d/${id}_Dermoscopic_Image/${id}.png\" \"gathered/images/$id.png\"; cp \"$d/${id}_lesion/${id}_lesion.png\""),
            "\(text)")
        for (folder, names) in [("PH2", ["IMD002", "IMD003", "IMD004"]), ("other", ["IMD002", "IMD003", "IMD004"])] {
            try follow(error { try table(folder, folder) })
            #expect(try table("gathered/images", "gathered/masks", names: names).manifest.samples.map(\.id) == names)
            try FileManager.default.removeItem(atPath: set.folder.file("gathered"))
        }
    }

    /// Runs the shell line of a message in the set's folder.
    private func follow(_ text: String) throws {
        let start = try #require(text.range(of: "mkdir"), "\(text)")
        var line = String(text[start.lowerBound...])
        for end in ["; done", " (no two"] {
            if let range = line.range(of: end, options: .backwards) {
                line = String(line[..<range.lowerBound]) + (end == "; done" ? end : "")
            }
        }
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-ec", line]
        shell.currentDirectoryURL = URL(fileURLWithPath: set.path)
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0, "\(line)")
    }

    @Test func oneFolderASplitIsGathered() throws {
        for (split, names) in [("train", ["a", "b"]), ("val", ["c"]), ("test", ["d", "e"])] {
            try set.pairs(names, images: "images/\(split)", masks: "masks/\(split)")
        }
        let images = error { try table(names: ["a", "b", "c", "d", "e"]) }
        #expect(
            images.contains("it has a folder for each split (train/ 2, val/ 1, test/ 2 pictures)") && !images.contains("each sample"),
            "\(images)")
        try follow(images)
        try follow(error { try table("gathered/images", names: ["a"]) })
        #expect(try table("gathered/images", "gathered/masks", names: ["a", "b", "c", "d", "e"]).summary.counts.all == 5)
        // Names that occur in two splits would be lost.
        try set.pairs(["a"], images: "images/val", masks: "masks/val")
        let twice = error { try table() }
        #expect(
            twice.contains("name each split's folder by itself, such as --images \"\(set.folder.file("images"))/train\"")
                && !twice.contains("cp "), "\(twice)")
    }

    @Test func severalMasksInAFolderOfTheirImage() throws {
        let names = ["n1", "n2", "n3"]
        try set.pairs(names)
        for (index, name) in names.enumerated() {
            for number in 1...(index + 1) { try set.folder.write(try set.mask(), to: "parts/\(name)/\(number).png") }
        }
        let text = error { try table("images", "parts", names: names) }
        #expect(
            text.contains("it has a folder for each image, with its masks (3 of them, such as n1/ with n1/1.png)")
                && !text.contains("gathered/images"), "\(text)")
        try follow(text)
        let report = try table("images", "gathered/masks", names: names)
        #expect(report.manifest.samples.map { 1 + ($0.furtherMasks?.count ?? 0) } == [1, 2, 3])
        // Folders that no image is named as are classes, and their masks no parts of one.
        for name in ["u", "v", "w"] {
            for number in 1...2 { try set.folder.write(try set.mask(), to: "classes/\(name)/\(name)\(number).png") }
        }
        let classes = error { try table("images", "classes", names: names) }
        #expect(classes.contains("its subfolders hold some") && !classes.contains("cp "), "\(classes)")
    }

    @Test(arguments: [
        (["a.dcm", "b.dcm"], "found 2 .dcm (DICOM); convert the DICOM files to PNG"),
        (["a.nii.gz", "b.npy"], "1 .nii.gz (volumes), 1 .npy (NumPy arrays); save"),
        (["a.heic"], "1 .heic (pictures of another format); convert them to PNG"), (["set.zip"], "1 .zip (archives); unpack the archives"),
        (["IM.0001", "IM.0002"], "found 2 without extension; name the folder of images with --images"),
        ([], "it is empty; name the folder of images with --images"),
    ])
    func otherFilesAreCountedByKind(names: [String], saying expected: String) throws {
        try set.pairs(["a"])
        try FileIO.createFolder(set.folder.file("scans"))
        for name in names { try set.folder.write("x", to: "scans/\(name)") }
        let text = error { try table("scans") }
        #expect(text.contains(expected) && !text.contains("--root"), "\(text)")
    }

    @Test func picturesWithoutAnExtensionAreKnownByTheirContent() throws {
        try set.pairs(["a"])
        try set.folder.write(try set.picture(), to: "scans/0001")
        #expect(error { try table("scans") }.contains("of which \"0001\" is a picture by its content; give the files their extension"))
    }

    @Test func aMixedFolderCountsWhatIsNotRead() throws {
        try set.pairs(["a", "b", "c"])
        for name in ["a.dcm", "b.dcm", "c.npy", "n.txt"] { try set.folder.write("x", to: "images/\(name)") }
        let warnings = try table().summary.warnings
        #expect(
            warnings.contains { $0.contains("files: 2 .dcm (DICOM), 1 .npy (NumPy arrays), 1 .txt; if they are part of the set, convert") },
            "\(warnings)")
    }

    @Test func aFileIsNoFolder() throws {
        try set.pairs(["a"])
        let folder = set.folder.file("images")
        #expect(
            error { try table("images/a.png") }.contains(
                "this is a file, but --images takes a folder; name the folder that it lies in: --images \"\(folder)\""))
        #expect(
            error { try table("images", "mask") }.hasSuffix("no such folder; check --masks; \(set.path) holds captions/, images/, masks/"))
        var options = set.options()
        options.root = set.folder.file("images/a.png")
        #expect(error { try Ingest.run(options) }.contains("this is a file, but --root takes a folder"))
    }

    @Test func captionsThatAreNotThereAreLookedForBeside() throws {
        try set.pairs(["a"])
        try set.captions(["a"], file: "captions/all.json")
        let text = error { try Ingest.run(set.options(captions: [set.folder.file("captions/al.json")])) }
        #expect(text.hasSuffix("no such file; check --captions; \(set.folder.file("captions")) holds all.json"), "\(text)")
    }

    @Test func oneFolderWithoutMasksSaysSo() throws {
        try set.pairs(["a", "b", "c"])
        let text = error { try table("images", "images") }
        #expect(
            text.contains("no image (a.png, b.png, c.png, ...) has a mask in the same folder: tried")
                && text.contains("name the folder of masks with --masks"), "\(text)")
    }

    @Test func aTableIsNeverSentToARoot() throws {
        try set.pairs(["a"])
        let outside = try SampleFolder()
        try outside.folder.write(try outside.mask(), to: "m.png")
        try FileManager.default.removeItem(atPath: set.folder.file("masks/a.png"))
        try FileManager.default.createSymbolicLink(
            atPath: set.folder.file("masks/a.png"), withDestinationPath: outside.folder.file("m.png"))
        let text = error { try table(names: ["a"]) }
        #expect(
            text.contains("outside the root") && text.contains("copy the file into the root") && !text.contains("or name a root"), "\(text)"
        )
    }
}
