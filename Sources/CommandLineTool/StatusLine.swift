// A line that says what is under way, where there is nothing to count: on a terminal it is redrawn, elsewhere printed from time to time.
// Any thread may call it.
import Foundation
import Synchronization

public final class StatusLine: Sendable {
    private let console: Console
    private let lastShown: Mutex<Double>

    public init(_ input: CommandInput) {
        console = input.console
        lastShown = Mutex(input.console.errorIsTerminal ? -Double.infinity : ProcessInfo.processInfo.systemUptime)
    }

    /// Shows the line if the last one was shown long enough ago: a tenth of a second on a terminal, ten seconds elsewhere.
    public func update(_ line: String) {
        let now = ProcessInfo.processInfo.systemUptime
        let isDue = lastShown.withLock { last in
            guard now - last >= (console.errorIsTerminal ? 0.1 : 10) else { return false }
            last = now
            return true
        }
        if isDue { console.redraw(line, isProgress: true) }
    }

    /// Prints a whole line in its place.
    public func say(_ line: String) { console.redraw(line) }
}
