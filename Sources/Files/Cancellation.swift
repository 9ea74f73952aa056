// A flag that asks long work to stop at its next safe point. Set by Ctrl-C or by a caller; polled, never forced.
import Synchronization

public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    public init() {}

    public func cancel() { flag.store(true, ordering: .releasing) }
    public var isCancelled: Bool { flag.load(ordering: .acquiring) }
}

/// Thrown by work that saw its Cancellation.
public struct Cancelled: UserFacingError {
    public init() {}
    public var kind: FailureKind { .cancelled }
    public var description: String { "stopped on request" }
}
