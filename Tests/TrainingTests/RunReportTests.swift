// report.html, outlines.jsonl, and the row of metrics.csv for an epoch in which a run was stopped.
import Files
import Reports
import TestSupport
import Testing
import Training

@Suite(.serialized) struct RunReportTests {
    private func section(_ name: String, of html: String) throws -> String {
        let start = try #require(html.range(of: "<section id=\(name)>")),
            end = try #require(html[start.lowerBound...].range(of: "</section>"))
        return String(html[start.lowerBound..<end.upperBound])
    }

    @Test func aResumedRunsReportHoldsAllEpochs() throws {
        let runs = try Runs()
        try runs.train("a/run")
        // Stopped within an epoch, after the last step of one, and by Ctrl-C.
        try runs.train("b/run", steps: 2)
        try runs.train("b/run", resume: true, steps: 6)
        let interrupted = Observer()
        interrupted.stop = (step: 7, cancellation: Cancellation())
        try runs.train("b/run", resume: true, observer: interrupted)
        try runs.train("b/run", resume: true)
        let whole = try FileIO.readText(runs.folder.file("a/run/report.html")),
            parts = try FileIO.readText(runs.folder.file("b/run/report.html"))
        #expect(whole.contains("<b>3 / 3</b>") && whole.contains("The run is finished"))
        // All but the times.
        for name in ["loss", "scores", "samples", "epochs", "settings"] {
            #expect(try section(name, of: parts) == section(name, of: whole), "\(name)")
        }
        try runs.expectEqual("a/run", "b/run", everyFileOfARun)
        let outlines = SampleOutlines.read(try FileIO.read(runs.folder.file("a/run/outlines.jsonl")))
        #expect(outlines.lines.map(\.epoch) == [1, 2, 3] && outlines.lines.map(\.step) == [3, 6, 9])
        #expect(outlines.lines.allSatisfy { $0.samples.map(\.id) == (10..<14).map { "sample-\($0)" } })
        #expect(whole.components(separatedBy: "data:image/jpeg").count - 1 == 4 && whole.contains("square on the left"))
        #expect(whole.utf8.count < 200_000)
    }

    @Test func aRunStoppedWithinAnEpochHasItsCurvesAndARowThatSaysSo() throws {
        func table(_ runs: Runs) throws -> [[String: Substring]] {
            let rows = try FileIO.readText(runs.folder.file("run/metrics.csv")).split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false)
            }
            #expect(rows.allSatisfy { $0.count == rows[0].count })
            return rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(rows[0].map(String.init), $0)) }
        }
        let runs = try Runs()
        // The first stop validates, because there is no best checkpoint yet.
        try runs.train("run", steps: 2)
        var rows = try table(runs), page = try FileIO.readText(runs.folder.file("run/report.html"))
        #expect(rows.map { $0["complete"] } == ["0"] && rows[0]["step"] == "2" && rows[0]["best"] == "0")
        #expect(rows[0]["train_loss"] != "" && rows[0]["val_loss"] != "")
        #expect(page.contains("Epoch 1 is not whole: its scores are those of step 2") && page.contains("stopped after step 2"))
        #expect(page.contains("<polyline class=\"line faint\""))
        try runs.train("run", resume: true, steps: 4)
        rows = try table(runs)
        page = try FileIO.readText(runs.folder.file("run/report.html"))
        #expect(
            rows.map { $0["complete"] } == ["1", "0"] && rows.map { $0["epoch"] } == ["1", "2"] && rows.map { $0["step"] } == ["3", "4"])
        #expect(rows[1]["train_loss"] != "" && rows[1]["val_loss"] == "" && page.contains("Epoch 2 is not whole: it has no scores yet"))
        // At the limit already: no step is taken, and the row is written anew.
        try runs.train("run", resume: true, steps: 4)
        #expect(try table(runs) == rows)
        try runs.train("run", resume: true)
        #expect(try table(runs).map { $0["complete"] } == ["1", "1", "1"])
    }

    @Test func aReportThatCannotBeWrittenIsANote() throws {
        let runs = try Runs()
        // Folders in the files' places.
        try FileIO.createFolder(runs.folder.file("run/report.html"))
        try FileIO.createFolder(runs.folder.file("run/outlines.jsonl"))
        let observer = Observer()
        #expect(try runs.train("run", observer: observer) == .finished(epochs: 3))
        #expect(observer.notes.filter { $0.contains("the run goes on without") }.count == 1)
        try runs.train("whole")
        try runs.expectEqual("run", "whole", everyFileOfARun.filter { $0 != "outlines.jsonl" })
    }

    /// A version without reports began the run.
    @Test func anOlderRunGetsAReport() throws {
        let runs = try Runs()
        try runs.train("run", steps: 5)
        for name in ["report.html", "outlines.jsonl"] { try FileIO.remove(runs.folder.file("run/" + name)) }
        try runs.train("run", resume: true)
        let page = try FileIO.readText(runs.folder.file("run/report.html"))
        #expect(page.contains("<b>3 / 3</b>") && page.contains("epoch 2") && page.contains("epoch 3"))
        let bytes = try FileIO.read(runs.folder.file("run/report.html"))
        #expect(try runs.train("run", resume: true) == .finished(epochs: 3))
        #expect(try FileIO.read(runs.folder.file("run/report.html")) == bytes, "a finished run's report is left as it is")
    }
}
