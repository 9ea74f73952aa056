// Parsing, help, errors and exit codes of a small program, as its user sees them.
import CommandLineTool
import Testing

private struct LibraryError: Error, CustomStringConvertible { let description = "disk.bin: no space left" }

private let program = Program(
    name: "tool", summary: "Does two things.",
    commands: [
        Command(
            name: "join", summary: "Joins words.", discussion: "A longer explanation.",
            arguments: [Argument("FIRST", "the first word"), Argument("REST", "more words", optional: true, repeats: true)],
            options: [
                .value("times", "N", default: "1", "how often"), .choice("case", ["lower", "upper"], default: "lower", "letter case"),
                .list("suffix", "WORD", "words to add"), .flag("loud", "ends with a mark"), .value("scale", "X", "a factor"),
            ],
            examples: ["tool join a b --loud"]
        ) { input in
            let words = [try input.argument("FIRST")] + input.arguments("REST") + input.strings("suffix")
            let times = try input.integer("times", in: 1...9)
            var line = Array(repeating: words.joined(separator: " "), count: times).joined(separator: ",")
            if try input.string("case") == "upper" { line = line.uppercased() }
            if input.wasGiven("scale") { line += " x\(try input.number("scale", in: 0...10))" }
            input.print(line + (input.flag("loud") ? "!" : ""))
        },
        Command(name: "fail", summary: "Fails.", options: [.value("how", "WORD", required: true, "which way")]) { input in
            switch try input.string("how") {
            case "library": throw LibraryError()
            case "samples": throw CommandError(.data, "2 samples are bad")
            default: throw CommandError(.usage, "no such way")
            }
        },
    ])

private func run(_ words: String...) -> (code: Int32, output: String, error: String) {
    let recording = RecordingConsole()
    let code = program.run(words, console: recording.console())
    return (code, recording.output, recording.error)
}

@Suite struct ProgramTests {
    /// As on a full disk: what a script reads would be cut off.
    @Test func lostOutputIsAnError() {
        let recording = RecordingConsole(), console = recording.console()
        let full = Console(
            writeOutput: { _ in }, writeError: console.writeError, errorIsTerminal: false, failure: { .noSpace(path: "standard output") })
        #expect(program.run(["join", "a"], console: full) == 3)
        #expect(recording.error.contains("error: standard output: no space left"), "\(recording.error)")
    }

    @Test func runsACommandWithItsValues() {
        #expect(run("join", "a", "b", "--suffix", "c", "d", "--times=2", "--loud") == (0, "a b c d,a b c d!\n", ""))
        #expect(run("join", "a", "--case", "upper") == (0, "A\n", ""))
        #expect(run("join", "--times", "2", "--", "--a") == (0, "--a,--a\n", ""))
        #expect(run("join", "-5", "--scale", "0.5") == (0, "-5 x0.5\n", ""))
    }

    @Test(arguments: [
        (["join"], "FIRST is required", "tool join --help"),
        (["join", "a", "--tmies", "2"], "unknown option --tmies; did you mean --times?", "tool join --help"),
        (["join", "a", "--verbosity"], "unknown option --verbosity", "tool join --help"),
        (["join", "a", "-t"], "unknown option -t; options have long names, such as --help", "tool join --help"),
        (["join", "a", "--times"], "--times needs a value: --times N", "tool join --help"),
        (["join", "a", "--times", "--loud"], "--times needs a value: --times N", "tool join --help"),
        (["join", "a", "--times", "1", "--times", "2"], "--times was given twice; give it once", "tool join --help"),
        (["join", "a", "--times", "many"], "--times: \"many\" is not a whole number", "tool join --help"),
        (["join", "a", "--times", "10"], "--times: 10 is out of range; expected 1 to 9", "tool join --help"),
        (["join", "a", "--scale", "-1"], "--scale: -1 is out of range; expected 0.0 to 10.0", "tool join --help"),
        (["join", "a", "--scale", "nan"], "--scale: \"nan\" is not a number", "tool join --help"),
        (["join", "a", "--case", "title"], "--case: \"title\" is not one of lower, upper", "tool join --help"),
        (["join", "a", "--loud=yes"], "--loud takes no value, but \"yes\" was given", "tool join --help"),
        (["fail"], "--how WORD is required", "tool fail --help"),
        (["fail", "x", "--how", "library"], "unexpected argument \"x\" to fail", "tool fail --help"),
        (["jion"], "unknown command \"jion\"; did you mean join?; expected one of: join, fail", "tool --help"),
        ([], "no command given; expected one of: join, fail", "tool --help"),
    ])
    func argumentMistakes(words: [String], message: String, help: String) {
        let recording = RecordingConsole()
        #expect(program.run(words, console: recording.console()) == ExitCode.usage)
        #expect(recording.output == "")
        #expect(recording.error == "error: \(message)\nTry: \(help)\n")
    }

    @Test func errorsBecomeExitCodes() {
        #expect(run("fail", "--how", "library") == (3, "", "error: disk.bin: no space left\n"))
        #expect(run("fail", "--how", "samples") == (1, "", "error: 2 samples are bad\n"))
        #expect(run("fail", "--how", "other") == (2, "", "error: no such way\n"))
    }

    @Test func programHelp() {
        let expected = """
            tool: Does two things.

            usage: tool COMMAND [options]

            commands:
              join  Joins words.
              fail  Fails.

            `tool COMMAND --help` describes a command; `tool --version` prints the version.

            """
        #expect(run("--help") == (0, expected, ""))
        #expect(run("--version") == (0, "tool \(programVersion)\n", ""))
    }

    @Test func commandHelp() {
        let expected = """
            tool join: Joins words.

            usage: tool join FIRST [REST...] [options]

            A longer explanation.

            arguments:
              FIRST  the first word
              REST   more words

            options:
              --times N           how often (default: 1)
              --case lower|upper  letter case (default: lower)
              --suffix WORD...    words to add
              --loud              ends with a mark
              --scale X           a factor
              --help              show this text

            example:
              tool join a b --loud

            """
        #expect(run("join", "a", "--help") == (0, expected, ""))
    }
}
