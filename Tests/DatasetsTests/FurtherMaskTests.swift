// Several masks of one image are united whatever their names, in every layout; a file that no rule explains is named, never dropped, and
// nobody is told to remove an annotation.
import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite struct FurtherMaskTests {
    private let set: SampleFolder

    init() throws { set = try SampleFolder() }

    private func image(_ path: String) throws { try set.folder.write(try set.picture(), to: path) }
    private func mask(_ path: String, width: Int? = nil) throws { try set.folder.write(try set.mask(width: width), to: path) }

    private func table(
        _ names: [String], images: String = "images", masks: String = "masks", _ change: (inout TableChoices) -> Void = { _ in }
    ) throws -> IngestReport {
        let text = "image,caption,split\n" + names.map { "\($0).png,a mass called \($0),train\n" }.joined()
        var options = set.options(.table, captions: [try set.folder.write(text, to: "captions.csv")])
        options.root = nil
        options.name = "mine"
        var choices = TableChoices(images: set.folder.file(images), masks: set.folder.file(masks))
        change(&choices)
        options.table = choices
        return try Ingest.run(options)
    }

    private func masks(_ report: IngestReport) -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: report.manifest.samples.map { ($0.id, $0.masks.map { FileName.last($0.mask) }) })
    }

    // MARK: Names

    @Test(arguments: [
        ("{}_mask", ["{}_mask_1", "{}_mask_2"]), ("{}_mask", ["{}_mask1", "{}_mask2"]), ("{}_mask", ["{}_1_mask", "{}_2_mask"]),
        ("{}_mask", ["{}_mask-1"]),
        ("{}-label", ["{}-label-2"]), ("mask_{}", ["mask_{}_1", "mask_{}_2"]), ("{}_seg", ["{}_seg_b", "{}_seg_c"]),
        ("{}", ["{}_1", "{}_2"]), ("{}", ["{}_2", "{}_3"]),
        ("{}_Segmentation", ["{}_Segmentation (2)"]), ("{}_mask", ["{}_MASK_1"]),
    ])
    func numberedMasksBelongToTheImage(first: String, further: [String]) throws {
        let names = ["benign (4)", "a1", "a10", "case-b"]
        func filled(_ pattern: String, _ name: String) -> String { pattern.replacing("{}", with: name) + ".png" }
        for name in names {
            try image("images/\(name).png")
            try mask("masks/" + filled(first, name))
        }
        for name in names.dropFirst(2) + names.prefix(1) { for pattern in further { try mask("masks/" + filled(pattern, name)) } }
        let report = try table(names)
        #expect(report.isWritten, "\(report.summary.problems.map(\.line))")
        let found = masks(report)
        #expect(found["a1"] == [filled(first, "a1")], "a10's masks are not a1's")
        for name in ["benign (4)", "a10", "case-b"] { #expect(found[name] == ([first] + further).map { filled($0, name) }) }
        #expect(report.summary.masks?.united == 3 && report.summary.masks?.files == 4 + 3 * further.count)
    }

    @Test func masksMayAllBeNumbered() throws {
        for name in ["a", "b", "c"] {
            try image("images/\(name).png")
            for number in 1...2 { try mask("masks/\(name)_mask_\(number).png") }
        }
        let report = try table(["a", "b", "c"])
        #expect(report.isWritten && masks(report)["b"] == ["b_mask_1.png", "b_mask_2.png"], "\(report.summary.problems.map(\.line))")
    }

    @Test func oneFolderForBoth() throws {
        let names = ["benign (1)", "benign (2)", "malignant (12)"]
        for name in names {
            try image("all/\(name).png")
            try mask("all/\(name)_mask.png")
        }
        try mask("all/benign (2)_mask_1.png")
        try mask("all/benign (2)_mask_2.png")
        let report = try table(names, images: "all", masks: "all")
        #expect(report.isWritten && report.manifest.samples.count == 3, "\(report.summary.problems.map(\.line))")
        #expect(masks(report)["benign (2)"] == ["benign (2)_mask.png", "benign (2)_mask_1.png", "benign (2)_mask_2.png"])
    }

    @Test func aStrayFileInOneFolderForBothIsNoImage() throws {
        for name in ["a", "b"] {
            try image("all/\(name).png")
            try mask("all/\(name)_mask.png")
        }
        try mask("all/a_lesion.png")
        let report = try table(["a", "b"], images: "all", masks: "all")
        #expect(
            report.summary.problems.map(\.kind) == [.leftoverMask] && report.summary.problems[0].path == "all/a_lesion.png",
            "\(report.summary.problems.map(\.line))")
        #expect(report.manifest.samples.map(\.id) == ["b"], "the annotation of a is not whole")
    }

    @Test(arguments: [DatasetKind.kvasir, .qata, .mosmed, .lvit]) func everyLayoutUnites(_ dataset: DatasetKind) throws {
        let (images, masksFolder) =
            switch dataset {
            case .qata: ("Train Set/Images", "Train Set/Ground-truths")
            case .mosmed: ("frames", "masks")
            case .lvit: ("Train_Folder/img", "Train_Folder/labelcol")
            default: ("images", "masks")
            }
        let prefix = dataset == .qata ? "mask_" : ""
        for name in ["p", "q"] {
            try image("\(images)/\(name).png")
            try mask("\(masksFolder)/\(prefix)\(name).png")
        }
        try mask("\(masksFolder)/\(prefix)p_1.png")
        try mask("\(masksFolder)/\(prefix)p_2.png")
        var options = set.options(dataset, captions: [try set.captions(["p", "q"])])
        options.name = "mine"
        let report = try Ingest.run(options)
        #expect(report.isWritten, "\(report.summary.problems.map(\.line))")
        #expect(
            masks(report)["p"] == ["\(prefix)p.png", "\(prefix)p_1.png", "\(prefix)p_2.png"] && masks(report)["q"] == ["\(prefix)q.png"])
        #expect(report.summary.masks?.united == 1)
    }

    // MARK: What no rule explains

    @Test(arguments: ["a_lesion2", "a_mask_copy", "a_mask_1_old", "a-extra", "a (other)"]) func whatBelongsToNoRuleIsAProblem(
        _ stray: String
    ) throws {
        for name in ["a", "b"] {
            try image("images/\(name).png")
            try mask("masks/\(name)_mask.png")
        }
        try mask("masks/\(stray).png")
        let problems = try table(["a", "b"]).summary.problems
        #expect(problems.map(\.kind) == [.leftoverMask] && problems.map(\.path) == ["masks/\(stray).png"], "\(problems.map(\.line))")
        #expect(problems.first?.reason.contains("begins with that of the image \"a\"") == true)
        #expect(problems.allSatisfy { !$0.reason.contains("remove") })
    }

    @Test(arguments: ["A_mask_old.png", "a_mask_1", "a_mask_1.npy", "a_mask.png.bak", "a.dcm", "A_1.json"])
    func neitherCapitalsNorFormatHideAnnotation(_ stray: String) throws {
        for name in ["a", "b"] {
            try image("images/\(name).png")
            try mask("masks/\(name)_mask.png")
        }
        try set.folder.write(stray.hasSuffix(".png") ? try set.mask() : [1, 2, 3], to: "masks/\(stray)")
        let problems = try table(["a", "b"]).summary.problems
        #expect(
            problems.map(\.kind) == [.leftoverMask] && problems.map(\.path) == ["masks/\(stray)"] && problems[0].id == "a",
            "\(problems.map(\.line))")
        // The image is left out, since its annotation may not be whole.
        var options = set.options(.table, captions: [set.folder.file("captions.csv")])
        options.root = nil
        options.name = "mine"
        options.skipBad = true
        options.table = TableChoices(images: set.folder.file("images"), masks: set.folder.file("masks"))
        #expect(try Ingest.run(options).manifest.samples.map(\.id) == ["b"])
    }

    @Test func aMaskAmongTheImagesIsNoImage() throws {
        for name in ["a", "b"] {
            try image("images/\(name).png")
            try mask("masks/\(name)_mask.png")
        }
        try mask("images/a_mask_1.png")
        let problems = try table(["a", "b"]).summary.problems
        let found = problems.filter { $0.path == "images/a_mask_1.png" }
        #expect(
            found.map(\.kind) == [.leftoverMask] && found[0].id == "a" && found[0].reason.contains("move it to masks/"),
            "\(problems.map(\.line))")
        #expect(problems.allSatisfy { !$0.reason.contains("remove") }, "\(problems.map(\.line))")
    }

    @Test func aMaskWhoseImageIsMissingIsNotAnothersMask() throws {
        // Images are called p_1, p_2: the mask p_1_3 may be that of an image p_1_3 that is not here.
        for name in ["p", "p_1", "p_2"] {
            try image("images/\(name).png")
            try mask("masks/\(name).png")
        }
        try mask("masks/p_3.png")
        try mask("masks/x9.png")
        let report = try Ingest.run(set.options(captions: [try set.captions(["p", "p_1", "p_2"])]))
        #expect(report.summary.problems.map(\.kind) == [.leftoverMask, .missingImage])
        #expect(report.summary.problems.map(\.path) == ["masks/p_3.png", "masks/x9.png"])
        #expect(report.summary.problems[0].reason.contains("if it belongs to another image, add that image"))
        // A gap in the numbers says as much.
        let gap = try SampleFolder()
        try gap.pairs(["a", "b"])
        try gap.folder.write(try gap.mask(), to: "masks/a_7.png")
        #expect(try gap.problems(gap.options(captions: [try gap.captions(["a", "b"])])).map(\.kind) == [.leftoverMask])
    }

    @Test func unitedMasksHaveOneSize() throws {
        for name in ["a", "b"] {
            try image("images/\(name).png")
            try mask("masks/\(name).png")
        }
        try mask("masks/a_1.png", width: 20)
        for allow in [false, true] {
            var options = set.options(captions: [try set.captions(["a", "b"])])
            options.allowMaskResize = allow
            let problems = try set.problems(options)
            #expect(
                problems.map(\.kind) == [.sizesDiffer] && problems[0].path == "masks/a_1.png"
                    && problems[0].reason.contains("has 20x32 pixels, but masks/a.png"))
        }
    }

    // MARK: The manifest

    @Test func oneMaskIsWrittenAsEver() throws {
        try set.pairs(["a", "b"])
        try mask("masks/b_1.png")
        let report = try Ingest.run(set.options(captions: [try set.captions(["a", "b"])]))
        let lines = try FileIO.readText(report.manifestPath).split(separator: "\n")
        #expect(!lines[0].contains("furtherMasks") && lines[1].contains(#""furtherMasks":[{"mask":"masks/b_1.png","maskSha256":""#))
        #expect(try Manifest.read(folder: set.manifests, name: "kvasir").samples == report.manifest.samples)
    }

    @Test(arguments: [
        ("[]", "an empty list"), (#"[{"mask":"../x.png","maskSha256":"HASH"}]"#, "expected a path within the root"),
        (#"[{"mask":"masks/a.png","maskSha256":"HASH"}]"#, "a mask that is named twice"),
        (#"[{"mask":"masks/c.png","maskSha256":"12"}]"#, "is not a SHA-256"),
    ])
    func furtherMasksAreChecked(json: String, saying: String) throws {
        try set.pairs(["a"])
        var manifest = try Ingest.run(set.options(captions: [try set.captions(["a"])])).manifest
        let line = try FileIO.readText(set.manifests + "/kvasir.jsonl").replacing(
            "\"height\"", with: "\"furtherMasks\":\(json.replacing("HASH", with: String(repeating: "a", count: 64))),\"height\"")
        try FileIO.writeAtomically(line, to: set.manifests + "/kvasir.jsonl")
        var summary = manifest.summary
        summary.manifestSHA256 = Digest.sha256(line)
        manifest = Manifest(samples: [], summary: summary)
        try FileIO.writeAtomically(
            String(decoding: StableJSON.encode(summary, pretty: true), as: UTF8.self), to: set.manifests + "/kvasir.summary.json")
        let text = failure { _ = try Manifest.read(folder: set.manifests, name: "kvasir") }?.description ?? ""
        #expect(text.contains("kvasir.jsonl, line 1: furtherMasks") && text.contains(saying), "\(text)")
    }
}
