// Names that read alike: capitals, forms of a letter, characters that are not seen, dots within names. Matched and said, or a problem;
// never mixed up.
import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite struct AlikeNamesTests {
    private let set: SampleFolder

    init() throws { set = try SampleFolder() }

    private func pair(_ image: String, _ mask: String, tint: UInt8 = 0) throws {
        try set.folder.write(try set.picture(tint: tint), to: "images/\(image)")
        try set.folder.write(try set.mask(), to: "masks/\(mask)")
    }

    private func table(_ rows: String, masks: String = "masks", _ change: (inout TableChoices) -> Void = { _ in }) throws -> IngestReport {
        var options = set.options(.table, captions: [try set.folder.write("image,caption,split\n" + rows, to: "captions.csv")])
        options.root = nil
        options.name = "mydata"
        var choices = TableChoices(images: set.folder.file("images"), masks: set.folder.file(masks))
        change(&choices)
        options.table = choices
        return try Ingest.run(options)
    }

    @Test(arguments: [
        ("s\u{200B}1", "s1", "s1"), ("s1\u{FEFF}", "s1", "s1\u{200B}"), ("s 1", "s\u{A0}1", "s 1"), ("s\u{FF11}", "s1", "s1"),
        ("s-1", "s\u{2013}1", "s\u{2011}1"),
        ("s\u{AD}1", "s1", "s1"),
    ])
    func namesThatReadAlikeAreMatchedAndSaid(image: String, mask: String, row: String) throws {
        try pair("\(image).png", "\(mask).png")
        try pair("t.png", "t.png", tint: 1)
        for report in [
            try table("\(row).png,one polyp on the left,train\nt.png,one polyp below,val\n"),
            try Ingest.run(set.options(captions: [try set.captions(["\(row).png", "t.png"])])),
        ] {
            #expect(report.isWritten && report.summary.counts.all == 2, "\(report.summary.problems)")
            let said = report.summary.warnings.filter { $0.contains("in look-alike or invisible characters: ") }
            // A row may name the mask instead: then only the pair of image and mask is said.
            #expect(said.count == ([image, mask].contains(row) ? 1 : 2), "\(report.summary.warnings)")
        }
    }

    @Test func letterFormsAreOneName() throws {
        try pair("E\u{301}1.png", "\u{C9}1.png")
        let report = try table("\u{C9}1.png,one polyp on the left,train\n")
        #expect(report.isWritten && report.summary.counts.all == 1)
    }

    @Test func namesThatOnlyTheMachineTellsApartAreNotGuessed() throws {
        try pair("s1.png", "s1.png")
        try pair("s1\u{200B}.png", "s1\u{200B}.png", tint: 1)
        let report = try table(
            "s1.png,one polyp on the left,train\ns1\u{200B}.png,one polyp on the right,train\ns1\u{FEFF}.png,one polyp above,train\n")
        let byId = Dictionary(uniqueKeysWithValues: report.manifest.samples.map { ($0.id, $0.caption) })
        #expect(byId["s1"] == "one polyp on the left" && byId["s1\u{200B}"] == "one polyp on the right")
        #expect(report.summary.problems.map(\.kind) == [.captionWithoutImage])
    }

    @Test func dotsWithinNamesMixNothingUp() throws {
        for (index, name) in ["a.b", "a_b", "x.png", "e", "e.mask"].enumerated() {
            try pair("\(name).png", "\(name).png", tint: UInt8(index))
        }
        let report = try table(
            "a.b.png,caption 0,train\na_b.png,caption 1,train\nx.png.png,caption 2,train\ne.png,caption 3,val\ne.mask.png,caption 4,test\n")
        #expect(report.isWritten)
        #expect(
            report.manifest.samples.map { "\($0.id): \($0.caption ?? "none"), \($0.mask)" } == [
                "a.b: caption 0, masks/a.b.png", "a_b: caption 1, masks/a_b.png", "e: caption 3, masks/e.png",
                "e.mask: caption 4, masks/e.mask.png",
                "x.png: caption 2, masks/x.png.png",
            ])
    }

    @Test func aNameWithoutItsExtensionMayEndInOne() throws {
        try pair("x.png.png", "x.png.png")
        #expect(try table("x.png,one polyp on the left,train\n").manifest.samples.map(\.id) == ["x.png"])
        // With an x.png beside it, "x.png" is that one.
        try pair("x.png", "x.png", tint: 1)
        let report = try table("x.png,one polyp on the left,train\nx.png.png,one polyp below,train\n")
        #expect(report.manifest.samples.map(\.caption) == ["one polyp on the left", "one polyp below"])
    }

    @Test func masksInOtherCapitalsAreOneLine() throws {
        for name in ["A1", "A2"] { try pair("\(name).png", "\(name.lowercased())_Mask.PNG") }
        let report = try Ingest.run(set.options(captions: [try set.captions(["A1", "A2"])]))
        #expect(
            report.summary.warnings == [
                "images/: masks matched although their names differ in capitals: A1.png -> a1_Mask.PNG, A2.png -> a2_Mask.PNG",
                "the val split is empty", "the test split is empty",
            ])
    }

    @Test func whatWasLookedForIsTheRule() throws {
        for name in ["a1", "a2", "a3"] { try pair("\(name).png", "\(name)-truth.png") }
        try set.folder.write(try set.picture(), to: "images/a4.png")
        let rows = (1...4).map { "a\($0).png,polyp \($0) on the left,train\n" }.joined()
        func reason(_ pattern: String?) throws -> String? {
            try table(rows) { $0.maskPattern = pattern }.summary.problems.first { $0.kind == .missingMask }?.reason
        }
        #expect(try reason("{id}-truth.png")?.contains("looked for \"a4-truth.png\", as --mask-pattern says") == true)
        let inferred = try #require(try reason(nil))
        #expect(
            inferred.contains("looked for \"a4-truth\" with any image extension, as the other masks are named: {id} -> {id}-truth"),
            "\(inferred)")
        try set.pairs(["k"], images: "kn/images", masks: "kn/masks")
        try set.folder.write(try set.picture(), to: "kn/images/z.png")
        var options = set.options(captions: [try set.captions(["k", "z"])])
        options.root = set.folder.file("kn")
        let fixed = try set.problems(options).first?.reason
        #expect(fixed?.contains("looked for \"z\", \"mask_z\", \"z_mask\" and \"z_segmentation\" with any image extension") == true)
    }

    @Test func namesOfPublishedSetsAreFound() throws {
        for (image, mask) in [
            ("{}_training", "{}_manual1"), ("{}_test", "{}_manual1"), ("ISIC_{}", "ISIC_{}_Segmentation"), ("IMD{}", "IMD{}_lesion"),
        ] {
            for count in [1, 3] {
                let one = try AlikeNamesTests()
                let names = (21..<21 + count).map(String.init)
                for (index, name) in names.enumerated() {
                    try one.pair("\(image.replacing("{}", with: name)).png", "\(mask.replacing("{}", with: name)).png", tint: UInt8(index))
                }
                let report = try one.table(names.map { "\(image.replacing("{}", with: $0)).png,vessels of eye \($0),train\n" }.joined())
                #expect(report.summary.counts.all == count, "\(image): \(report.summary.problems)")
            }
        }
    }
}
