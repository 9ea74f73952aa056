// The GPU backend's edges without a GPU: kernels compile for all architectures, the real libraries have what is called, failures say what
// to do.
import EmulatedGPU
import Foundation
import Tensors
import TestSupport
import Testing

@Suite(.serialized) struct CUDALibraryTests {
    static let release = 13

    @Test(
        .enabled(if: KernelCheck.hasCompiler(release: release), "NVRTC is not here: Scripts/setup-gpu.sh --cuda 13 fetches it"),
        arguments: ["sm_80", "sm_90a", "sm_100"])
    func everyKernelCompilesOnce(target: String) throws {
        let cache = try TemporaryFolder()
        var notes: [String] = []
        let compiled = try KernelCheck.compileAll(target: target, release: Self.release, cache: cache.path) { notes.append($0) }
        #expect(compiled.allSatisfy { $0.starts(with: [0x7F, 0x45, 0x4C, 0x46]) }, "machine code is an ELF file")
        #expect(notes == ["compiling the CUDA kernels for a check (\(target)), once: \(compiled.count) of \(compiled.count) files"])
        let kept = try KernelCheck.compileAll(target: target, release: Self.release, cache: cache.path) { notes.append($0) }
        #expect(kept == compiled && notes.count == 1)
    }

    @Test(.enabled(if: KernelCheck.hasCompiler(release: release), "NVRTC is not here: Scripts/setup-gpu.sh --cuda 13 fetches it"))
    func aCacheThatCannotBeWrittenCostsTimeOnly() throws {
        var notes: [String] = []
        let compiled = try KernelCheck.compileAll(target: "sm_80", release: Self.release, cache: "/dev/null") { notes.append($0) }
        #expect(!compiled.isEmpty && notes.count == 2)
        #expect(notes.last?.hasPrefix("the compiled kernels could not be saved for the next run: ") == true, "\(notes)")
    }

    @Test(
        .enabled(
            if: KernelCheck.hasCompiler(release: release), "NVIDIA's libraries are not here: Scripts/setup-gpu.sh --cuda 13 fetches them"))
    func theLibrariesHaveWhatIsCalled() {
        for (library, lacking) in KernelCheck.libraries(release: Self.release) { #expect(lacking == nil, "\(library)") }
    }

    private func message(_ make: () throws -> Void) -> String {
        do {
            try make()
            return ""
        } catch { return "\(error)" }
    }

    @Test func driversAndGPUsThatWillNotDoAreNamed() {
        defer { EmulatedGPU.setDriver() }
        EmulatedGPU.setDriver(version: 11_080)
        #expect(
            message { _ = try EmulatedGPU.backend() }
                == "the NVIDIA driver supports CUDA 11.8; 12.0 or later is needed: install driver 525 or later")
        EmulatedGPU.setDriver(devices: 0)
        #expect(message { _ = try EmulatedGPU.backend() } == "the NVIDIA driver finds no GPU")
        EmulatedGPU.setDriver(capability: 7)
        #expect(message { _ = try EmulatedGPU.backend() }.contains("compute capability 7.0; 8.0 (A30, A100, RTX 30) or later is needed"))
        EmulatedGPU.setDriver()
        #expect(message { _ = try EmulatedGPU.backend(CUDAOptions(ordinal: 3)) } == "there is no GPU 3; this machine has 1, counted from 0")
    }

    @Test func aFileThatIsNoLibraryIsPassedOverAndNamed() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vlseg-libraries-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("not a library".utf8).write(to: URL(fileURLWithPath: folder + "/libcuda.so.1"))
        let text = message { _ = try CUDADriver(CUDAPlatform(environment: ["VLSEG_CUDA_PATH": folder])) }
        // Where the system has a driver of its own, that one is found behind the broken file.
        #expect(text.isEmpty || text.contains(folder) || text.contains("GPU"), "\(text)")
    }

    @Test func devicesAreNamedAsPeopleNameThem() {
        #expect(DeviceChoice("auto") == .automatic && DeviceChoice("cpu") == .cpu && DeviceChoice("cuda") == .cuda(0))
        #expect(DeviceChoice("cuda:2") == .cuda(2))
        for name in ["gpu", "cuda:", "cuda:-1", "cuda:x", ""] { #expect(DeviceChoice(name) == nil, "\(name)") }
    }

    @Test func withoutAGPUAutomaticSaysWhyAndUsesTheCPU() throws {
        var notes: [String] = []
        let backend = try DeviceChoice.automatic.backend(DeviceChoice.Needs(threads: 1)) { notes.append($0) }
        if backend is CUDABackend { return }
        #expect(notes.count == 1 && notes[0].hasPrefix("no GPU is used: ") && !notes[0].contains("\n"), "\(notes)")
    }
}
