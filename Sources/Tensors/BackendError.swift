// What can go wrong below the operators. The texts are in BackendError+Description.swift.
import Files

public enum BackendError: UserFacingError, Equatable {
    case libraryFailed(library: String, call: String, status: Int)
    case libraryMissing(library: String, fix: String)
    case deviceUnavailable(String)
    /// Bytes: `wanted` in addition to what is allocated; `free` on the device; `step`, the peak of the largest step so far, counted to its
    /// end; `availableToSteps`, what steps hold and what is free; `total`, the device's whole memory.
    case outOfMemory(wanted: Int, free: Int, step: Int, availableToSteps: Int, total: Int)
    case deviceFailed(device: String, call: String, reason: String)
    case compilationFailed(name: String, reason: String)

    public var kind: FailureKind { .environment }
}
