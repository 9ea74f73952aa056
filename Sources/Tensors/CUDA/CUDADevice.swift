// One GPU: its context, streams and limits, and its first failure. Not for kernels (KernelLibrary) or arithmetic (CUDABackend).
import CCUDA
import Foundation

/// The driver's information on a GPU.
public struct CUDADeviceInfo: Sendable {
    public let ordinal: Int
    public let name: String
    /// For example 9.0.
    public let capability: (major: Int, minor: Int)
    public let multiprocessors: Int
    public let memory: Int
    /// The largest shared memory of one block, in bytes.
    let sharedBytes: Int

    /// NVRTC's target for this GPU: with architecture-specific instructions if there are any.
    var target: String {
        let number = capability.major * 10 + capability.minor
        return number == 90 ? "sm_90a" : "sm_\(number)"
    }

    /// bf16 products and asynchronous copies need this compute capability.
    static let leastCapability = (major: 8, minor: 0)

    var isSupported: Bool { capability.major >= CUDADeviceInfo.leastCapability.major }
}

/// The driver, opened: lists GPUs.
public final class CUDADriver {
    /// The oldest supported version: 12.0, of drivers from 525 on.
    static let leastVersion = 12_000

    let functions: vlseg_cuda_driver
    let platform: CUDAPlatform
    let path: String
    /// The newest CUDA version that the driver supports, as 1000 major + 10 minor.
    let version: Int
    public let devices: [CUDADeviceInfo]

    /// - Throws: `libraryMissing` without a driver; `deviceUnavailable` if the driver is too old or finds no GPU.
    public init(_ platform: CUDAPlatform = CUDAPlatform()) throws(BackendError) {
        self.platform = platform
        let library = try platform.open(.driver, release: 13)
        path = library.path
        functions = try platform.table(of: library, "NVIDIA driver", vlseg_cuda_load_driver)
        let f = functions
        func call(_ name: String, _ status: Int32) throws(BackendError) {
            if status != 0 { throw .deviceUnavailable("the NVIDIA driver failed in \(name): \(CUDADriver.describe(status, f))") }
        }
        let initialised = f.cuInit(0)
        if initialised == 100 { throw .deviceUnavailable("the NVIDIA driver finds no GPU") }
        try call("cuInit", initialised)
        var version: Int32 = 0, count: Int32 = 0
        try call("cuDriverGetVersion", f.cuDriverGetVersion(&version))
        self.version = Int(version)
        guard version >= CUDADriver.leastVersion else {
            throw .deviceUnavailable(
                "the NVIDIA driver supports CUDA \(version / 1000).\(version % 1000 / 10); 12.0 or later is needed: install driver "
                    + "525 or later"
            )
        }
        try call("cuDeviceGetCount", f.cuDeviceGetCount(&count))
        guard count > 0 else { throw .deviceUnavailable("the NVIDIA driver finds no GPU") }
        var devices: [CUDADeviceInfo] = []
        for ordinal in 0..<Int(count) {
            var device: Int32 = 0, bytes = 0
            try call("cuDeviceGet", f.cuDeviceGet(&device, Int32(ordinal)))
            var name = [CChar](repeating: 0, count: 256)
            try call("cuDeviceGetName", f.cuDeviceGetName(&name, 255, device))
            try call("cuDeviceTotalMem", f.cuDeviceTotalMem_v2(&bytes, device))
            func attribute(_ number: Int32) throws(BackendError) -> Int {
                var value: Int32 = 0
                try call("cuDeviceGetAttribute", f.cuDeviceGetAttribute(&value, number, device))
                return Int(value)
            }
            devices.append(
                CUDADeviceInfo(
                    ordinal: ordinal, name: String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
                    capability: (try attribute(75), try attribute(76)), multiprocessors: try attribute(16), memory: bytes,
                    sharedBytes: try attribute(97)))
        }
        self.devices = devices
    }

    /// The CUDA release whose libraries the driver supports.
    var release: Int { version >= 13_000 ? 13 : 12 }

    static func describe(_ status: Int32, _ functions: vlseg_cuda_driver) -> String {
        var name: UnsafePointer<CChar>?, text: UnsafePointer<CChar>?
        _ = functions.cuGetErrorName(status, &name)
        _ = functions.cuGetErrorString(status, &text)
        let words = [name, text].compactMap { $0.map { String(cString: $0) } }
        let hint =
            switch status {
            case 209: "; the kernels' cache was made for another GPU: remove ~/.cache/swift-vlseg/kernels"
            case 222: "; NVRTC is newer than the driver: install the libraries of the driver's CUDA release (Scripts/setup-gpu.sh)"
            default: ""
            }
        return words.isEmpty ? "error \(status)" : "error \(status), " + words.joined(separator: ": ") + hint
    }
}

/// An open GPU. It belongs to one thread.
final class CUDADevice {
    let driver: CUDADriver
    let info: CUDADeviceInfo
    private(set) var failure: BackendError?
    /// The stream for arithmetic, and the stream that copies inputs in parallel to it.
    let stream: vlseg_handle, copies: vlseg_handle
    private let device: Int32
    /// Whether launches are recorded instead of run.
    var isRecording = false

    var functions: vlseg_cuda_driver { driver.functions }

