// Problems in bulk: one line a kind and a file with all of them, which the next run replaces; few problems have a line each.
import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite struct ProblemListTests {
    private let set: SampleFolder

    init() throws { set = try SampleFolder() }

    private var list: String { self.set.manifests + "/kvasir.problems.txt" }

    /// The list's problems, without the line that marks it as prep's.
    private func listed() throws -> [Substring] {
        let lines = try FileIO.readText(list).split(separator: "\n")
        #expect(lines.first == "# \(lines.count - 1) problems, listed by prep ingest")
        return Array(lines.dropFirst())
    }

    private func run(captions: Int, skipBad: Bool = false) throws -> IngestReport {
        try set.pairs(["s1", "s2"])
        var options = set.options(captions: [try set.captions((1...captions).map { "s\($0)" })])
        options.skipBad = skipBad
        return try Ingest.run(options)
    }

    @Test func manyAreOneLineAndAFile() throws {
        let report = try run(captions: 1402)
        #expect(!report.isWritten && report.problemsPath == list)
        #expect(try FileIO.list(set.manifests) == ["kvasir.problems.txt"] && Manifest.names(in: set.manifests).isEmpty)
        let lines = ProblemList(report.summary.problems).lines(list: "manifests/kvasir.problems.txt")
        #expect(lines.count == 1)
        #expect(
            lines[0].hasPrefix(
                "1,400 rows name no image: s10, s100, s1000, s1001, s1002, ...; all in manifests/kvasir.problems.txt; the first: "),
            "\(lines)")
        let written = try listed()
        #expect(written.count == 1400 && written.allSatisfy { $0.contains("which is not among the images") })
    }

    @Test func theNextRunReplacesTheList() throws {
        #expect(try run(captions: 30, skipBad: true).isWritten)
        #expect(try listed().count == 28)
        #expect(try Manifest.read(folder: set.manifests, name: "kvasir").summary.problems.count == 28)
        #expect(try run(captions: 40).problemsPath == list)
        #expect(try listed().count == 38)
        #expect(try run(captions: 3).problemsPath == nil)
        #expect(!FileIO.exists(list))
    }

    @Test func anothersFileInItsPlaceStays() throws {
        try set.folder.write(Array("buy milk\n".utf8), to: "manifests/kvasir.problems.txt")
        for captions in [3, 40] {
            let error = failure { _ = try run(captions: captions) }
            #expect(
                error?.description
                    == "\(list): this file exists, and prep ingest did not write it; give another --name or --manifests, or add --overwrite to replace it"
            )
            #expect(try FileIO.readText(list) == "buy milk\n")
        }
    }

    @Test func twentyHaveALineEach() throws {
        let report = try run(captions: 22)
        #expect(report.problemsPath == nil && ProblemList(report.summary.problems).lines(list: nil).count == 20)
        #expect(!FileIO.exists(set.manifests))
    }

    @Test func noGoodSampleWritesTheListToo() throws {
        let names = (1...25).map { "s\($0)" }
        for name in names { try set.folder.write(try set.picture(), to: "images/\(name).png") }
        try set.folder.write(try set.mask(), to: "masks/other.png")
        let error = failure { _ = try Ingest.run(set.options(captions: [try set.captions(names)])) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("no sample is usable; only the list of problems was written:\n"), "\(text)")
        #expect(
            text.contains(
                "25 images have no mask: s1, s10, s11, s12, s13, ...; all in \(list); the first: images/s1.png: no mask in masks/"),
            "\(text)")
        #expect(try listed().count == 26)
    }

    @Test func aFolderThatTakesNoListIsSaidFirst() throws {
        try set.folder.write("in the way", to: "manifests")
        let error = failure { _ = try run(captions: 40) }
        #expect(error?.kind == .environment && error?.description.contains("cannot be written") == true)
    }

    @Test func exchangedSidesAreSaidOnce() throws {
        for name in ["a", "b", "c"] {
            try set.folder.write(try set.picture(), to: "images/\(name).png")
            try set.folder.write(try set.mask(width: set.height, height: set.width), to: "masks/\(name).png")
        }
        var options = set.options(captions: [try set.captions(["a", "b", "c"])])
        let text = failure { _ = try Ingest.run(options) }?.description ?? ""
        #expect(text.split(separator: "\n").count == 2, "\(text)")
        #expect(
            text.contains(
                "3 masks have width and height swapped: masks/a.png, masks/b.png, masks/c.png; the first: masks/a.png: the mask has 32x40 pixels"
            ), "\(text)")
        #expect(text.contains("transpose the mask") && !text.contains("--allow-mask-resize"))
        // Asking for resizing does not squeeze them into place.
        options.allowMaskResize = true
        #expect(failure { _ = try Ingest.run(options) }?.description.contains("width and height swapped") == true)
    }

    @Test func otherSizesGetTheCureOfTheirShape() throws {
        try set.pairs(["a", "b", "c"])
        try set.folder.write(try set.mask(width: 20, height: 16), to: "masks/a.png")
        try set.folder.write(try set.mask(width: 40, height: 20), to: "masks/b.png")
        let problems = try set.problems(set.options(captions: [try set.captions(["a", "b", "c"])]))
        #expect(problems.map(\.kind) == [.sizesDiffer, .sizesDiffer])
        #expect(problems[0].reason.hasSuffix("give masks of the image's size, or use --allow-mask-resize"))
        #expect(problems[1].reason.contains("the aspect ratios differ too, so this may be the mask of a crop or of another image"))
    }
}
