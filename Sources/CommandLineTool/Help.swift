// Builds the help text from a command's description: plain text, wrapped at 100 columns, the same on a terminal and in a file.

enum Help {
    static let width = 100

    static func text(for program: Program) -> String {
        let rows = program.commands.map { ($0.name, $0.summary) }
        return """
            \(program.name): \(program.summary)

            usage: \(program.name) COMMAND [options]

            commands:
            \(table(rows))

            `\(program.name) COMMAND --help` describes a command; `\(program.name) --version` prints the version.

            """
    }

    /// - Parameter jobs: the other commands of the program, if this is the main one.
    static func text(for command: Command, invocation: String, jobs: [Command] = []) -> String {
        var sections = [wrap("\(invocation): \(command.summary)", indent: 0), "usage: " + usage(of: command, invocation: invocation)]
        if !command.discussion.isEmpty {
            sections.append(
                command.discussion.split(separator: "\n", omittingEmptySubsequences: false)
                    .map { wrap(String($0), indent: 0) }.joined(separator: "\n"))
        }
        if !command.arguments.isEmpty { sections.append("arguments:\n" + table(command.arguments.map { ($0.name, $0.help) })) }
        let rows = command.options.map { (label(of: $0), explanation(of: $0)) } + [("--help", "show this text")]
        sections.append("options:\n" + table(rows))
        if !command.examples.isEmpty {
            let heading = command.examples.count == 1 ? "example:" : "examples:"
            sections.append(([heading] + command.examples.map { "  " + $0 }).joined(separator: "\n"))
        }
        if !jobs.isEmpty {
            sections.append(
                "other commands:\n" + table(jobs.map { ("\(invocation) \($0.name)", $0.summary) })
                    + "\n\n`\(invocation) COMMAND --help` describes one.")
        }
        return sections.joined(separator: "\n\n") + "\n"
    }

    private static func usage(of command: Command, invocation: String) -> String {
        var words = [invocation]
        for argument in command.arguments {
            let name = argument.name + (argument.repeats ? "..." : "")
            words.append(argument.isOptional ? "[\(name)]" : name)
        }
        for option in command.options where option.isRequired { words.append(label(of: option)) }
        for group in command.oneOf {
            words.append(
                "(" + group.compactMap { name in command.options.first { $0.name == name } }.map(label).joined(separator: " | ") + ")")
        }
        for group in command.atMostOne {
            words.append(
                "[" + group.compactMap { name in command.options.first { $0.name == name } }.map(label).joined(separator: " | ") + "]")
        }
        if command.options.contains(where: { !$0.isRequired }) { words.append("[options]") }
        return words.joined(separator: " ")
    }

    static func label(of option: Option) -> String {
        switch option.kind {
        case .flag: "--\(option.name)"
        case .value: "--\(option.name) \(option.valueName)"
        case .list: "--\(option.name) \(option.valueName)..."
        }
    }

    private static func explanation(of option: Option) -> String {
        var text = option.help
        if option.isRequired { text += " (required)" }
        if let value = option.defaultValue { text += " (default: \(value))" }
        return text
    }

    /// Two columns; a long label gets a line of its own.
    private static func table(_ rows: [(String, String)]) -> String {
        let column = min(28, (rows.map(\.0.count).max() ?? 0) + 4)
        return rows.map { label, text in
            let body = wrap(text, indent: column)
            let head = "  " + label
            if head.count + 2 > column { return head + "\n" + body }
            return head + String(repeating: " ", count: column - head.count) + body.dropFirst(column)
        }.joined(separator: "\n")
    }

    private static func wrap(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent + line.count + 1 + word.count > width {
                lines.append(margin + line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        lines.append(margin + line)
        return lines.joined(separator: "\n")
    }
}
