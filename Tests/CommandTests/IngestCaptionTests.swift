// The caption options of `prep ingest` as the built program: exit codes, what is found, what is refused.
import Foundation
import TestSupport
import Testing

@Suite struct IngestCaptionTests {
    private let folder: TemporaryFolder
    private let names: [String]

    init() throws {
        folder = try TemporaryFolder("captions")
        #expect(try BuiltPrograms.run("prep", ["demo", "--out", "demo", "--count", "9"], in: folder.path).code == 0)
        names = try FileManager.default.contentsOfDirectory(atPath: folder.file("demo/images")).sorted()
    }

    private func ingest(_ words: [String]) throws -> Outcome {
        try BuiltPrograms.run(
            "prep", ["ingest", "table", "--images", "demo/images", "--masks", "demo/masks", "--name", "x"] + words, in: folder.path)
    }

    @Test func oneCaption() throws {
        let outcome = try ingest(["--caption", "polyp", "--split", "60/20/20"])
        #expect(outcome.code == 0 && outcome.output.contains("captions  --caption, one for all images"), "\(outcome.everything)")
        try folder.write("image,caption\n", to: "c.csv")
        for option in [
            ["--captions", "c.csv"], ["--sheet", "1"], ["--caption-column", "2"], ["--group-column", "3"], ["--prompt", "p3"],
        ] {
            let refused = try ingest(["--caption", "polyp"] + option)
            #expect(
                refused.code == 2
                    && refused.error.contains("\(option[0]) needs caption files, but --caption gives all images one caption"),
                "\(refused.everything)")
        }
    }

    @Test func noCaptions() throws {
        let outcome = try ingest(["--split", "60/20/20"])
        #expect(
            outcome.code == 2
                && outcome.error.contains(
                    "name the caption sheets with --captions FILE..., or give all images one caption with --caption TEXT"),
            "\(outcome.everything)")
    }

    @Test func patientsAndLostText() throws {
        try folder.write(
            "image,patient,caption\n" + names.enumerated().map { "\($1),P\($0 / 2),one polyp on the left\n" }.joined(), to: "c.csv")
        let outcome = try ingest(["--captions", "c.csv", "--split", "60/20/20"])
        #expect(
            outcome.code == 0 && outcome.error.contains("patients from column \"patient\" (by its name; 5 values"), "\(outcome.everything)")
        #expect(outcome.output.contains("5 whole groups of the column \"patient\", drawn by --split 60/20/20 with seed 1"))
        let other = try BuiltPrograms.run("prep", ["ingest", "kvasir", "--root", "demo", "--group-column", "patient"], in: folder.path)
        #expect(other.code == 2 && other.error.contains("--group-column belongs to `prep ingest table`"))
        try folder.write("image,caption\n" + names.map { "\($0),one polyp, on the left\n" }.joined(), to: "c.csv")
        let lost = try ingest(["--captions", "c.csv", "--split", "60/20/20"])
        #expect(
            lost.code == 1 && lost.error.contains("c.csv, line 2: 3 fields under a header of 2 (surplus: \" on the left\")")
                && !lost.error.contains("--split"), "\(lost.everything)")
        let sheet = try ingest(["--captions", "c.csv", "--sheet", "Train"])
        #expect(sheet.code == 2 && sheet.error.contains("not a workbook, so it has no sheet \"Train\"; leave --sheet out"))
    }
}
