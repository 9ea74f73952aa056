// Applies the same function to many items on threads of its own. Blocking work would starve Swift's cooperative pool, so that pool is not
// used.
// Invariant: the results have the order of the items, whatever the number of threads.
import Foundation
import Synchronization

public enum ParallelMap {
    /// The number of cores this process may run on.
    public static var availableThreads: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    /// `body` applied to every item; the results are in the order of the items.
    /// - Parameters:
    ///   - threads: number of threads, at least 1, including the caller's; never more than the number of items.
    ///   - progress: called with the number of finished items; never by two threads at once, and the number always grows.
    public static func map<T: Sendable, R: Sendable>(
        _ items: [T], threads: Int = availableThreads, progress: (@Sendable (Int) -> Void)? = nil,
        body: @escaping @Sendable (T) -> R
    ) -> [R] {
        run(items, threads: threads, cancellation: nil, progress: progress, body: body).compactMap { $0 }
    }

    /// Like `map(_:threads:progress:body:)`, but stops before the next item once `cancellation` is set.
    public static func map<T: Sendable, R: Sendable>(
        _ items: [T], threads: Int = availableThreads, cancellation: Cancellation,
        progress: (@Sendable (Int) -> Void)? = nil, body: @escaping @Sendable (T) -> R
    ) throws(Cancelled) -> [R] {
        let results = run(items, threads: threads, cancellation: cancellation, progress: progress, body: body)
        let finished = results.compactMap { $0 }
        guard finished.count == items.count else { throw Cancelled() }
        return finished
    }

    /// State that the threads share. Everything except `next` is accessed only with the lock held. The lock is pthread's, which the thread
    /// sanitizer understands; it does not understand Synchronization's Mutex.
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

        /// Call it after all threads have finished.
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
