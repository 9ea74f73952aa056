// Ctrl-C: the first one asks, the second one leaves. Long work polls `Interrupt.isRequested` (or is told through `onRequest`),
// keeps what it has and returns; a second SIGINT or SIGTERM ends the process at once with 128 + the signal's number.
// Process-wide by nature; `install` is called once, by Program.run.
import Dispatch
import Foundation
import Synchronization

public enum Interrupt {
    private struct State {
        var requested = false
        var handlers: [@Sendable () -> Void] = []
        var sources: [any DispatchSourceSignal] = []
    }

    private static let state = Mutex(State())

    /// Whether the user has asked the program to stop.
    public static var isRequested: Bool { state.withLock { $0.requested } }

    /// Calls `handler` when a stop is asked for, at once if it already was. Runs on a dispatch queue, never in a signal handler.
    public static func onRequest(_ handler: @escaping @Sendable () -> Void) {
        let already = state.withLock { state in
            state.handlers.append(handler)
            return state.requested
        }
        if already { handler() }
    }

    /// Throws the interrupted error when a stop was asked for; `message` says what was kept and how to go on.
    public static func check(_ message: @autoclosure () -> String) throws(CommandError) {
        if isRequested { throw CommandError(.interrupted, message()) }
    }

    static func install(console: Console) {
        state.withLock { state in
            guard state.sources.isEmpty else { return }
            for number in [SIGINT, SIGTERM] {
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
                source.setEventHandler { received(number, console: console) }
                source.resume()
                state.sources.append(source)
            }
        }
    }

    private static func received(_ number: Int32, console: Console) {
        let handlers: [@Sendable () -> Void]? = state.withLock { state in
            if state.requested { return nil }
            state.requested = true
            return state.handlers
        }
        guard let handlers else { _exit(128 + number) }
        console.writeError("\nstopping: finishing what is under way and saving; press Ctrl-C again to leave at once\n")
        for handler in handlers { handler() }
    }
}
