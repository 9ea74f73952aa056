// Where a program writes: standard output, standard error, and whether a person is watching. It is injected, so that tests can record it.
// Invariant: all text that reaches a terminal or a log goes through `Printable`; the only control characters are those that redraw a
// progress line.
import Files
import Foundation
import Synchronization

public struct Console: Sendable {
    private let output: @Sendable (String) -> Void
    private let error: @Sendable (String) -> Void
    private let failure: @Sendable () -> FileError?
    /// Whether standard error is a terminal, on which a progress line can be redrawn.
    public let errorIsTerminal: Bool

    public init(
        writeOutput: @escaping @Sendable (String) -> Void, writeError: @escaping @Sendable (String) -> Void, errorIsTerminal: Bool,
        failure: @escaping @Sendable () -> FileError? = { nil }
    ) {
        output = writeOutput
        error = writeError
        self.errorIsTerminal = errorIsTerminal
        self.failure = failure
    }

    /// Why standard output lacks something that was written; nil if nothing is lost.
    var outputFailure: FileError? { failure() }

    /// Writes the program's own lines on standard output. A name or caption in them must have gone through `Printable.line`.
    public func writeOutput(_ lines: String) { output(Printable.lines(lines)) }

    /// Like `writeOutput`, on standard error.
    public func writeError(_ lines: String) { error(Printable.lines(lines)) }

    /// Writes JSON on standard output.
    public func writeJSON(_ text: String) { output(Printable.json(text)) }

    /// Writes a line on standard error in place of the progress line. The progress line moves below it; with `isProgress` the line itself
    /// is the new progress line.
    func redraw(_ line: String, isProgress: Bool = false) {
        let begin = errorIsTerminal ? "\r\u{1B}[2K" : ""
        error(begin + Printable.line(line) + (errorIsTerminal && isProgress ? "" : "\n"))
    }

    /// The process's standard output and standard error.
    public static let standard = Console(
        writeOutput: { text in
            let code = writeAll(text, to: STDOUT_FILENO)
            // A reader that closed has all that it wanted.
            if code != 0, code != EPIPE { failureCode.withLock { $0 = $0 == 0 ? code : $0 } }
        },
        writeError: { _ = writeAll($0, to: STDERR_FILENO) },
        errorIsTerminal: isatty(STDERR_FILENO) == 1,
        failure: { failureCode.withLock { $0 == 0 ? nil : .writing("standard output", $0) } })

    /// The errno of the first write on standard output that failed; 0 for none.
    private static let failureCode = Mutex<Int32>(0)

    /// Writes the whole text with `write`, so that lines of several threads do not mix inside one call.
    /// - Returns: the errno of a failure, at which it stops; 0 if all is written.
    private static func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}

/// A console that records its output; for tests.
public final class RecordingConsole: Sendable {
    private let text = Mutex((output: "", error: ""))

    public init() {}

    public var output: String { text.withLock { $0.output } }
    public var error: String { text.withLock { $0.error } }

    public func console(errorIsTerminal: Bool = false) -> Console {
        Console(
            writeOutput: { line in self.text.withLock { $0.output += line } },
            writeError: { line in self.text.withLock { $0.error += line } },
            errorIsTerminal: errorIsTerminal)
    }
}
