// Every folder layout is found as it lies, and the error for a wrong root says what to do.
import Datasets
import Files
import TestSupport
import Testing

@Suite struct LayoutTests {
    @Test func kvasirFindsCaptionsInAnns() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b", "c"])
        try set.captions(["a.png"], file: "anns/train.json")
        try set.captions(["b.png"], file: "anns/val.json")
        try set.captions(["c.png"], file: "anns/test.json")
        let report = try Ingest.run(set.options())
        #expect(report.isWritten)
        #expect(report.manifest.samples.map(\.split) == [.train, .val, .test])
        #expect(report.summary.captionsFrom == "found in the root")
        #expect(report.summary.splitsFrom == "the caption files' names")
        #expect(report.summary.counts == .init(train: 1, val: 1, test: 1, all: 3))
    }

    @Test func aFolderOneOrTwoLevelsDownIsFound() throws {
        for prefix in ["Kvasir-SEG/", "archive/Kvasir-SEG/"] {
            let set = try SampleFolder()
            try set.pairs(["a"], images: prefix + "Images", masks: prefix + "MASKS")
            let captions = try set.captions(["a"])
            let report = try Ingest.run(set.options(captions: [captions]))
            #expect(report.summary.root == set.path + "/" + prefix.dropLast())
            #expect(report.manifest.samples[0].image == "Images/a.png")
        }
    }

    @Test func qataWithSpacesPrefixedMasksAndAWorkbook() throws {
        let set = try SampleFolder()
        let base = "QaTa-COV19/QaTa-COV19-v2"
        try set.pairs(["one", "two"], images: "\(base)/Train Set/Images", masks: "\(base)/Train Set/Ground-truths", prefix: "mask_")
        try set.pairs(["three", "four"], images: "\(base)/Test Set/Images", masks: "\(base)/Test Set/Ground-truths", prefix: "mask_")
        try set.folder.write(try SampleFolder.golden("Train_Val_text.xlsx"), to: "\(base)/Train_Val_text.xlsx")
        let report = try Ingest.run(set.options(.qata))
        #expect(report.manifest.samples.map(\.id) == ["four", "one", "three", "two"])
        #expect(report.manifest.samples.map(\.split) == [.test, .train, .test, .train])
        #expect(report.manifest.samples[1].mask == "Train Set/Ground-truths/mask_one.png")
        #expect(report.manifest.samples[1].caption == "Unilateral pulmonary infection, area one..")
        #expect(report.manifest.samples[1].captionSource == "Description" || report.manifest.samples[1].captionSource == "DESCRIPTION")
        #expect(report.summary.warnings.contains { $0.hasPrefix("4 captions with a double full stop") })
        #expect(report.summary.warnings.contains("the val split is empty"))
    }

    @Test func isicFoldersAreSplitsAndMasksEndInSegmentation() throws {
        let set = try SampleFolder()
        let parts = [("Training", "ISIC_1"), ("Validation", "ISIC_2"), ("Test", "ISIC_3")]
        for (part, id) in parts {
            let images = "ISIC2018_Task1-2_\(part)_Input"
            try set.folder.write(try set.picture(tint: UInt8(part.count)), to: "\(images)/\(id).png")
            try set.folder.write(try set.mask(), to: "ISIC2018_Task1_\(part)_GroundTruth/\(id)_segmentation.png")
        }
        let captions = try set.captions(parts.map(\.1))
        let report = try Ingest.run(set.options(.isic, captions: [captions]))
        #expect(report.manifest.samples.map(\.id) == ["ISIC_1", "ISIC_2", "ISIC_3"])
        #expect(report.manifest.samples.map(\.split) == [.train, .val, .test])
        #expect(report.manifest.samples[0].mask == "ISIC2018_Task1_Training_GroundTruth/ISIC_1_segmentation.png")
    }

    @Test func qataSheetsDivideTheTrainingSet() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b"], images: "Train Set/Images", masks: "Train Set/Ground-truths", prefix: "mask_")
        try set.pairs(["c"], images: "Test Set/Images", masks: "Test Set/Ground-truths", prefix: "mask_")
        let sheets = try [("train", "a"), ("val", "b"), ("test", "c")].map { split, name in
            try set.folder.write("\u{FEFF}Image,Description\r\nmask_\(name).png,\"infection, \(name)\"\r\n", to: "sheets/\(split).csv")
        }
        let report = try Ingest.run(set.options(.qata, captions: sheets))
        #expect(report.manifest.samples.map(\.split) == [.train, .val, .test])
        #expect(report.manifest.samples[0].caption == "infection, a")
    }

    @Test func mosmedInBothNamings() throws {
        for (images, masks) in [("frames", "masks"), ("IMG", "Label")] {
            let set = try SampleFolder()
            try set.pairs(["a"], images: images, masks: masks)
            let report = try Ingest.run(set.options(.mosmed, captions: [try set.captions(["a.png"])]))
            #expect(report.manifest.samples[0].mask == "\(masks)/a.png")
        }
    }

    @Test func lvitTreeWithoutAValidationFolder() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b", "c", "d"], images: "Train_Folder/img", masks: "Train_Folder/labelcol")
        try set.pairs(["e"], images: "Test_Folder/img", masks: "Test_Folder/labelcol")
        try set.folder.write("Image,Description\na.png,A\nb.png,B\nc.png,C\nd.png,D\n", to: "Train_Folder/Train_text.csv")
        try set.folder.write("Image,Description\ne.tif,E\n", to: "Test_Folder/Test_text.csv")
        var options = set.options(.lvit)
        options.name = "tree"
        let plain = try Ingest.run(options)
        #expect(plain.summary.counts == .init(train: 4, val: 0, test: 1, all: 5))
        #expect(plain.summary.splitsFrom == "the folders' names")
        options.shares = try SplitShares("75/25/0")
        let drawn = try Ingest.run(options)
        #expect(drawn.summary.counts == .init(train: 3, val: 1, test: 1, all: 5))
        #expect(drawn.summary.splitsFrom.contains("val drawn from train by --split 75/25/0 with seed 1"))
        #expect(drawn.manifest.samples[4].split == .test)
    }

    @Test func wrongRootSaysWhatWasLookedForAndFound() throws {
        let set = try SampleFolder()
        try set.folder.write("x", to: "pictures/readme.txt")
        let text = failure { _ = try Ingest.run(set.options()) }?.description ?? ""
        #expect(text.contains("looked (here and in the folders below) for \"images\" and \"masks\"; found pictures/"))
        #expect(text.hasSuffix("check --root"))
    }

    @Test func wrongDatasetIsSuggested() throws {
        let set = try SampleFolder()
        try set.pairs(["a"], images: "Train_Folder/img", masks: "Train_Folder/labelcol")
        let text = failure { _ = try Ingest.run(set.options(.kvasir)) }?.description ?? ""
        #expect(text.contains("try prep ingest lvit --root \"\(set.path)\" --name kvasir"))
    }

    @Test func aRootTooDeepIsSentUp() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        var options = set.options()
        options.root = set.folder.file("images")
        let text = failure { _ = try Ingest.run(options) }?.description ?? ""
        #expect(text.contains("the folder above has the layout: use --root \"\(set.path)\""))
    }

    @Test func severalFittingFoldersAreNamed() throws {
        let set = try SampleFolder()
        for part in ["v1", "v2"] { try set.pairs(["a"], images: "\(part)/images", masks: "\(part)/masks") }
        guard case .ambiguousRoot(_, .kvasir, let candidates) = failure({ _ = try Ingest.run(set.options()) }) else {
            Issue.record("no ambiguousRoot")
            return
        }
        #expect(candidates == ["\(set.path)/v1", "\(set.path)/v2"])
    }

    @Test func rootsThatAreNotThere() throws {
        let set = try SampleFolder()
        var options = set.options()
        options.root = set.folder.file("nowhere")
        let missing = failure { _ = try Ingest.run(options) }
        #expect(missing?.description.contains("no such folder") == true)
        #expect(missing?.kind == .usage)
        options.root = nil
        let none = failure { _ = try Ingest.run(options) }
        #expect(none?.description == "no folder of Kvasir-SEG found: tried data/Kvasir-SEG, data/kvasir-seg; name it with --root DIR")
    }
}
