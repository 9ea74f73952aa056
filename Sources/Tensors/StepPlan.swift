// The key under which a device keeps a recorded step. A recording holds the addresses of the tensors it was made with, so the key must be
// one that no other step on the device has, now or later: identities are never given twice in a process.
import Synchronization

/// A name that nothing else in the process has.
public struct Identity: Hashable, Sendable {
    private static let last = Atomic<UInt64>(0)
    private let number: UInt64

    public init() { number = Self.last.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// What a step's work depends on: the step itself (network, loss, optimizer) and the tensors that its batches go through.
public struct StepPlan: Hashable, Sendable {
    private let parts: [Identity]

    public init(_ parts: Identity...) { self.parts = parts }
}
