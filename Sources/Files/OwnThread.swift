// One thread that runs a closure and can be waited for. For blocking work that must stay off Swift's cooperative pool.
import Foundation

public final class OwnThread: @unchecked Sendable {
    // Made before the thread starts and only waited on afterwards; semaphores are safe to share.
    private let done = DispatchSemaphore(value: 0)

    /// Starts at once.
    public init(name: String, body: @escaping @Sendable () -> Void) {
        let done = done
        let thread = Thread {
            body()
            done.signal()
        }
        thread.name = name
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Waits until the closure has returned. May be called more than once, by any thread.
    public func join() {
        done.wait()
        done.signal()
    }
}
