// What a command declares about its options: one of a group, where an option counts, and that nothing is empty. And what reaches the
// terminal.
import CommandLineTool
import Files
import Testing

private struct ListError: LinedError, CustomStringConvertible {
    let names: [String]
    var lines: [String] { ["bad:"] + names.map { "  " + $0 } }
    var description: String { lines.joined(separator: "\n") }
}

private let program = Program(
    name: "tool", summary: "Says things.",
    commands: [
        Command(
            name: "say", summary: "Says it.", arguments: [Argument("WHAT", "what", optional: true)],
            options: [
                .value("text", "WORDS", "what to say").takingEmpty(), .flag("silent", "nothing"), .value("file", "FILE", "where"),
                .choice("tone", ["loud", "low"], default: "low", "how"),
                .value("factor", "X", "how much").counting(.value("tone", ["loud"])), .flag("test", "a test"), .flag("trial", "a trial"),
                .flag("json", "as JSON").counting(.any([.with("test"), .with("trial")])),
                .value("times", "N", "how often").counting(.without(["test", "trial"])),
                .flag("left", "on the left").counting(.all([.argument("WHAT", ["song"]), .valueNot("tone", ["loud"])])),
            ],
            oneOf: [["text", "silent"]]
        ) { input in
            input.print("said \(input.optionalString("text") ?? "nothing")")
            input.note("noted \(input.optionalString("file") ?? "")")
            input.warn("careful with \(input.optionalString("file") ?? "")")
            if input.flag("json") { input.printJSON("{\"file\": \"\(input.optionalString("file") ?? "")\"}") }
            if input.flag("test") { throw ListError(names: [input.optionalString("file") ?? "", "second"]) }
            if input.flag("trial") { throw CommandError(.usage, "no \(input.optionalString("file") ?? "")") }
        }
    ])

private func run(_ words: [String]) -> (code: Int32, output: String, error: String) {
    let recording = RecordingConsole()
    let code = program.run(words, console: recording.console())
    return (code, recording.output, recording.error)
}

@Suite struct DeclaredRulesTests {
    @Test(arguments: [
        (["say"], "one of --text WORDS and --silent is required"),
        (["say", "--text", "a", "--silent"], "--text and --silent cannot be used together; give only one"),
        (["say", "--silent", "--file", ""], "--file: the value is empty; expected --file FILE"),
        (["say", "--silent", "--factor", "2"], "--factor has no effect here, it applies only with --tone loud; leave it out"),
        (["say", "--silent", "--json"], "--json has no effect here, it applies only with --test or --trial; leave it out"),
        (["say", "--silent", "--times", "2", "--trial"], "--times has no effect here, it applies only without --trial; leave it out"),
        (["say", "--silent", "--left"], "--left has no effect here, it applies only for `say song`; leave it out"),
        (
            ["say", "song", "--silent", "--left", "--tone", "loud"],
            "--left has no effect here, it applies only with another --tone than loud; leave it out"
        ),
        (["say", "--silent", "--tone", "luod"], "--tone: \"luod\" is not one of loud, low; did you mean loud?"),
    ])
    func refused(words: [String], message: String) {
        let outcome = run(words)
        #expect(outcome.code == 2 && outcome.error.hasPrefix("error: \(message)\nTry: "), "\(outcome.error)")
    }

    @Test func taken() {
        #expect(run(["say", "--text", ""]).output == "said \n")
        #expect(run(["say", "--text="]).output == "said \n")
        #expect(run(["say", "song", "--silent", "--left", "--times", "2"]).code == 0)
        #expect(run(["say", "--silent", "--tone", "loud", "--factor", "2"]).code == 0)
        #expect(run(["say", "--help"]).output.contains("usage: tool say [WHAT] (--text WORDS | --silent) [options]"))
    }

    /// A name that clears the screen and forges a line, on every way to the terminal.
    @Test func namesDoNotReachTheTerminalRaw() {
        let name = "a\u{1B}[2J\nerror: forged\u{202E}\r"
        let shown = "a\\u{1b}[2J\\nerror: forged\\u{202e}\\r"
        let outcome = run(["say", "--text", name, "--file", name, "--test", "--json"])
        #expect(outcome.output == "said \(shown)\n{\"file\": \"a\\u001b[2J\nerror: forged\\u202e\\u000d\"}\n")
        #expect(outcome.error == "noted \(shown)\nwarning: careful with \(shown)\nerror: bad:\n  \(shown)\n  second\n")
        #expect(run(["say", "--silent", "--file", name, "--trial"]).error.hasSuffix("error: no \(shown)\n"))
        #expect(run(["say", "--\(name)"]).error.hasPrefix("error: unknown option --\(shown)\n"))
        let recording = RecordingConsole()
        let line = ProgressLine(name, total: 0, unit: "x", console: recording.console(errorIsTerminal: true))
        line.update(done: 1, detail: name)
        line.say(name)
        line.finish(summary: name)
        let own = recording.error.replacing("\r\u{1B}[2K", with: "")
        #expect(own.contains(shown) && !own.contains("\u{1B}") && !own.contains("\r") && own.split(separator: "\n").count == 2, "\(own)")
    }
}
