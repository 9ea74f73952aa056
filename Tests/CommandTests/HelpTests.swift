// Help of the built programs. `VLSEG_UPDATE_SNAPSHOTS=1 swift test ...` rewrites the stored texts after an intended change.
import Foundation
import TestSupport
import Testing

@Suite struct HelpTests {
    private static let snapshots = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Snapshots").path

    @Test(arguments: [
        ("train", ["--help"], "train"), ("segment", ["--help"], "segment"), ("segment", ["evaluate", "--help"], "segment-evaluate"),
        ("segment", ["predict", "--help"], "segment-predict"),
    ])
    func helpIsAsStored(program: String, words: [String], name: String) throws {
        let outcome = try BuiltPrograms.run(program, words, in: "/tmp")
        let path = Self.snapshots + "/\(name).txt"
        if ProcessInfo.processInfo.environment["VLSEG_UPDATE_SNAPSHOTS"] == "1" {
            try outcome.output.write(toFile: path, atomically: true, encoding: .utf8)
        }
        #expect(outcome.code == 0 && outcome.error == "")
        #expect(outcome.output == (try String(contentsOfFile: path, encoding: .utf8)))
    }

    @Test(arguments: ["ingest", "shard", "stats", "verify", "preview", "export", "demo"])
    func everyPrepCommandExplainsItself(command: String) throws {
        let outcome = try BuiltPrograms.run("prep", [command, "--help"], in: "/tmp")
        #expect(outcome.code == 0, "\(outcome.everything)")
        for part in ["usage: prep \(command)", "--help", "example"] { #expect(outcome.output.contains(part), "no \(part)") }
        #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 130 })
    }

    @Test(arguments: ["prep", "train", "segment"])
    func everyProgramHasAVersion(program: String) throws {
        let outcome = try BuiltPrograms.run(program, ["--version"], in: "/tmp")
        #expect(outcome.code == 0)
        #expect(outcome.output.hasPrefix("\(program) 0."))
    }
}
