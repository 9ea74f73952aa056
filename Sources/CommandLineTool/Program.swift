// A program: its commands, the way from words to a running command, and from an error to `error: ...` and an exit code.
// Not for exiting: `run` returns the code and main.swift exits with it.
import Files

/// The version that `--version` prints and run folders record.
public let programVersion = "0.1.0"

public struct Program: Sendable {
    public let name: String
    public let summary: String
    public let commands: [Command]
    /// True where the program is one command and takes its options directly (`train --shards ...`).
    let isSingle: Bool
    let kindOfError: @Sendable (any Error) -> CommandError.Kind

    /// - Parameter kindOfError: the exit code's kind for errors of the libraries that the program uses.
    public init(
        name: String, summary: String, commands: [Command], kindOfError: @escaping @Sendable (any Error) -> CommandError.Kind
    ) {
        self.name = name
        self.summary = summary
        self.commands = commands
        self.kindOfError = kindOfError
        isSingle = false
    }

    /// A program that is one command, named as the command is.
    public init(single command: Command, kindOfError: @escaping @Sendable (any Error) -> CommandError.Kind) {
        name = command.name
        summary = command.summary
        commands = [command]
        self.kindOfError = kindOfError
        isSingle = true
    }

    /// Runs the command that the words name and returns the exit code. Installs the Ctrl-C handling.
    public func run(_ words: [String] = Array(CommandLine.arguments.dropFirst()), console: Console = .standard) -> Int32 {
        do {
            try execute(words, console: console)
            return ExitCode.success
        } catch let error as ArgumentError {
            console.writeError("error: \(Printable.line("\(error)"))\nTry: \(helpInvocation(for: words))\n")
            return ExitCode.usage
        } catch let error as CommandError {
            console.writeError((error.kind == .interrupted ? "" : "error: ") + Printable.line(error.message) + "\n")
            return error.exitCode
        } catch {
            let lines = (error as? any LinedError)?.lines ?? ["\(error)"]
            console.writeError("error: " + lines.map(Printable.line).joined(separator: "\n") + "\n")
            return kindOfError(error).exitCode
        }
    }

    private func execute(_ words: [String], console: Console) throws {
        if words.first == "--version" { return console.writeOutput("\(name) \(programVersion)\n") }
        var words = words[...]
        let command: Command
        if isSingle {
            command = commands[0]
        } else {
            guard let first = words.popFirst() else {
                throw ArgumentError.noCommand(program: name, commands: commands.map(\.name))
            }
            if ["--help", "-h", "help"].contains(first) { return console.writeOutput(Help.text(for: self)) }
            guard let found = commands.first(where: { $0.name == first }) else {
                let names = commands.map(\.name)
                throw ArgumentError.unknownCommand(first, suggestion: Spelling.nearest(to: first, among: names), commands: names)
            }
            command = found
        }
        let parsed = try ArgumentParser(command: command).parse(Array(words))
        if parsed.wantsHelp {
            let invocation = isSingle ? name : "\(name) \(command.name)"
            return console.writeOutput(Help.text(for: command, invocation: invocation))
        }
        Interrupt.install(console: console)
        try command.run(CommandInput(console: console, command: command, parsed: parsed))
    }

    private func helpInvocation(for words: [String]) -> String {
        if !isSingle, let first = words.first, commands.contains(where: { $0.name == first }) { return "\(name) \(first) --help" }
        return "\(name) --help"
    }
}
