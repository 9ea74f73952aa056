// `prep stats` and `prep ingest --group-by` as the built program: report, exit codes, what is said where nothing can be done.
import Foundation
import TestSupport
import Testing

@Suite struct StatsCommandTests {
    /// A demo set of twelve; with `leaking`, a picture of the test split (demo_0001) is also one of the training split (demo_0005, of the
    /// same size).
    private func demo(leaking: Bool) throws -> TemporaryFolder {
        let folder = try TemporaryFolder("stats")
        #expect(try BuiltPrograms.run("prep", ["demo", "--out", "data/demo", "--count", "12"], in: folder.path).code == 0)
        if leaking {
            let train = folder.file("data/demo/images/demo_0005.png")
            try FileManager.default.removeItem(atPath: train)
            try FileManager.default.copyItem(atPath: folder.file("data/demo/images/demo_0001.png"), toPath: train)
        }
        let outcome = try BuiltPrograms.run("prep", ["ingest", "kvasir", "--root", "data/demo", "--name", "demo"], in: folder.path)
        #expect(outcome.code == 0, "\(outcome.everything)")
        return folder
    }

    @Test func aReportIsWritten() throws {
        let folder = try demo(leaking: false)
        let outcome = try BuiltPrograms.run("prep", ["stats", "demo", "--html", "report.html", "--fail-on-leakage"], in: folder.path)
        #expect(outcome.code == 0 && outcome.output.contains("same image in two splits: 0"), "\(outcome.everything)")
        #expect(outcome.error.contains("report: report.html"))
        let page = try String(contentsOfFile: folder.file("report.html"), encoding: .utf8)
        #expect(
            page.contains("<title>demo: dataset report</title>")
                && page.contains("No picture is in two splits; neither the data set nor the file names tell the patients."))
        let json = try BuiltPrograms.run("prep", ["stats", "demo", "--json"], in: folder.path)
        let list = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect(list.count == 1 && list[0]["name"] as? String == "demo" && (list[0]["all"] as? [String: Any])?["samples"] as? Int == 12)
        let refused = try BuiltPrograms.run("prep", ["stats", "demo", "--html", "/proc/no-such-place/report.html"], in: folder.path)
        #expect(refused.code == 2 && refused.error.contains("there is no folder /proc/no-such-place"), "\(refused.everything)")
    }

    @Test func leakageFailsWhereItIsAskedTo() throws {
        let folder = try demo(leaking: true)
        let outcome = try BuiltPrograms.run("prep", ["stats", "demo"], in: folder.path)
        #expect(outcome.code == 0 && outcome.output.contains("same image in two splits: 1"), "\(outcome.everything)")
        let failing = try BuiltPrograms.run("prep", ["stats", "demo", "--fail-on-leakage"], in: folder.path)
        #expect(failing.code == 1 && failing.error.contains("the splits of demo share images or patients"), "\(failing.everything)")
        #expect(failing.output == outcome.output)
    }

    @Test func groupsNeedNamesAndShares() throws {
        let folder = try demo(leaking: false)
        func ingest(_ more: [String]) throws -> Outcome {
            try BuiltPrograms.run(
                "prep", ["ingest", "kvasir", "--root", "data/demo", "--name", "demo", "--group-by", "patient"] + more, in: folder.path)
        }
        let unnamed = try ingest(["--split", "80/10/10"])
        #expect(
            unnamed.code == 2 && unnamed.error.contains("no sample's name contains a patient (such as \"demo_0001\")"),
            "\(unnamed.everything)"
        )
        let unshared = try ingest([])
        #expect(unshared.code == 2 && unshared.error.contains("add --split 80/10/10"), "\(unshared.everything)")
    }
}
