// A program: its commands, how the words of a command line become a running command, and how an error becomes `error: ...` and an exit
// code.
// Does not exit: `run` returns the code and main.swift exits with it.
import Files

/// The version that `--version` prints and run folders record.
public let programVersion = "0.1.0"

public struct Program: Sendable {
    public let name: String
    public let summary: String
    public let commands: [Command]
    /// The command that runs if the first word is an option (`train --shards ...`); it has the program's name. Nil if a command must be
    /// named.
    let main: Command?

    public init(name: String, summary: String, commands: [Command]) {
        self.name = name
        self.summary = summary
        self.commands = commands
        main = nil
    }

    /// A program with a main command, whose name it takes, and other commands under their own names.
    public init(main: Command, jobs: [Command] = []) {
        name = main.name
        summary = main.summary
        commands = jobs
        self.main = main
    }

    /// Runs the command that the words name and returns the exit code. Installs the Ctrl-C handler.
    public func run(_ words: [String] = Array(CommandLine.arguments.dropFirst()), console: Console = .standard) -> Int32 {
        do {
            try execute(words, console: console)
            if let failure = console.outputFailure { throw failure }
            return ExitCode.success
        } catch let error as ArgumentError {
            console.writeError("error: \(Printable.line("\(error)"))\nTry: \(helpInvocation(for: words))\n")
            return ExitCode.usage
        } catch let error as CommandError {
            console.writeError((error.kind == .cancelled ? "" : "error: ") + Printable.line(error.message) + "\n")
            return error.kind.exitCode
        } catch {
            let lines = (error as? any LinedError)?.lines ?? ["\(error)"]
            console.writeError("error: " + lines.map(Printable.line).joined(separator: "\n") + "\n")
            // An error without a kind is not the user's mistake.
            return ((error as? any UserFacingError)?.kind ?? .environment).exitCode
        }
    }

    private func execute(_ words: [String], console: Console) throws {
        if words.first == "--version" { return console.writeOutput("\(name) \(programVersion)\n") }
        var words = words[...]
        if let command = try named(&words) {
            let isMain = command.name == main?.name
            let parsed = try ArgumentParser(command: command).parse(Array(words))
            if parsed.wantsHelp {
                let invocation = isMain ? name : "\(name) \(command.name)"
                return console.writeOutput(Help.text(for: command, invocation: invocation, jobs: isMain ? commands : []))
            }
            Interrupt.install(console: console)
            return try command.run(CommandInput(console: console, command: command, parsed: parsed))
        }
        console.writeOutput(Help.text(for: self))
    }

    /// The command that the words name; its name is removed from the words. Nil if help for the program is requested.
    private func named(_ words: inout ArraySlice<String>) throws -> Command? {
        if let main, words.first.map({ $0.hasPrefix("-") }) ?? true { return main }
        let names = commands.map(\.name)
        guard let first = words.popFirst() else { throw ArgumentError.noCommand(program: name, commands: names) }
        if main == nil, ["--help", "-h", "help"].contains(first) { return nil }
        if let main, first == "help" { words = ["--help"]; return main }
        guard let found = commands.first(where: { $0.name == first }) else {
            throw ArgumentError.unknownCommand(first, suggestion: Spelling.nearest(to: first, among: names), commands: names)
        }
        return found
    }

    private func helpInvocation(for words: [String]) -> String {
        if let first = words.first, commands.contains(where: { $0.name == first }) { return "\(name) \(first) --help" }
        return "\(name) --help"
    }
}
