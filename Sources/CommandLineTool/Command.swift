// A command described as data: what it accepts, its help, what it does. Help and parsing both read this description.
// Not for the work itself: `run` parses nothing and prints little; it calls a library and reports.
//
//     let verify = Command(
//         name: "verify", summary: "Re-reads every shard and names what is damaged.",
//         arguments: [Argument("FOLDER", "a shard folder, such as shards/kvasir")],
//         options: [.value("threads", "N", default: "0", "threads to use; 0 means one per core"), .flag("json", "print JSON")],
//         examples: ["prep verify shards/kvasir"]
//     ) { input in
//         let folder = try input.argument("FOLDER")
//         let threads = try input.integer("threads", in: 0...1024)
//         let progress = input.progress("verifying", total: 100, unit: "samples")
//         ...
//         input.print("all good")
//     }
//     exit(Program(name: "prep", summary: "...", commands: [verify]).run())

/// A positional argument.
public struct Argument: Sendable {
    public let name: String
    public let help: String
    public let isOptional: Bool
    public let repeats: Bool

    /// - Parameter repeats: takes all remaining positional arguments; allowed only for the last one.
    public init(_ name: String, _ help: String, optional: Bool = false, repeats: Bool = false) {
        self.name = name
        self.help = help
        self.isOptional = optional
        self.repeats = repeats
    }
}

/// A long option, `--name VALUE`, `--name=VALUE`, `--name VALUE VALUE...` or a flag, `--name`.
public struct Option: Sendable {
    public enum Kind: Sendable, Equatable { case flag, value, list }

    public let name: String
    public let kind: Kind
    public let valueName: String
    public let defaultValue: String?
    public let isRequired: Bool
    public let choices: [String]
    public let help: String
    /// The condition under which the option has an effect; nil means always. An option whose condition does not hold is refused.
    public private(set) var effect: Effect?
    /// Whether the empty text "" is a valid value.
    public private(set) var mayBeEmpty = false

    /// The option has an effect only if this condition holds.
    public func counting(_ effect: Effect) -> Option {
        var option = self
        option.effect = effect
        return option
    }

    /// The option accepts "" as a value. Other options refuse it, because it usually comes from a shell variable that is not set.
    public func takingEmpty() -> Option {
        var option = self
        option.mayBeEmpty = true
        return option
    }

    private init(
        name: String, kind: Kind, valueName: String, defaultValue: String?, isRequired: Bool, choices: [String], help: String
    ) {
        self.name = name
        self.kind = kind
        self.valueName = valueName
        self.defaultValue = defaultValue
        self.isRequired = isRequired
        self.choices = choices
        self.help = help
    }

    /// `--name`: present or not.
    public static func flag(_ name: String, _ help: String) -> Option {
        Option(name: name, kind: .flag, valueName: "", defaultValue: nil, isRequired: false, choices: [], help: help)
    }

    /// `--name VALUE`, given at most once. The default is shown in the help.
    public static func value(
        _ name: String, _ valueName: String, default defaultValue: String? = nil, required: Bool = false, _ help: String
    ) -> Option {
        Option(
            name: name, kind: .value, valueName: valueName, defaultValue: defaultValue, isRequired: required, choices: [], help: help)
    }

    /// `--name a|b|c`: one of a fixed list of words.
    public static func choice(
        _ name: String, _ choices: [String], default defaultValue: String? = nil, required: Bool = false, _ help: String
    ) -> Option {
        Option(
            name: name, kind: .value, valueName: choices.joined(separator: "|"), defaultValue: defaultValue, isRequired: required,
            choices: choices, help: help)
    }

    /// `--name VALUE...`: takes values up to the next option; may be given several times.
    public static func list(_ name: String, _ valueName: String, required: Bool = false, _ help: String) -> Option {
        Option(
            name: name, kind: .list, valueName: valueName, defaultValue: nil, isRequired: required, choices: [], help: help)
    }
}

/// One command of a program.
public struct Command: Sendable {
    public let name: String
    public let summary: String
    public let discussion: String
    public let arguments: [Argument]
    public let options: [Option]
    public let examples: [String]
    /// Options that the command no longer has, and the command line that replaces each.
    public let moved: [String: String]
    /// Groups of options of which exactly one must be given.
    public let oneOf: [[String]]
    /// Groups of options that exclude each other.
    public let atMostOne: [[String]]
    public let run: @Sendable (CommandInput) throws -> Void

    public init(
        name: String, summary: String, discussion: String = "", arguments: [Argument] = [], options: [Option] = [],
        examples: [String] = [], oneOf: [[String]] = [], atMostOne: [[String]] = [], moved: [String: String] = [:],
        run: @escaping @Sendable (CommandInput) throws -> Void
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.arguments = arguments
        self.options = options
        self.examples = examples
        self.moved = moved
        self.oneOf = oneOf
        self.atMostOne = atMostOne
        self.run = run
    }

    /// The values of these words, as `run` receives them; for a command that checks or begins another one.
    public func input(_ words: [String], console: Console) throws(ArgumentError) -> CommandInput {
        CommandInput(console: console, command: self, parsed: try ArgumentParser(command: self).parse(words))
    }
}
