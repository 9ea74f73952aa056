// The same work over many items on threads of its own (never on Swift's cooperative pool, which blocking work would starve).
// Invariant: the result's order is that of the items, whatever the number of threads.
import Foundation
import Synchronization

public enum ParallelMap {
    /// The number of cores this process may run on.
    public static var availableThreads: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    /// `body` of every item, in the items' order.
    /// - Parameters:
    ///   - threads: threads to use, at least 1, the caller's included; never more than there are items.
    ///   - progress: called with the number of finished items, never by two threads at once, always growing.
    public static func map<T: Sendable, R: Sendable>(
        _ items: [T], threads: Int = availableThreads, progress: (@Sendable (Int) -> Void)? = nil,
        body: @escaping @Sendable (T) -> R
    ) -> [R] {
        run(items, threads: threads, cancellation: nil, progress: progress, body: body).compactMap { $0 }
    }

    /// As `map(_:threads:progress:body:)`, stopping before the next item once `cancellation` is set.
    public static func map<T: Sendable, R: Sendable>(
        _ items: [T], threads: Int = availableThreads, cancellation: Cancellation,
        progress: (@Sendable (Int) -> Void)? = nil, body: @escaping @Sendable (T) -> R
    ) throws(Cancelled) -> [R] {
        let results = run(items, threads: threads, cancellation: cancellation, progress: progress, body: body)
        let finished = results.compactMap { $0 }
        guard finished.count == items.count else { throw Cancelled() }
        return finished
    }

    private struct State<R: Sendable>: Sendable {
        var results: [R?]
        var finished = 0
    }

    private final class Shared<R: Sendable>: Sendable {
        let next = Atomic<Int>(0)
        let state: Mutex<State<R>>
        init(count: Int) { state = Mutex(State(results: Array(repeating: nil, count: count))) }
    }

    private static func run<T: Sendable, R: Sendable>(
        _ items: [T], threads: Int, cancellation: Cancellation?, progress: (@Sendable (Int) -> Void)?,
        body: @escaping @Sendable (T) -> R
    ) -> [R?] {
        let shared = Shared<R>(count: items.count)
        let work: @Sendable () -> Void = {
            while cancellation?.isCancelled != true {
                let index = shared.next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < items.count else { return }
                let result = body(items[index])
                shared.state.withLock { state in
                    state.results[index] = result
                    state.finished += 1
                    progress?(state.finished)
                }
            }
        }
        let count = max(1, min(threads, items.count))
        let others = (1..<count).map { OwnThread(name: "parallel-\($0)", body: work) }
        work()
        for thread in others { thread.join() }
        return shared.state.withLock { $0.results }
    }
}
