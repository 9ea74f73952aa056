// Rows find their images whatever their extension, prefix or capitals; every other row is reported.
import Datasets
import TestSupport
import Testing

@Suite struct CaptionMatchingTests {
    @Test func extensionPrefixAndFolderMayDiffer() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b", "c", "d.v2"])
        let file = try set.folder.write(
            #"{"mask_a.jpg": "A", "b": "B", "images/c.tif": "C", "d.v2": "D"}"#, to: "captions/train.json")
        let report = try Ingest.run(set.options(captions: [file]))
        #expect(report.manifest.samples.map(\.caption) == ["A", "B", "C", "D"])
        #expect(report.summary.warnings.filter { $0.contains("capitals") }.isEmpty)
    }

    @Test func otherCapitalsAreWarnedAbout() throws {
        let set = try SampleFolder()
        try set.pairs(["Case_A"])
        let file = try set.captions(["MASK_case_a.PNG"])
        let report = try Ingest.run(set.options(captions: [file]))
        #expect(report.manifest.samples.count == 1)
        #expect(
            report.summary.warnings.contains(
                "caption rows matched although their names differ from the file names in capitals: MASK_case_a.PNG"))
    }

    @Test func aMaskNamedOnlyByTheCaptionIsUsed() throws {
        let set = try SampleFolder()
        try set.folder.write(try set.picture(), to: "images/a.png")
        try set.folder.write(try set.mask(), to: "masks/outline-7.png")
        let file = try set.folder.write(
            #"[{"img_name": "a.png", "mask_name": "outline-7.png", "prompts": {"p6": "one polyp, located in left of the image"}}]"#,
            to: "captions/train.json")
        let report = try Ingest.run(set.options(captions: [file]))
        #expect(report.manifest.samples[0].mask == "masks/outline-7.png")
        #expect(report.manifest.samples[0].captionSource == "p6")
    }

    @Test func theSameCaptionTwiceIsAWarning() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        let first = try set.captions(["a.png"], file: "captions/train.json")
        let again = try set.captions(["a.png"], file: "captions/extra.json")
        let report = try Ingest.run(set.options(captions: [first, again]))
        #expect(report.summary.problems.isEmpty)
        #expect(report.manifest.samples[0].split == .train)
        #expect(report.summary.warnings.contains { $0.contains("appears 2 times with the same text") })
    }

    @Test func aFileGivenTwiceIsReadOnce() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        let file = try set.captions(["a.png"])
        let report = try Ingest.run(set.options(captions: [file, set.path + "/captions"]))
        #expect(report.summary.captionFiles == [file])
    }

    @Test func twoDifferentCaptions() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        let one = try set.folder.write(#"{"a.png": "left"}"#, to: "captions/train.json")
        let two = try set.folder.write(#"{"a": "right"}"#, to: "captions/more.json")
        try expectOnly(.severalCaptions, in: set, set.options(captions: [one, two]), saying: "2 different captions for \"a\"")
    }

    @Test func oneImageInTwoSplits() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        let one = try set.captions(["a"], file: "captions/train.json")
        let two = try set.captions(["a"], file: "captions/test.json")
        try expectOnly(.inSeveralSplits, in: set, set.options(captions: [one, two]), saying: "in the splits train and test")
    }

    @Test func anEmptyCaption() throws {
        let set = try SampleFolder()
        try set.pairs(["a", "b"])
        let file = try set.folder.write("{\"a.png\": \" \u{A0} \", \"b.png\": \"left\"}", to: "captions/train.json")
        let report = try Ingest.run(set.options(captions: [file]))
        #expect(report.summary.problems.map(\.kind) == [.emptyCaption] && !report.isWritten)
        #expect(report.summary.problems.first?.line.contains("the caption of \"a\" is empty") == true)
    }

    @Test func aRowThatCannotBeUsed() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        let file = try set.folder.write(#"{"a.png": "left", "b.png": 3}"#, to: "captions/train.json")
        let report = try Ingest.run(set.options(captions: [file]))
        #expect(report.summary.problems.map(\.kind) == [.badCaptionRow])
        #expect(report.summary.problems[0].path.contains("train.json"))
    }

    @Test func thePromptMayBeChosen() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        let file = try set.folder.write(
            #"[{"img_name": "a.jpg", "mask_name": "a.jpg", "prompts": {"p3": "yellow round polyp", "p6": "one polyp, located in left of the image"}}]"#,
            to: "captions/train.json")
        var options = set.options(captions: [file])
        #expect(try Ingest.run(options).manifest.samples[0].captionSource == "p6")
        options.prompt = "p3"
        #expect(try Ingest.run(options).manifest.samples[0].caption == "yellow round polyp")
        options.prompt = "left"
        #expect(failure { _ = try Ingest.run(options) }?.kind == .usage)
    }

    @Test func malformedCaptionFilesEndTheRun() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        for (text, name) in [("hello {", "captions/bad.json"), ("Name,Text\na,b\n", "captions/bad.csv"), ("", "captions/empty.csv")] {
            let file = try set.folder.write(text, to: name)
            let error = failure { _ = try Ingest.run(set.options(captions: [file])) }
            #expect(error?.kind == .usage)
            #expect(error?.description.contains(name) == true)
        }
    }

    @Test func noCaptionsAtAll() throws {
        let set = try SampleFolder()
        try set.pairs(["a"])
        let text = failure { _ = try Ingest.run(set.options()) }?.description ?? ""
        #expect(text.contains("no --captions given and none found in \(set.path)"))
        #expect(text.contains("anns/, prompt/ or captions/"))
    }
}

/// Expects one problem, of the kind, which keeps the only sample out and the manifests folder empty.
func expectOnly(
    _ kind: SampleProblem.Kind, in set: SampleFolder, _ options: IngestOptions, saying text: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    guard case .nothingGood(let problems, _, _) = failure({ _ = try Ingest.run(options) }) else {
        Issue.record("the run did not end with nothingGood", sourceLocation: sourceLocation)
        return
    }
    #expect(problems.map(\.kind) == [kind], sourceLocation: sourceLocation)
    #expect(problems.first?.line.contains(text) == true, "\(problems.first?.line ?? "")", sourceLocation: sourceLocation)
}
