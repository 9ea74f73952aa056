// One `train` as a process of its own: its memory and its faults are separate from those of the plan, and of the other runs. And the
// `segment compare` at the plan's end.
// Invariant: a request to stop reaches the child once, and not before it can act on it.
import Files
import Foundation
import Synchronization

final class ChildRun: Sendable {
    struct Ending {
        /// The exit code; for a process that a signal ended, that signal's number.
        let code: Int32
        let wasKilled: Bool
        /// The last line that begins with "error: ", else the last line.
        let lastWords: String
    }

    private struct State {
        var process: Int32?
        /// The child installs its handler of Ctrl-C before it says anything; a signal sent before that would be lost.
        var hasSpoken = false
        var isToStop = false
    }

    private let state = Mutex(State())

    /// Whether a stop was requested.
    var isStopping: Bool { state.withLock { $0.isToStop } }

    /// Asks the child to save and end; a child that begins later is not affected, the caller begins none.
    func stop() {
        state.withLock { state in
            state.isToStop = true
            if state.hasSpoken, let process = state.process { kill(process, SIGINT) }
        }
    }

    /// Runs `train` with these words, and waits for its end.
    /// - Parameters:
    ///   - log: a file to whose end everything is written that the child says.
    ///   - said: receives each line.
    func run(_ words: [String], log path: String, said: (String) -> Void) throws -> Ending {
        let log = try GrowingFile(path, keeping: FileIO.exists(path) ? try FileIO.size(path) : 0, creates: true)
        try log.append(line: "$ " + ShellWord.command("train", words))
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: Self.path(of: "train"))
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        state.withLock { $0.process = process.processIdentifier }
        var rest: [UInt8] = [], last = "", error = ""
        func take(_ bytes: ArraySlice<UInt8>) throws {
            let line = String(decoding: bytes, as: UTF8.self)
            try log.append(line: line)
            if line.hasPrefix("error: ") { error = String(line.dropFirst("error: ".count)) }
            if !line.isEmpty { last = line }
            said(line)
        }
        while case let bytes = pipe.fileHandleForReading.availableData, !bytes.isEmpty {
            state.withLock { state in
                if state.isToStop, !state.hasSpoken { kill(process.processIdentifier, SIGINT) }
                state.hasSpoken = true
            }
            rest += bytes
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                try take(rest[..<end])
                rest.removeSubrange(...end)
            }
        }
        if !rest.isEmpty { try take(rest[...]) }
        process.waitUntilExit()
        state.withLock { state in
            state.process = nil
            state.hasSpoken = false
        }
        return Ending(
            code: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            lastWords: error.isEmpty ? last : error)
    }

    /// Runs `segment` with these words, on the terminal of the plan.
    func segment(_ words: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path(of: "segment"))
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        try process.run()
        state.withLock { state in
            state.process = process.processIdentifier
            state.hasSpoken = true
        }
        process.waitUntilExit()
        state.withLock { $0.process = nil }
        return process.terminationStatus
    }

    /// A program beside this one.
    static func path(of program: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return program == "train" ? own : FileIO.parent(of: own) + "/" + program
    }
}
