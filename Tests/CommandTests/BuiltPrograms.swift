// Runs the built programs as a user does, and tells what they said and returned.
import Foundation
import TestSupport

struct Outcome {
    let code: Int32
    let output: String
    let error: String
    /// For a failing expectation's message.
    var everything: String { "exit code \(code)\n\(output)\n\(error)" }
}

enum BuiltPrograms {
    /// The folder of the built programs: beside the test bundle.
    static let folder: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let candidates = [(own as NSString).deletingLastPathComponent, package.appendingPathComponent(".build/release").path]
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0 + "/train") } ?? candidates[1]
    }()

    /// Runs `program` with `words` in `directory`.
    /// - Parameter signal: sent once what the program says holds `text`.
    static func run(
        _ program: String, _ words: [String], in directory: String, signal: (number: Int32, after: String)? = nil
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: folder + "/" + program)
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        // Files, not pipes: a full pipe would stop the program.
        let output = try TemporaryFolder("output")
        let paths = [output.file("out"), output.file("err")]
        for path in paths { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        let handles = try paths.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) }
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        process.standardInput = FileHandle.nullDevice
        try process.run()
        if let signal {
            while process.isRunning, try !said(paths).contains(where: { $0.contains(signal.after) }) { Thread.sleep(forTimeInterval: 0.02) }
            kill(process.processIdentifier, signal.number)
        }
        process.waitUntilExit()
        let texts = try said(paths)
        return Outcome(code: process.terminationStatus, output: texts[0], error: texts[1])
    }

    private static func said(_ paths: [String]) throws -> [String] {
        // Not Data(contentsOf:), which leaks a buffer for an empty file.
        try paths.map { path in
            String(decoding: try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).readToEnd() ?? Data(), as: UTF8.self)
        }
    }
}

/// A folder with a small demo set, ingested, sharded and trained for one step: made once, read by many tests.
final class DemoWork: Sendable {
    let folder: TemporaryFolder

    static let shared = Result { try DemoWork() }

    private init() throws {
        folder = try TemporaryFolder("demo")
        for (program, words) in [
            ("prep", ["demo", "--out", "data/demo", "--count", "12"]),
            ("prep", ["ingest", "kvasir", "--root", "data/demo", "--name", "demo"]),
            ("prep", ["shard", "demo"]),
            ("train", ["--shards", "shards/demo", "--batch-size", "2", "--max-steps", "1", "--epochs", "2"]),
        ] {
            let outcome = try BuiltPrograms.run(program, words, in: folder.path)
            guard outcome.code == 0 else { throw Failure(description: "\(program) \(words.joined(separator: " ")): \(outcome.everything)") }
        }
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// A copy of the work to damage. Weights are linked, not copied: programs replace them whole, never in place.
    func copy() throws -> TemporaryFolder {
        let copy = try TemporaryFolder("copy")
        let files = FileManager.default
        for name in try files.subpathsOfDirectory(atPath: folder.path) {
            var isFolder: ObjCBool = false
            _ = files.fileExists(atPath: folder.file(name), isDirectory: &isFolder)
            if isFolder.boolValue {
                try files.createDirectory(atPath: copy.file(name), withIntermediateDirectories: true)
            } else if name.hasSuffix(".safetensors") {
                try files.linkItem(atPath: folder.file(name), toPath: copy.file(name))
            } else {
                try files.copyItem(atPath: folder.file(name), toPath: copy.file(name))
            }
        }
        return copy
    }
}
