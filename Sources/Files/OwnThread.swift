// One thread that runs a closure and can be joined. For blocking work that must not run on Swift's cooperative pool.
import Foundation

public final class OwnThread: @unchecked Sendable {
    // Created before the thread starts and afterwards only waited on; semaphores are safe to share.
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

    /// Waits until the closure has returned. Any thread may call it, more than once.
    public func join() {
        done.wait()
        done.signal()
    }
}
