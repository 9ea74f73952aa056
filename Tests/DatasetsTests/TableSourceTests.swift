// `prep ingest table`: names and columns inferred, shown, overridden; what cannot be inferred said.
import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite struct TableSourceTests {
    private let sample: SampleFolder

    init() throws { sample = try SampleFolder() }

    /// Pictures under given names, and a caption table.
    private func write(
        _ names: [String], image: (String) -> String, mask: (String) -> String, masks: String = "masks", table: String
    ) throws -> String {
        for (index, name) in names.enumerated() {
            try sample.folder.write(try sample.picture(tint: UInt8(index)), to: "images/\(image(name)).png")
            try sample.folder.write(try sample.mask(), to: "\(masks)/\(mask(name)).png")
        }
        return try sample.folder.write(table, to: "captions.csv")
    }

    private func ingest(
        _ captions: String, masks: String = "masks", _ change: (inout TableChoices) -> Void = { _ in }
    ) throws -> IngestReport {
        var options = sample.options(.table, captions: [captions])
        var choices = TableChoices(images: sample.folder.file("images"), masks: sample.folder.file(masks))
        change(&choices)
        options.root = nil
        options.table = choices
        options.name = "mydata"
        return try Ingest.run(options)
    }

    private func error(_ body: () throws -> IngestReport) -> String {
        do { return "no error; problems: " + (try body().summary.problems.map(\.line).joined(separator: "\n")) } catch { return "\(error)" }
    }

    private static let names = ["a1", "a2", "b10"]
    /// A table with a header, a column of file names, one of sentences and one of splits.
    private static let table = """
        no,scan,remark,subset
        1,images/a1.png,"a small mass, upper left",train
        2,images/a2.png,a large mass below,VALIDATION
        3,images/b10.png,no mass at all,Testing
        """

    @Test(arguments: [
        ("{}", "{}"), ("{}", "{}_mask"), ("{}", "mask_{}"), ("{}", "{}-label"), ("{}", "{}_Segmentation"), ("{}", "{}_seg"),
        ("IMG_{}", "MSK_{}"),
        ("{}_0000", "{}"), ("{}", "gt-{}"), ("scan-{}-x", "truth-{}-y"),
    ])
    func namesArePaired(image: String, mask: String) throws {
        func filled(_ pattern: String) -> (String) -> String { { pattern.replacing("{}", with: $0) } }
        let captions = try write(
            Self.names, image: filled(image), mask: filled(mask),
            table: "file,caption,split\n" + Self.names.map { "\($0),mass \($0) on the left,train\n" }.joined())
        let report = try ingest(captions)
        #expect(report.isWritten && report.summary.counts.train == 3, "\(report.summary.problems)")
        for entry in report.manifest.samples {
            #expect(
                entry.mask == "masks/"
                    + mask.replacing("{}", with: try #require(Self.names.first { entry.image == "images/\(filled(image)($0)).png" }))
                    + ".png")
        }
        #expect(report.summary.inferred?.first?.contains("(inferred): 3 of 3 images have a mask, such as") == true)
    }

    @Test func columnsAreFoundByWhatTheyHold() throws {
        let captions = try write(Self.names, image: { $0 }, mask: { $0 }, table: Self.table)
        let report = try ingest(captions)
        #expect(report.manifest.samples.map(\.caption) == ["a small mass, upper left", "a large mass below", "no mass at all"])
        #expect(report.manifest.samples.map(\.split) == [.train, .val, .test])
        let lines = (report.summary.inferred ?? []).joined(separator: "\n")
        #expect(lines.contains("images from column \"scan\" (3 of 3 rows name an existing image)"))
        #expect(lines.contains("captions from column \"remark\" (the one with most words, such as \"a small mass, upper left\")"))
        #expect(lines.contains("splits from column \"subset\" (by its name; train 1, val 1, test 1)"))
        #expect(report.summary.splitsFrom == "the column \"subset\" of the captions")
    }

    @Test func aJSONListWithItsOwnKeysAndATableWithoutAHeader() throws {
        _ = try write(Self.names, image: { $0 }, mask: { $0 }, table: "")
        let json = try sample.folder.write(
            #"[{"path": "a1.png", "note": "left side"}, {"path": "a2.png", "note": "right side"}, {"note": "top part", "path": "b10.png"}]"#,
            to: "train.json")
        #expect(try ingest(json).manifest.samples.map(\.caption) == ["left side", "right side", "top part"])
        let bare = try sample.folder.write("a1;left side\na2;right side\nb10;top part\n", to: "train.csv")
        let report = try ingest(bare)
        #expect(report.manifest.samples.map(\.caption) == ["left side", "right side", "top part"])
        #expect(report.summary.inferred?.contains { $0.contains("there is no header") } == true)
    }

    @Test func whatIsInferredWronglyCanBeSaid() throws {
        // The longest texts are not the captions, two columns name images, and the splits stand under another name.
        let captions = try write(
            Self.names, image: { $0 }, mask: { $0 },
            table: "left file,file,history,words,part\n"
                + zip(Self.names, Self.names.reversed()).map { "\($0),\($1),a very long story indeed,mass \($0) left,train\n" }.joined())
        let guessed = try #require(try ingestWithSplit(captions).inferred).joined(separator: "\n")
        #expect(
            guessed.contains("captions from column \"history\"")
                && guessed.contains("as many in \"left file\": --image-column takes another"))
        let report = try ingest(captions) {
            $0.imageColumn = "Left File"
            $0.captionColumn = "4"
            $0.splitColumn = "part"
        }
        #expect(report.manifest.samples.map(\.caption) == ["mass a1 left", "mass a2 left", "mass b10 left"])
        #expect(report.summary.options.table?.captionColumn == "4")
    }

    private func ingestWithSplit(_ captions: String) throws -> ManifestSummary {
        var options = sample.options(.table, captions: [captions])
        options.root = nil
        options.name = "other"
        options.table = TableChoices(images: sample.folder.file("images"), masks: sample.folder.file("masks"))
        options.shares = try SplitShares("1/1/1")
        return try Ingest.run(options).summary
    }

    @Test func aPatternOverridesTheRule() throws {
        // Both a1.png and a1_ref2.png are there: the plain name wins unless said.
        let captions = try write(Self.names, image: { $0 }, mask: { $0 }, table: Self.table)
        for name in Self.names { try sample.folder.write(try sample.mask(), to: "masks/\(name)_ref2.png") }
        let report = try ingest(captions) { $0.maskPattern = "{id}_ref2.png" }
        #expect(report.manifest.samples.map(\.mask) == Self.names.map { "masks/\($0)_ref2.png" })
        #expect(
            report.summary.warnings.contains { $0.contains("not read, because the mask pattern does not match: a1.png, a2.png, b10.png") })
    }

    @Test func oneFolderMayHoldBoth() throws {
        let captions = try write(Self.names, image: { $0 }, mask: { $0 + "_mask" }, masks: "images", table: Self.table)
        let report = try ingest(captions, masks: "images")
        #expect(report.manifest.samples.map(\.mask) == Self.names.map { "images/\($0)_mask.png" })
        #expect(report.summary.counts.all == 3 && report.summary.problems.isEmpty)
    }

    @Test func whatCannotBeInferredIsSaid() throws {
        let captions = try write(Self.names, image: { $0 }, mask: { "x" + $0.uppercased() + "y" + $0 }, table: Self.table)
        let pairs = error { try ingest(captions) }
        #expect(
            pairs.contains("no image of") && pairs.contains("(a1.png, a2.png, b10.png, ...)")
                && pairs.contains("say how masks are named with --mask-pattern"), "\(pairs)")
        #expect(
            error { try ingest(captions) { $0.maskPattern = "mask.png" } }.contains(
                "--mask-pattern \"mask.png\": expected a file name with {id} once in it"))
        #expect(error { try ingest(captions) { $0.masks = sample.folder.file("nowhere") } }.contains("no such folder; check --masks"))

        let second = try SampleFolder()
        for name in Self.names {
            try second.folder.write(try second.picture(), to: "images/\(name).png")
            try second.folder.write(try second.mask(), to: "masks/\(name).png")
        }
        func tableError(_ text: String, _ change: (inout TableChoices) -> Void = { _ in }) throws -> String {
            var options = second.options(.table, captions: [try second.folder.write(text, to: "t.csv")])
            options.root = nil
            var choices = TableChoices(images: second.folder.file("images"), masks: second.folder.file("masks"))
            change(&choices)
            options.table = choices
            options.name = "mydata"
            return error { try Ingest.run(options) }
        }
        let noImage = try tableError("scan,text\nz9,left side\n")
        #expect(noImage.contains("no column holds names of existing images; tried \"scan\" (such as \"z9\"), \"text\""), "\(noImage)")
        #expect(try tableError("scan,grade\na1,3\na2,4\n").contains("no column looks like captions"))
        #expect(
            try tableError(Self.table) { $0.captionColumn = "story" }.contains(
                "no column \"story\" (--caption-column); the columns are \"no\", \"scan\", \"remark\", \"subset\""))
        let badSplit = try tableError("scan,text,fold\na1,left side,train\na2,right side,five\nb10,top part,test\n") {
            $0.splitColumn = "fold"
        }
        #expect(badSplit.contains("line 3: column \"fold\" says \"five\", expected train, val or test"), "\(badSplit)")
    }
    @Test func namesAreShownAsWritten() throws {
        let captions = try write(
            ["007", "008"], image: { $0 }, mask: { $0 },
            table: "image,caption,split\n007.png,left side,train\n8,right side,train\ns\u{1B}[2J.png,top part,val\n")
        let lines = try ingest(captions).summary.problems.map(\.line)
        #expect(lines.contains { $0.contains("a caption for \"s\u{1B}[2J.png\"") }, "\(lines)")
        #expect(
            lines.contains { $0.contains("\"008\" is one: format the column of names as text and restore the leading zeros") }, "\(lines)")
    }
}
