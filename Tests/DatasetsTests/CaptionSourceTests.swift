// One caption for all images, captions that are all empty or not there, and the tables found beside the images.
import Datasets
import Files
import TestSupport
import Testing

@Suite struct CaptionSourceTests {
    private func failureText(_ options: IngestOptions) -> String { failure { _ = try Ingest.run(options) }?.description ?? "no error" }

    private func table(_ set: SampleFolder, _ captions: [String], _ change: (inout TableChoices) -> Void = { _ in }) -> IngestOptions {
        var options = set.options(.table, captions: captions)
        options.root = nil
        options.name = "mydata"
        var choices = TableChoices(images: set.folder.file("images"), masks: set.folder.file("masks"))
        change(&choices)
        options.table = choices
        return options
    }

    @Test(arguments: [DatasetKind.kvasir, .mosmed, .table]) func oneCaptionForAllImages(dataset: DatasetKind) throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b", "c"])
        var options = dataset == .table ? table(set, []) : set.options(dataset)
        options.caption = "polyp"
        options.shares = try SplitShares("1/1/1")
        let report = try Ingest.run(options)
        #expect(report.isWritten && report.manifest.samples.map(\.caption) == ["polyp", "polyp", "polyp"])
        #expect(report.manifest.samples.allSatisfy { $0.captionSource == "--caption" })
        #expect(
            report.summary.captionFiles.isEmpty && report.summary.captionsFrom == "--caption, one for all images"
                && report.summary.options.caption == "polyp")
        options.shares = nil
        #expect(failureText(options).contains("3 of 3 samples have no split"))
        for word in ["", " ", "nan", "-"] {
            options.caption = word
            #expect(failureText(options).contains("--caption \"\(word)\": the text is empty; expected one sentence for all images"))
        }
    }

    @Test func sheetsThatOneCaptionPassesOverAreSaid() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        try set.captions(["a.png"])
        var options = set.options()
        options.caption = "polyp"
        options.shares = try SplitShares("1/0/0")
        #expect(try Ingest.run(options).summary.captionsFrom == "--caption, one for all images; not read: captions/train.json")
    }

    @Test func aPromptNeedsAFileOfPrompts() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        try set.folder.write(Array("image,caption\na.png,one polyp\n".utf8), to: "train.csv")
        var options = set.options(captions: [set.folder.file("train.csv")])
        options.prompt = "p3"
        #expect(
            failureText(options).contains(
                "train.csv: --prompt p3 has no effect here, because only MedVLSM's JSON has several prompts per image; leave it out"))
    }

    @Test func theSplitsOfFoldersStayWithOneCaption() throws {
        let set = try SampleFolder()
        for (split, name) in [("Train", "a"), ("Test", "b")] {
            try set.pairs([name], images: "\(split)_Folder/img", masks: "\(split)_Folder/labelcol")
        }
        var options = set.options(.lvit)
        options.caption = "nuclei"
        options.name = "lvit"
        #expect(try Ingest.run(options).manifest.samples.map(\.split) == [.train, .test])
    }

    @Test(arguments: [true, false]) func captionsThatAreAllEmpty(fixed: Bool) throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b"])
        for (text, part) in [
            ("a.png,\nb.png,\n", "all 2 rows is empty"), ("a.png,nan\nb.png,N/A\n", "all 2 rows says \"nan\" or \"N/A\" or nothing"),
            ("a.png,\u{200B}\nb.png,\n", "all 2 rows is empty"),
        ] {
            let file = try set.folder.write("image,caption\n" + text, to: "captions/all.csv")
            var options = fixed ? set.options(captions: [file]) : table(set, [file])
            options.shares = try SplitShares("60/20/20")
            let message = failureText(options)
            #expect(message.contains("\(file): no caption holds text: column \"caption\" of \(part)"), "\(message)")
            #expect(message.contains("--caption TEXT") && !message.contains("--split"), "\(message)")
        }
    }

    @Test func noCaptionThatFitsAnyImage() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b"])
        var options = set.options(captions: [try set.captions(["x.png", "y.png"])])
        options.shares = try SplitShares("60/20/20")
        let text = failureText(options)
        #expect(
            text.contains("no sample is usable") && text.contains("a caption for \"x.png\", which is not among the images")
                && !text.contains("--split"), "\(text)")
    }

    @Test func rowsThatAreProblemsExcuseTheirImages() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b"])
        let file = try set.folder.write("image,caption\na.png,one polyp, on the left\nb.png,two\n", to: "captions/train.csv")
        for options in [set.options(captions: [file]), table(set, [file])] {
            let report = try Ingest.run(options)
            #expect(
                report.summary.problems.map(\.kind) == [.badCaptionRow] && report.summary.problems[0].id == "a"
                    && report.summary.skipped == ["a"])
            #expect(report.summary.problems[0].line.contains("train.csv, line 2: 3 fields under a header of 2") && !report.isWritten)
        }
        let all = try set.folder.write("image,caption\na.png,one polyp, on the left\nb.png,two, three\n", to: "captions/train.csv")
        var options = table(set, [all])
        options.shares = try SplitShares("60/20/20")
        let text = failureText(options)
        #expect(
            text.contains("line 3: 3 fields under a header of 2") && !text.contains("no caption row names") && !text.contains("--split"),
            "\(text)")
    }

    @Test func wordsForMissingValues() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b", "c"])
        let file = try set.folder.write(
            "image,caption\na.png,nan\nb.png,a nan-like blob\nc.png,x y\nNaN,lost row\n", to: "captions/train.csv")
        for options in [set.options(captions: [file]), table(set, [file])] {
            let problems = try Ingest.run(options).summary.problems
            #expect(problems.map(\.kind) == [.badCaptionRow, .emptyCaption])
            #expect(problems[0].line.contains("line 5: the image's name is \"NaN\", a word for a missing value"))
            #expect(
                problems[1].line.contains(
                    "line 2: the caption of \"a\" is \"nan\", a word for a missing value (in \"caption\"); write one or remove the row"))
        }
    }

    @Test func namesWithInvisibleCharacters() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b", "c 1", "d", "e\u{200B}"])
        let file = try set.folder.write(
            "image,caption\n\u{FEFF}a.png,x\nb.png\u{200B},x\nc\u{A0}1.png,x\nd\u{200B}.png,x\ne,x\n", to: "captions/train.csv")
        for options in [set.options(captions: [file]), table(set, [file])] {
            let report = try Ingest.run(options)
            #expect(report.summary.problems.isEmpty && report.manifest.samples.count == 5)
            #expect(
                report.summary.warnings.contains { $0.contains("in look-alike or invisible characters: ") }, "\(report.summary.warnings)")
        }
    }

    @Test(arguments: [DatasetKind.kvasir, .table]) func theImageFoldersOwnTable(dataset: DatasetKind) throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b"])
        try set.folder.write(
            "{\"file_name\": \"a.png\", \"text\": \"left side\"}\n{\"file_name\": \"b.png\", \"text\": \"right side\"}\n",
            to: "images/metadata.jsonl")
        var options = dataset == .table ? table(set, []) : set.options(dataset)
        options.shares = try SplitShares("1/1/0")
        let report = try Ingest.run(options)
        #expect(report.manifest.samples.map(\.caption) == ["left side", "right side"])
        #expect(
            report.summary.captionFiles == [set.folder.file("images/metadata.jsonl")] && report.summary.captionsFrom == "found in the root")
        #expect(!report.summary.warnings.contains { $0.contains("metadata") })
    }

    @Test func aTableWithoutCaptions() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        let text = failureText(table(set, []))
        #expect(
            text.contains("no captions: no --captions given and none found")
                && text.contains("name the caption sheets with --captions FILE..., or give all images one caption with --caption TEXT"),
            "\(text)")
    }

    @Test func columnsOfWhatHasNone() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        let text = failureText(table(set, [try set.captions(["a.png"])]) { $0.captionColumn = "text" })
        #expect(text.contains("no column \"text\" (--caption-column); the columns are none"), "\(text)")
    }

    @Test func splitsWithAMistakeAreNotDrawn() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b", "c"])
        let file = try set.folder.write(
            "image,caption,split\na.png,left side,train\nb.png,right side,tets\nc.png,top,test\n", to: "all.csv")
        var options = table(set, [file])
        options.skipBad = true
        let report = try Ingest.run(options)
        #expect(
            report.summary.problems.map(\.reason) == ["column \"split\" says \"tets\", expected train, val or test; correct or remove it"])
        #expect(report.manifest.samples.map(\.split) == [.train, .test])
    }
}
