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

    /// What the threads share. All but `next` is touched only with the lock, which is pthread's: the thread sanitizer knows it, and does
    /// not see through Synchronization's Mutex.
    private final class Shared<R: Sendable>: @unchecked Sendable {
        let next = Atomic<Int>(0)
        private let lock = NSLock()
        private var results: [R?]
        private var finished = 0

        init(count: Int) { results = Array(repeating: nil, count: count) }

        func finish(_ index: Int, _ result: R, progress: (@Sendable (Int) -> Void)?) {
            lock.lock()
            defer { lock.unlock() }
            results[index] = result
            finished += 1
            progress?(finished)
        }

        /// After all threads are done.
        func takeResults() -> [R?] {
            lock.lock()
            defer { lock.unlock() }
            return results
        }
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
                shared.finish(index, result, progress: progress)
            }
        }
        let count = max(1, min(threads, items.count))
        let others = (1..<count).map { OwnThread(name: "parallel-\($0)", body: work) }
        work()
        for thread in others { thread.join() }
        return shared.takeResults()
    }
}
