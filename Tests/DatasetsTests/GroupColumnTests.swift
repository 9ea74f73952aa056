// Splits by the table's own patient column: named, found by a usual name, or not at all.
import Datasets
import Files
import Randomness
import TestSupport
import Testing

@Suite struct GroupColumnTests {
    private let set: SampleFolder
    private let names = (0..<12).map { "img\($0)" }

    init() throws {
        set = try SampleFolder()
        try set.pairs(names)
    }

    /// A table whose third column says the patient of each image.
    private func options(
        _ header: String, _ group: (Int) -> String, split: String? = "50/25/25", _ change: (inout IngestOptions) -> Void = { _ in }
    ) throws -> IngestOptions {
        let rows = names.enumerated().map { "\($1).png,mass \($0) on the left,\(group($0))" }
        var options = set.options(
            .table, captions: [try set.folder.write("image,caption,\(header)\n" + rows.joined(separator: "\n"), to: "all.csv")])
        options.root = nil
        options.name = "mydata"
        options.table = TableChoices(images: set.folder.file("images"), masks: set.folder.file("masks"))
        options.shares = try split.map { try SplitShares($0) }
        change(&options)
        return options
    }

    private func isWhole(_ report: IngestReport, _ group: (Int) -> String) -> Bool {
        let splits = Dictionary(uniqueKeysWithValues: report.manifest.samples.map { ($0.id, $0.split) })
        return Dictionary(grouping: names.indices, by: { group($0).lowercased() }).values.allSatisfy {
            Set($0.map { splits[names[$0]] }).count == 1
        }
    }

    private let patient: @Sendable (Int) -> String = { "P\($0 % 5)" }

