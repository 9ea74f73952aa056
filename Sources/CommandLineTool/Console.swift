// Where a program speaks: standard output, standard error, and whether a person is watching. Injected, so that tests can listen.
// Invariant: nothing reaches a terminal or a log but through `Printable`; the only control characters are those by which a progress line is
// redrawn.
import Files
import Foundation
import Synchronization

public struct Console: Sendable {
    private let output: @Sendable (String) -> Void
    private let error: @Sendable (String) -> Void
    /// Whether standard error is a terminal, where a progress line may be redrawn.
    public let errorIsTerminal: Bool

    public init(
        writeOutput: @escaping @Sendable (String) -> Void, writeError: @escaping @Sendable (String) -> Void, errorIsTerminal: Bool
    ) {
        output = writeOutput
        error = writeError
        self.errorIsTerminal = errorIsTerminal
    }

    /// Lines of the program's own on standard output; a name or caption in them must have gone through `Printable.line`.
    public func writeOutput(_ lines: String) { output(Printable.lines(lines)) }

    /// The same on standard error.
    public func writeError(_ lines: String) { error(Printable.lines(lines)) }

    /// JSON on standard output.
    public func writeJSON(_ text: String) { output(Printable.json(text)) }

    /// A line on standard error in the place of the progress line, which stays below it or, with `isProgress`, is this line.
    func redraw(_ line: String, isProgress: Bool = false) {
        let begin = errorIsTerminal ? "\r\u{1B}[2K" : ""
        error(begin + Printable.line(line) + (errorIsTerminal && isProgress ? "" : "\n"))
    }

    /// The process's own standard output and error.
    public static let standard = Console(
        writeOutput: { writeAll($0, to: STDOUT_FILENO) },
        writeError: { writeAll($0, to: STDERR_FILENO) },
        errorIsTerminal: isatty(STDERR_FILENO) == 1)

    /// Writes all bytes with `write`, so that lines of several threads do not mix inside one call; a closed reader ends it quietly.
    private static func writeAll(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return
            }
        }
    }
}

/// A console that remembers what was said; for tests.
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
