// A flag that asks long work to stop at its next safe point. Ctrl-C or a caller sets it; the work polls it and is never stopped by force.
import Synchronization

public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    public init() {}

    public func cancel() { flag.store(true, ordering: .releasing) }
    public var isCancelled: Bool { flag.load(ordering: .acquiring) }
}

/// Thrown by work that found its Cancellation set.
public struct Cancelled: UserFacingError {
    public init() {}
    public var kind: FailureKind { .cancelled }
    public var description: String { "stopped on request" }
}
