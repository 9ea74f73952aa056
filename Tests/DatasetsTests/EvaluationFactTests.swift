// What the manifest records for evaluation: other captions and millimetres a pixel. Nothing where the source says nothing.
import Datasets
import Files
import Imaging
import TestSupport
import Testing

@Suite struct EvaluationFactTests {
    private let set: SampleFolder
    private let names = (0..<6).map { "img\($0)" }

    init() throws {
        set = try SampleFolder()
        try set.pairs(names)
    }

    private func table(_ header: String, _ cells: (Int) -> String) throws -> IngestOptions {
        let rows = names.enumerated().map { "\($1).png,one mass on the left,\(cells($0))" }
        var options = set.options(
            .table, captions: [try set.folder.write("image,caption,\(header)\n" + rows.joined(separator: "\n"), to: "all.csv")])
        options.root = nil
        options.name = "mydata"
        options.table = TableChoices(images: set.folder.file("images"), masks: set.folder.file("masks"))
        options.shares = try SplitShares("50/25/25")
        return options
    }

    @Test func otherPromptsOfMedVLSM() throws {
        let objects = names.enumerated().map { number, name in
            let more =
                number == 0
                ? "" : ", \"p1\": \"polyp\", \"p8\": [\"a  polyp\", \"nan\", \"polyp\"], \"p10\": \"ten\", \"p2\": \"small polyp \""
            return "{\"img_name\": \"\(name).png\", \"mask_name\": \"\(name).png\", "
                + "\"prompts\": {\"p0\": \"\", \"p6\": \"a polyp located in left\"\(more)}}"
        }
        var options = set.options(captions: [try set.folder.write("[\(objects.joined(separator: ","))]", to: "c/train.json")])
        options.name = "prompts"
        let samples = try Ingest.run(options).manifest.samples
        #expect(samples.allSatisfy { $0.caption == "a polyp located in left" })
        #expect(samples[0].otherCaptions == nil)
        #expect(samples[1].otherCaptions == ["polyp", "small polyp ", "a  polyp", "ten"])
        #expect(try Manifest.read(folder: set.manifests, name: "prompts").samples == samples)
        options.prompt = "p1"
        options.skipBad = true
        let chosen = try Ingest.run(options).manifest.samples
        #expect(chosen.allSatisfy { $0.caption == "polyp" })
        #expect(chosen.map(\.otherCaptions).allSatisfy { $0 == ["small polyp ", "a polyp located in left", "a  polyp", "ten"] })
        let lines = try FileIO.readText(Manifest.path(folder: set.manifests, name: "prompts"))
        let broken = lines.replacing("\"small polyp \"", with: "\"\"")
        #expect(broken != lines)
        let summary = Manifest.summaryPath(folder: set.manifests, name: "prompts")
        try FileIO.writeAtomically(broken, to: Manifest.path(folder: set.manifests, name: "prompts"))
        try FileIO.writeAtomically(
            try FileIO.readText(summary).replacing(Digest.sha256(Array(lines.utf8)), with: Digest.sha256(Array(broken.utf8))), to: summary)
        let error = failure { _ = try Manifest.read(folder: set.manifests, name: "prompts") }
        #expect(error.map { "\($0)" }?.contains("otherCaptions: no text") == true, "\(String(describing: error))")
    }

    @Test func spacingOfAllImages() throws {
        var options = try table("note") { "n\($0)" }
        #expect(try Ingest.run(options).manifest.samples.allSatisfy { $0.spacing == nil })
        let path = Manifest.path(folder: set.manifests, name: "mydata")
        #expect(try !FileIO.readText(path).contains("spacing"))
        options.spacing = PixelSpacing("0.75, 0.5")
        let report = try Ingest.run(options)
        #expect(report.manifest.samples.allSatisfy { $0.spacing == PixelSpacing(y: 0.75, x: 0.5) })
        #expect(try FileIO.readText(path).contains("\"spacing\":{\"x\":0.5,\"y\":0.75}"))
        let read = try Manifest.read(folder: set.manifests, name: "mydata")
        #expect(read.samples == report.manifest.samples && read.summary.options.spacing == options.spacing)
    }

    @Test func spacingFromColumns() throws {
        let options = try table("spacing_y,spacing_x,note") { $0 == 2 ? ",,n" : "0.\($0 + 1),\($0 + 1),n" }
        let report = try Ingest.run(options)
        #expect(report.isWritten, "\(report.summary.problems.map(\.line))")
        let expected: [PixelSpacing?] = (0..<6).map { number in
            number == 2 ? nil : PixelSpacing("0.\(number + 1),\(number + 1)")
        }
        #expect(report.manifest.samples.map(\.spacing) == expected)
        let inferred = report.summary.inferred ?? []
        #expect(inferred.contains { $0.hasSuffix("millimetres a pixel from columns \"spacing_y\" and \"spacing_x\"") }, "\(inferred)")
        var given = options
        given.spacing = PixelSpacing(y: 2, x: 2)
        #expect(try Ingest.run(given).manifest.samples.allSatisfy { $0.spacing == given.spacing })
        for cells in ["0,1", "-1,1", "0.5,", "0.5 mm,0.5", "inf,1", "1e9,1"] {
            let bad = try Ingest.run(try table("spacing_y,spacing_x,note") { ($0 == 3 ? cells : "1,1") + ",n" })
            let reasons = bad.summary.problems.map(\.reason)
            #expect(!bad.isWritten && reasons.count == 1, "\(cells): \(reasons)")
            #expect(reasons.first?.contains("expected millimetres a pixel such as 0.7 in both, or nothing in both") == true, "\(reasons)")
        }
        let alone = try Ingest.run(try table("spacing_x") { _ in "1" })
        #expect(alone.manifest.samples.allSatisfy { $0.spacing == nil })
        #expect(alone.summary.inferred?.contains { $0.contains("column \"spacing_x\" is not used") } == true)
    }

    @Test func spacingsAsText() {
        #expect(PixelSpacing("0.7,0.8") == PixelSpacing(y: 0.7, x: 0.8) && PixelSpacing("2") == PixelSpacing(y: 2, x: 2))
        for text in ["", ",", "1,", "1,2,3", "0,1", "-1", "nan", "inf,1", "1;2", "a"] { #expect(PixelSpacing(text) == nil, "\(text)") }
    }
}
