// The kind of every error of the package: whose problem it is. It decides a program's exit code (CommandLineTool.ExitCode).

public enum FailureKind: Sendable, Equatable {
    /// Samples or shards are bad, or a run failed on its data.
    case data
    /// The request cannot be served: bad arguments, a wrong path, a malformed input file, a foreign checkpoint or shards.
    case usage
    /// A problem of the machine: I/O error, no space, missing library.
    case environment
    /// Stopped by Ctrl-C or the caller; what was finished is kept.
    case cancelled
}

/// An error that is shown to a user. Its text is one sentence: the file or option, what was found, what was expected and what to do. The
/// texts are in XError+Description.swift.
public protocol UserFacingError: Error, Sendable, CustomStringConvertible {
    var kind: FailureKind { get }
}