    init(_ driver: CUDADriver, ordinal: Int) throws(BackendError) {
        guard driver.devices.indices.contains(ordinal) else {
            throw .deviceUnavailable("there is no GPU \(ordinal); this machine has \(driver.devices.count), counted from 0")
        }
        let info = driver.devices[ordinal]
        guard info.isSupported else {
            throw .deviceUnavailable(
                "\(info.name) has compute capability \(info.capability.major).\(info.capability.minor); 8.0 (A30, A100, RTX 30) or "
                    + "later is needed"
            )
        }
        self.driver = driver
        self.info = info
        let f = driver.functions
        func call(_ name: String, _ status: Int32) throws(BackendError) {
            if status != 0 { throw .deviceUnavailable("\(info.name): \(name) failed with \(CUDADriver.describe(status, f))") }
        }
        func made(_ name: String, _ make: (UnsafeMutablePointer<vlseg_handle?>) -> Int32) throws(BackendError) -> vlseg_handle {
            var handle: vlseg_handle?
            try call(name, make(&handle))
            guard let handle else { throw .deviceUnavailable("\(info.name): \(name) gave nothing") }
            return handle
        }
        var device: Int32 = 0
        try call("cuDeviceGet", f.cuDeviceGet(&device, Int32(ordinal)))
        self.device = device
        let context = try made("cuDevicePrimaryCtxRetain") { f.cuDevicePrimaryCtxRetain($0, device) }
        try call("cuCtxSetCurrent", f.cuCtxSetCurrent(context))
        // 1: does not wait for the default stream.
        stream = try made("cuStreamCreate") { f.cuStreamCreate($0, 1) }
        copies = try made("cuStreamCreate") { f.cuStreamCreate($0, 1) }
    }

    deinit {
        _ = functions.cuStreamDestroy_v2(stream)
        _ = functions.cuStreamDestroy_v2(copies)
        _ = functions.cuDevicePrimaryCtxRelease_v2(device)
    }

    /// Keeps the first failing status of a driver call.
    func note(_ status: Int32, _ call: @autoclosure () -> String) {
        guard status != 0, failure == nil else { return }
        if status == 2 {
            var free = 0, total = 0
            _ = functions.cuMemGetInfo_v2(&free, &total)
            failure = .outOfMemory(wanted: 0, free: free, step: 0, availableToSteps: free, total: total)
        } else {
            failure = .deviceFailed(device: info.name, call: call(), reason: CUDADriver.describe(status, functions))
        }
    }

    func note(_ error: BackendError) { if failure == nil { failure = error } }

    func makeEvent() -> CUDAEvent { CUDAEvent(self) }

    func synchronise() { note(functions.cuStreamSynchronize(stream), "waiting for the arithmetic") }
}

extension CUDADevice {
    /// The index of the fastest of several alternatives; each is timed on the device. Nil while a step is recorded, when waiting is not
    /// allowed.
    /// - Parameter attempt: launches one run of an alternative; returns false if it does not work.
    func fastest(of count: Int, attempt: (Int) -> Bool) -> Int? {
        guard failure == nil, !isRecording else { return nil }
        var start: vlseg_handle?, end: vlseg_handle?
        guard functions.cuEventCreate(&start, 0) == 0, functions.cuEventCreate(&end, 0) == 0, let start, let end else { return nil }
        defer {
            _ = functions.cuEventDestroy_v2(start)
            _ = functions.cuEventDestroy_v2(end)
        }
        var best: (index: Int, milliseconds: Float)?
        for index in 0..<count {
            guard attempt(index) else { continue }
            _ = functions.cuEventRecord(start, stream)
            for _ in 0..<3 { _ = attempt(index) }
            _ = functions.cuEventRecord(end, stream)
            guard functions.cuEventSynchronize(end) == 0 else { continue }
            var milliseconds: Float = 0
            guard functions.cuEventElapsedTime(&milliseconds, start, end) == 0 else { continue }
            if milliseconds < best?.milliseconds ?? .infinity { best = (index, milliseconds) }
        }
        return best?.index
    }
}

/// A marked position in a stream.
final class CUDAEvent {
    private let device: CUDADevice
    private let handle: vlseg_handle?

    init(_ device: CUDADevice) {
        self.device = device
        var handle: vlseg_handle?
        // 2: without timing.
        device.note(device.functions.cuEventCreate(&handle, 2), "cuEventCreate")
        self.handle = handle
    }

    func record(in stream: vlseg_handle) {
        guard let handle else { return }
        device.note(device.functions.cuEventRecord(handle, stream), "cuEventRecord")
    }

    /// Makes a stream wait for the marked position.
    func hold(_ stream: vlseg_handle) {
        guard let handle else { return }
        device.note(device.functions.cuStreamWaitEvent(stream, handle, 0), "cuStreamWaitEvent")
    }

    func wait() {
        guard let handle else { return }
        device.note(device.functions.cuEventSynchronize(handle), "cuEventSynchronize")
    }

    /// Whether the work before the marked position is done.
    var isDone: Bool {
        guard let handle else { return true }
        // 600: not ready.
        return device.functions.cuEventQuery(handle) != 600
    }

    deinit { if let handle { _ = device.functions.cuEventDestroy_v2(handle) } }
}
