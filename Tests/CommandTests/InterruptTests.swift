// Ctrl-C and a polite kill: work that has something to keep keeps it, everything else ends at once.
import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct InterruptTests {
    @Test(arguments: [SIGINT, SIGTERM]) func whatHasNothingToKeepEndsAtOnce(number: Int32) throws {
        let folder = try TemporaryFolder()
        // Takes a minute, and says on what before it begins.
        let words = ["check", "--device", "cpu"]
        let started = Date(), outcome = try BuiltPrograms.run("train", words, in: folder.path, signal: (number, after: "compared with"))
        #expect(outcome.code == 128 + number, "\(outcome.everything)")
        #expect(Date().timeIntervalSince(started) < 20)
    }

    @Test func trainingSavesAndSaysHowToGoOn() throws {
        let work = try DemoWork.shared.get().copy()
        let words = ["--shards", "shards/demo", "--run", "runs/long", "--batch-size", "2", "--epochs", "1000", "--device", "cpu"]
        let outcome = try BuiltPrograms.run("train", words, in: work.path, signal: (SIGINT, after: "/1000 step "))
        #expect(outcome.code == 130 && outcome.error.contains("stopping: ") && outcome.error.contains("--resume"), "\(outcome.everything)")
        #expect(FileManager.default.fileExists(atPath: work.file("runs/long/state.json")))
    }
}