    @Test(arguments: ["patient", "Patient ID", "patient_id", "PatientID", "subject", "case_id", "study"]) func usualNames(
        header: String
    ) throws {
        let report = try Ingest.run(try options(header, patient))
        #expect(isWhole(report, patient) && report.isWritten)
        #expect(
            report.summary.inferred?.contains {
                $0.contains(
                    "patients from column \"\(header)\" (by its name; 5 values, such as \"P0\"; --group-column takes another, or none)")
            } == true)
        #expect(report.summary.splitsFrom == "5 whole groups of the column \"\(header)\", drawn by --split 50/25/25 with seed 1")
    }

    /// The manifest's patients, by the sample's number.
    private func groups(_ report: IngestReport) throws -> [String?] {
        let manifest = try Manifest.read(folder: set.folder.file("manifests"), name: "mydata")
        #expect(manifest.samples == report.manifest.samples)
        let byID = Dictionary(uniqueKeysWithValues: manifest.samples.map { ($0.id, $0.group) })
        return names.map { byID[$0] ?? nil }
    }

    @Test func theManifestNamesTheGroup() throws {
        #expect(try groups(Ingest.run(try options("patient", patient))) == names.indices.map(patient))
        // Capitals make no other patient, and a patient is spelled in one way.
        let mixed = try Ingest.run(try options("patient", { $0 % 2 == 0 ? "p\($0 / 4)" : "P\($0 / 4)" }))
        #expect(try groups(mixed) == names.indices.map { "P\($0 / 4)" })
        // Without a column and without a patient in the names there is no such key.
        let none = try Ingest.run(try options("note", { "n\($0)" }))
        #expect(try groups(none).allSatisfy { $0 == nil })
        #expect(try !FileIO.readText(none.manifestPath).contains("\"group\""))
    }

    @Test func namesOfFilesNameTheGroup() throws {
        let other = try SampleFolder()
        let names = ["case1_1", "case1_2", "case2_1", "case3_1", "other"]
        try other.pairs(names)
        var options = IngestOptions(dataset: .table)
        options.table = TableChoices(images: other.folder.file("images"), masks: other.folder.file("masks"))
        options.caption = "a mass"
        options.name = "named"
        options.manifests = other.folder.file("manifests")
        options.shares = try SplitShares("60/20/20")
        #expect(try Ingest.run(options).manifest.samples.map(\.group) == ["case1", "case1", "case2", "case3", nil])
        let path = Manifest.path(folder: options.manifests, name: "named"), text = try FileIO.readText(path)
        #expect(text.contains("\"group\":\"case1\"") && text.split(separator: "\n").last?.contains("group") == false)
    }

    @Test func aNamedColumn() throws {
        let report = try Ingest.run(try options("who", { "p\($0 / 3)" }) { $0.table?.groupColumn = "WHO" })
        #expect(isWhole(report) { "p\($0 / 3)" } && report.summary.options.table?.groupColumn == "WHO")
        #expect(report.summary.inferred?.contains { $0.contains("patients from column \"who\" (--group-column; 4 values") } == true)
        // By the number, and capitals make no other patient.
        let numbered = try Ingest.run(try options("who", { $0 % 2 == 0 ? "P\($0 / 3)" : "p\($0 / 3)" }) { $0.table?.groupColumn = "3" })
        #expect(isWhole(numbered) { "p\($0 / 3)" })
    }

    /// Whatever the groups, shares and seed: none is divided where there are enough of them.
    @Test func noGroupIsEverParted() throws {
        var random = SplitMix64(seed: 3)
        for seed in 1...12 {
            let groups = names.indices.map { _ in "g\(random.index(below: 6))" }
            guard Set(groups).count >= 3 else { continue }
            let report = try Ingest.run(try options("patient", { groups[$0] }) { $0.seed = UInt64(seed) })
            #expect(isWhole(report) { groups[$0] })
        }
    }

    @Test func groupByPatientTakesTheColumn() throws {
        let report = try Ingest.run(try options("patient", patient) { $0.groupBy = .patient })
        #expect(isWhole(report, patient) && report.summary.splitsFrom.contains("whole groups of the column \"patient\""))
        // Without a column the names decide, and these tell none.
        let error = failure { _ = try Ingest.run(try options("site", patient) { $0.groupBy = .patient }) }
        #expect(
            error?.description.contains("no sample's name contains a patient") == true
                && error?.description.contains("--group-column") == true
        )
        let study = try Ingest.run(try options("patient,study", { "P\($0 % 3),S\($0 % 6)" }) { $0.groupBy = .study })
        #expect(study.summary.splitsFrom.contains("6 whole groups of the column \"study\""))
    }

    @Test func noneDrawsWithoutIt() throws {
        let report = try Ingest.run(try options("patient", patient) { $0.table?.groupColumn = "none" })
        #expect(report.summary.splitsFrom == "drawn by --split 50/25/25 with seed 1")
        #expect(report.summary.inferred?.contains { $0.contains("patients from") } == false)
    }

    @Test func anEmptyCell() throws {
        let report = try Ingest.run(try options("patient", { ["", "nan"].indices.contains($0) ? ["", "nan"][$0] : "P\($0 % 4)" }))
        #expect(report.summary.problems.map(\.kind) == [.badCaptionRow, .badCaptionRow] && report.summary.skipped == ["img0", "img1"])
        #expect(
            report.summary.problems[0].reason.contains(
                "column \"patient\", which keeps a patient's images in one split, is empty; fill it, or draw splits without it by --group-column none"
            ))
        #expect(report.summary.problems[1].reason.contains("says \"nan\""))
    }

    @Test func withoutSharesItIsRefusedOrOnlySaid() throws {
        let error = failure { _ = try Ingest.run(try options("patient", patient, split: nil) { $0.table?.groupColumn = "patient" }) }
        #expect(
            error?.description.contains(
                "--group-column patient needs the shares of the splits to draw: add --split 80/10/10") == true)
        // The source's own splits are told where they part patients.
        let report = try Ingest.run(try options("patient,split", { "P\($0 % 2),\(["train", "val", "test"][$0 % 3])" }, split: nil))
        #expect(report.summary.warnings.contains("2 values of the column \"patient\" in more than one split: p0, p1"))
        #expect(report.summary.splitsFrom == "the column \"split\" of the captions")
    }

    @Test func tooFewGroups() throws {
        // Asked for, it is an error; merely found, the splits are drawn without it, and that is said.
        let error = failure { _ = try Ingest.run(try options("patient", { "P\($0 % 2)" }) { $0.table?.groupColumn = "patient" }) }
        #expect(error?.description.contains("the column \"patient\" has 2 groups for 3 splits") == true)
        let report = try Ingest.run(try options("patient", { "P\($0 % 2)" }))
        #expect(report.summary.splitsFrom == "drawn by --split 50/25/25 with seed 1")
        #expect(report.summary.warnings.contains { $0.contains("of the column \"patient\" in more than one split") })
        let missing = failure { _ = try Ingest.run(try options("site", patient) { $0.table?.groupColumn = "patient" }) }
        #expect(
            missing?.description.contains("no column \"patient\" (--group-column); the columns are \"image\", \"caption\", \"site\"")
                == true)
    }
}
