// The texts of BackendError: what failed, and what to do.

extension BackendError {
    public var description: String {
        switch self {
        case .libraryFailed(let library, let call, let status):
            "\(library) failed in \(call) with status \(status); set VLSEG_GEMM=openblas to avoid oneDNN's matrix product, and report "
                + "this with the output of `segment --version`"
        case .libraryMissing(let library, let fix): "\(library) could not be loaded: \(fix)"
        case .deviceUnavailable(let reason): reason
        case .deviceFailed(let device, let call, let reason): "\(device) failed in \(call): \(reason)"
        case .compilationFailed(let name, let reason): "the CUDA kernels of \(name) could not be compiled: \(reason)"
        case .outOfMemory(let wanted, let free, _, _, let total):
            "the device's memory is full: \(wanted >> 20) MiB more are needed, \(free >> 20) of \(total >> 20) MiB are free; use a smaller "
                + "--batch-size"
        }
    }
}
