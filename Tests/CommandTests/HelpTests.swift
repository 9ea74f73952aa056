// Help of the built programs. `VLSEG_UPDATE_SNAPSHOTS=1 swift test ...` rewrites the stored texts after an intended change.
import Foundation
import TestSupport
import Testing

@Suite struct HelpTests {
    private static let snapshots = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Snapshots").path

    @Test(arguments: [
        ("train", ["--help"], "train"), ("segment", ["--help"], "segment"), ("segment", ["evaluate", "--help"], "segment-evaluate"),
        ("segment", ["predict", "--help"], "segment-predict"), ("segment", ["compare", "--help"], "segment-compare"),
        ("segment", ["calibrate", "--help"], "segment-calibrate"), ("segment", ["explain", "--help"], "segment-explain"),
        ("train", ["benchmark", "--help"], "train-benchmark"), ("train", ["plan", "--help"], "train-plan"),
        ("train", ["models"], "train-models"), ("train", ["models", "ua-vls"], "train-models-ua-vls"),
        ("train", ["models", "unet"], "train-models-unet"), ("train", ["models", "ariadne"], "train-models-ariadne"),
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

    @Test(arguments: ["ingest", "shard", "stats", "verify", "preview", "export", "demo", "folds"])
    func everyPrepCommandExplainsItself(command: String) throws {
        let outcome = try BuiltPrograms.run("prep", [command, "--help"], in: "/tmp")
        #expect(outcome.code == 0, "\(outcome.everything)")
        for part in ["usage: prep \(command)", "--help", "example"] { #expect(outcome.output.contains(part), "no \(part)") }
        #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 130 })
    }

    @Test(arguments: [
        ("--devices", "train devices"), ("--check-parity", "train check"), ("--summary", "train summary"),
        ("--benchmark", "train benchmark"),
        ("--benchmark-text", "train benchmark --text"), ("--profile", "train profile"),
    ])
    func optionsThatBecameCommandsSaySo(option: String, now: String) throws {
        let outcome = try BuiltPrograms.run("train", [option, "--batch-size", "4"], in: "/tmp")
        #expect(outcome.code == 2 && outcome.error.hasPrefix("error: \(option) is now a command: \(now)\n"), "\(outcome.everything)")
    }

    @Test(arguments: [
        (["--model", "unet-9000"], "--model: \"unet-9000\" is not one of ua-vls"),
        (["--model-option", "mixer"], "\"mixer\" is not KEY=VALUE"),
        (["--model-option", "mixer=mamba"], "ua-vls's option mixer is \"mamba\", expected ssmix|linear"),
        (["--model-option", "mixer=ssmix", "mixer=linear"], "mixer is given twice, as ssmix and linear"),
        (["--dropout", "0.2", "--model-option", "dropout=0.3"], "are the same setting; give one"),
        (["sumary"], "unknown command \"sumary\"; did you mean summary?"),
    ])
    func whatIsNoModelOrCommandIsRefused(words: [String], says: String) throws {
        let outcome = try BuiltPrograms.run("train", words + (words[0].hasPrefix("-") ? ["--shards", "x"] : []), in: "/tmp")
        #expect(outcome.code == 2 && outcome.error.contains(says), "\(outcome.everything)")
    }

    @Test(arguments: ["prep", "train", "segment"])
    func everyProgramHasAVersion(program: String) throws {
        let outcome = try BuiltPrograms.run(program, ["--version"], in: "/tmp")
        #expect(outcome.code == 0)
        #expect(outcome.output.hasPrefix("\(program) 0."))
    }
}
