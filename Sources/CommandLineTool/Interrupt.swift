// Ctrl-C: the first one asks, the second one leaves. Work that has something to keep is told through `onRequest`, keeps it and returns; a
// second SIGINT or SIGTERM ends the process at once with 128 + the signal's number, and so does the first where nobody asked to be told.
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

    /// Calls `handler` when a stop is asked for, at once if it already was. Runs on a dispatch queue, never in a signal handler.
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
