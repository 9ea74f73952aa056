// The GPU backend without a GPU: its kernels and launches on the stand-in for driver and libraries.
import CUDAEmulator
import Tensors

enum EmulatedGPU {
    static func platform() -> CUDAPlatform { CUDAPlatform(resolver: vlseg_emulated_resolver()) }

    static func backend(_ options: CUDAOptions = CUDAOptions()) throws -> CUDABackend { try CUDABackend(options, platform: platform()) }
}
