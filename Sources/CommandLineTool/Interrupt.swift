// Ctrl-C: the first one asks the work to stop, the second one ends the process. Work that has something to save registers with `onRequest`,
// saves and returns. A second SIGINT or SIGTERM ends the process at once with 128 + the signal's number; so does the first if no work has
// registered.
// The state is process-wide; Program.run calls `install` once.
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

    /// Calls `handler` when a stop is requested, or at once if it was requested already. It runs on a dispatch queue, never in a signal
    /// handler.
    public static func onRequest(_ handler: @escaping @Sendable () -> Void) {
        let already = state.withLock { state in
            state.handlers.append(handler)
            return state.requested
        }
        if already { handler() }
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
            if state.requested || state.handlers.isEmpty { return nil }
            state.requested = true
            return state.handlers
        }
        guard let handlers else { _exit(128 + number) }
        console.writeError("\nstopping: finishing what is under way and saving; press Ctrl-C again to leave at once\n")
        for handler in handlers { handler() }
    }
}
