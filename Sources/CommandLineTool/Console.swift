// Where a program speaks: standard output, standard error, and whether a person is watching. Injected, so that tests can listen.
import Foundation
import Synchronization

public struct Console: Sendable {
    public let writeOutput: @Sendable (String) -> Void
    public let writeError: @Sendable (String) -> Void
    /// Whether standard error is a terminal, where a progress line may be redrawn.
    public let errorIsTerminal: Bool

    public init(
        writeOutput: @escaping @Sendable (String) -> Void, writeError: @escaping @Sendable (String) -> Void, errorIsTerminal: Bool
    ) {
        self.writeOutput = writeOutput
        self.writeError = writeError
        self.errorIsTerminal = errorIsTerminal
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
