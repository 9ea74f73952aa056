// The GPU backend without a GPU: its kernels and launches on the stand-in for driver and libraries. Settings and counts of the stand-in
// belong to the calling thread, so that tests can run at the same time. A test that uses it must not be async: it could change threads.
import CUDAEmulator
import Tensors

public enum EmulatedGPU {
    public static func platform() -> CUDAPlatform { CUDAPlatform(resolver: vlseg_emulated_resolver()) }

    public static func backend(_ options: CUDAOptions = CUDAOptions()) throws -> CUDABackend {
        try CUDABackend(options, platform: platform())
    }

    /// Graphs launched so far by this thread.
    public static var graphs: Int {
        var launches: UInt64 = 0, graphs: UInt64 = 0
        vlseg_emulated_counts(&launches, &graphs)
        return Int(graphs)
    }

    /// What the driver says of itself: its CUDA version as 1000 major + 10 minor, how many GPUs it finds, their compute capability's first
    /// number.
    public static func setDriver(version: Int32 = 13_000, devices: Int32 = 1, capability: Int32 = 9) {
        vlseg_emulated_driver(version, devices, capability)
    }

    /// The next kernel launch fails with this status of the driver.
    public static func failNextLaunch(_ status: Int32) { vlseg_emulated_fail_next_launch(status) }

    /// Bytes that can be had from now on; nil for no limit.
    public static func limitMemory(_ bytes: Int?) { vlseg_emulated_memory_limit(bytes ?? Int.max) }
}
