// Curves for TensorBoard: a run that was stopped and resumed has the points of one that was not, each once.
import EventFiles
import Files
import TestSupport
import Testing
import Training

@Suite(.serialized) struct RunCurvesTests {
    private struct Point: Equatable {
        let step: Int, tag: String, datum: EventFile.Datum
    }

    private func points(_ runs: Runs, _ run: String) throws -> [Point] {
        let folder = runs.folder.file(run + "/tensorboard"), names = try EventFile.names(in: folder)
        let path = folder + "/" + (try #require(names.first))
        #expect(names.count == 1)
        var points: [Point] = []
        for event in try EventFile.read(path) {
            guard case .values(let values) = event.content else { continue }
            // The settings hold the time of the run's begin.
            for value in values where !value.tag.hasPrefix("_hparams_") {
                points.append(Point(step: event.step, tag: value.tag, datum: value.datum))
            }
        }
        return points
    }

    @Test func aResumedRunHasThePointsOfAWholeOne() throws {
        let runs = try Runs()
        try runs.train("whole")
        // Stopped within an epoch, and after the last step of one.
        try runs.train("parts", steps: 2)
        try runs.train("parts", resume: true, steps: 6)
        try runs.train("parts", resume: true)
        let whole = try points(runs, "whole")
        #expect(try points(runs, "parts") == whole)
        // Three epochs of three steps; four validation samples.
        #expect(whole.filter { $0.tag == "train/loss" }.map(\.step) == Array(1...9))
        #expect(whole.filter { $0.tag == "val/loss" }.map(\.step) == [3, 6, 9] && whole.contains { $0.tag == "val/dice" })
        #expect(
            whole.count { if case .image(_, let width, let height, 3) = $0.datum { width == 2 * height } else { false } } == 3 * 4)
    }

    /// A finished run's file keeps its bytes, the mark of its end included.
    @Test func aFinishedRunIsLeftAsItIs() throws {
        let runs = try Runs()
        try runs.train("run")
        let folder = runs.folder.file("run/tensorboard"), path = folder + "/" + (try #require(EventFile.names(in: folder).first))
        let bytes = try FileIO.read(path)
        #expect(try runs.train("run", resume: true) == .finished(epochs: 3))
        #expect(try FileIO.read(path) == bytes)
    }

    @Test func aRunThatBeganWithoutCurvesGoesOnWithThem() throws {
        let runs = try Runs()
        try runs.train("run", steps: 4)
        try FileIO.remove(
            runs.folder.file("run/tensorboard/" + (try #require(EventFile.names(in: runs.folder.file("run/tensorboard")).first))))
        try runs.train("run", resume: true)
        #expect(try points(runs, "run").filter { $0.tag == "train/loss" }.map(\.step) == Array(5...9))
    }

    @Test func filesOfOthersInTheFolderAreNamed() throws {
        let runs = try Runs()
        try FileIO.createFolder(runs.folder.file("run/tensorboard"))
        try FileIO.writeAtomically(Array("not ours".utf8), to: runs.folder.file("run/tensorboard/events.out.tfevents.1.other"))
        try FileIO.writeAtomically(Array("a line\n".utf8), to: runs.folder.file("run/log.jsonl"))
        #expect { try runs.train("run") } throws: { "\($0)".contains("TensorBoard would show it as part of this run") }
        #expect(try FileIO.readText(runs.folder.file("run/log.jsonl")) == "a line\n", "a refused run empties no log")
    }
}
