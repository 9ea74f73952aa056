// What can go wrong in a program: a mistake in the user's arguments, or a failure that already has its exit code.
// Invariant: exit codes mean the same in every program (`ExitCode`). The texts are in CommandError+Description.swift.
import Files

/// The exit codes of every program in the package.
public enum ExitCode {
    /// Everything that was asked for is done.
    public static let success: Int32 = 0
    /// Some samples are bad, or a run failed on its data (a loss that is not finite, a damaged shard).
    public static let badSamples: Int32 = 1
    /// The request cannot be served: bad arguments, wrong root, malformed input file, checkpoint or shards that do not fit.
    public static let usage: Int32 = 2
    /// A problem of the machine: I/O error, no space, a folder that cannot be written, a missing library.
    public static let environment: Int32 = 3
    /// Stopped by Ctrl-C (128 + SIGINT); finished work is kept.
    public static let interrupted: Int32 = 130
}

/// A failure with a kind (its exit code) and a complete message for the user.
public struct CommandError: UserFacingError, Equatable {
    public let kind: FailureKind
    public let message: String

    public init(_ kind: FailureKind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension FailureKind {
    public var exitCode: Int32 {
        switch self {
        case .data: ExitCode.badSamples
        case .usage: ExitCode.usage
        case .environment: ExitCode.environment
        case .cancelled: ExitCode.interrupted
        }
    }
}

/// A mistake in the arguments; always exit code 2.
public enum ArgumentError: Error, Sendable, Equatable {
    case noCommand(program: String, commands: [String])
    case unknownCommand(String, suggestion: String?, commands: [String])
    case unknownOption(String, suggestion: String?)
    case moved(option: String, now: String)
    case shortOption(String)
    case missingValue(option: String, valueName: String)
    case unwantedValue(option: String, value: String)
    case repeated(option: String)
    case missingOption(option: String, valueName: String)
    /// None or several options of a group were given, of which exactly one must be given; the options' names.
    case noneOfGroup([String])
    case excluding([String])
    /// An option that would have no effect, and where it has one ("with --split").
    case noEffect(option: String, where: String)
    case emptyValue(option: String, valueName: String)
    case missingArgument(String)
    case unexpectedArgument(String, command: String)
    case notANumber(option: String, value: String, wanted: String)
    case outOfRange(option: String, value: String, wanted: String)
    case notAChoice(option: String, value: String, choices: [String])
}
