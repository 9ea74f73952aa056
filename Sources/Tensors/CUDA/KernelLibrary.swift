// Compiles this package's kernels from CUDA C++ text and loads them as functions of a module. NVRTC compiles them for the installed GPU,
// once per format of activations; they are kept in the user's cache folder, so that only the first run compiles.
import CCUDA
import Dispatch
import Files
import Foundation
import Synchronization

/// A file of kernels.
enum KernelFile: String, CaseIterable, Sendable {
    case attention, convolution, depthwise, losses, norms, optimizer, pointwise, rows, sequences, spatial, windows
    case attentionTensorCores = "attention_tensor_cores", depthwiseTensorCores = "depthwise_tensor_cores"

    /// The formats that the file is compiled for. Kernels that do not depend on the format of activations are compiled for float32 only;
    /// those on tensor cores for bf16 only.
    var formats: [NumberFormat] {
        switch self {
        case .losses, .optimizer: [.float32]
        case .attentionTensorCores, .depthwiseTensorCores: [.bfloat16]
        default: NumberFormat.allCases
        }
    }
}

/// The text of the kernels and the text shared by all of them.
struct KernelSource {
    /// The shared text that precedes every file.
    static let common = "common.cuh"

    let folder: String

    /// The folder of the kernels' text: VLSEG_CUDA_KERNELS, or next to the program, where the build puts it too. Bundle.module is not used,
    /// because it ends the process if it finds nothing.
    static func find(environment: [String: String] = ProcessInfo.processInfo.environment) throws(BackendError) -> KernelSource {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let beside = FileIO.parent(of: program) + "/swift-vlseg_Tensors.resources/Kernels"
        for folder in [environment["VLSEG_CUDA_KERNELS"], beside].compactMap({ $0 }) where FileIO.exists(folder + "/" + common) {
            return KernelSource(folder: folder)
        }
        if let named = environment["VLSEG_CUDA_KERNELS"] {
            throw .deviceUnavailable("VLSEG_CUDA_KERNELS is \(named), but that folder has no \(common)")
        }
        throw .deviceUnavailable("the CUDA kernels are not beside the program: \(beside) is missing; install the folder that came with it")
    }

    /// The text that NVRTC compiles.
    func text(_ file: KernelFile, _ format: NumberFormat) throws(BackendError) -> String {
        do throws(FileError) {
            let common = try FileIO.readText(folder + "/" + KernelSource.common),
                kernels = try FileIO.readText(folder + "/\(file.rawValue).cu")
            return common + "\ntypedef \(format == .float32 ? "float" : "bf16") T;\n#line 1 \"\(file.rawValue).cu\"\n" + kernels
        } catch {
            throw .deviceUnavailable("the CUDA kernels could not be read: \(error)")
        }
    }
}

/// NVRTC.
struct KernelCompiler: @unchecked Sendable {  // NVRTC may be called from several threads, each with its own programs
    let functions: vlseg_cuda_compiler
    let version: (major: Int, minor: Int)
    let path: String

    init(_ platform: CUDAPlatform, release: Int) throws(BackendError) {
        let library = try platform.open(.compiler, release: release)
        path = library.path
        functions = try platform.table(of: library, "NVRTC", vlseg_cuda_load_compiler)
        var major: Int32 = 0, minor: Int32 = 0
        _ = functions.nvrtcVersion(&major, &minor)
        version = (Int(major), Int(minor))
    }

    /// Divisions and square roots are accurate to 2 ulp: with exact ones AdamW ran at half of the memory bandwidth.
    static func options(target: String) -> [String] {
        ["--gpu-architecture=\(target)", "--std=c++17", "--prec-div=false", "--prec-sqrt=false"]
    }

    /// Compiles to machine code for a target such as sm_90a.
    /// - Throws: `libraryFailed` with the compiler's messages.
    func compile(_ text: String, name: String, target: String) throws(BackendError) -> [UInt8] {
        var program: vlseg_handle?
        var status = functions.nvrtcCreateProgram(&program, text, name, 0, nil, nil)
        guard status == 0, program != nil else { throw failure("nvrtcCreateProgram", status, "") }
        defer { _ = functions.nvrtcDestroyProgram(&program) }
        let options = KernelCompiler.options(target: target).map { strdup($0) }
        defer { for option in options { free(option) } }
        var pointers = options.map { UnsafePointer($0) }
        status = functions.nvrtcCompileProgram(program, Int32(pointers.count), &pointers)
        guard status == 0 else {
            var bytes = 0
            _ = functions.nvrtcGetProgramLogSize(program, &bytes)
            var log = [CChar](repeating: 0, count: bytes + 1)
            _ = functions.nvrtcGetProgramLog(program, &log)
            throw failure(name, status, String(decoding: log.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        var bytes = 0
        status = functions.nvrtcGetCUBINSize(program, &bytes)
        guard status == 0, bytes > 0 else { throw failure("nvrtcGetCUBINSize", status, "") }
        var image = [UInt8](repeating: 0, count: bytes)
        status = image.withUnsafeMutableBytes { functions.nvrtcGetCUBIN(program, $0.baseAddress?.assumingMemoryBound(to: CChar.self)) }
        guard status == 0 else { throw failure("nvrtcGetCUBIN", status, "") }
        return image
    }

    private func failure(_ call: String, _ status: Int32, _ log: String) -> BackendError {
        let reason = String(cString: functions.nvrtcGetErrorString(status))
        return .compilationFailed(name: call, reason: log.isEmpty ? reason : "\(reason)\n\(log)")
    }
}

/// Machine code of kernels in the user's cache folder: one file per text, target and compiler. Processes may share the folder, because
/// files appear whole.
struct KernelCache: Sendable {
    let folder: String

    /// VLSEG_CACHE, XDG_CACHE_HOME or ~/.cache.
    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let base = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/tmp") + "/.cache"
        folder = (environment["VLSEG_CACHE"] ?? base + "/swift-vlseg") + "/kernels"
    }

    func path(_ text: String, target: String, compiler: (major: Int, minor: Int)) -> String {
        let key = Digest.sha256(
            [text, KernelCompiler.options(target: target).joined(separator: " "), "\(compiler.major).\(compiler.minor)"].joined(
                separator: "\0"))
        return folder + "/\(key.prefix(32)).cubin"
    }

    func image(at path: String) -> [UInt8]? { try? FileIO.read(path) }

    func keep(_ image: [UInt8], at path: String) throws(FileError) {
        try FileIO.createFolder(folder)
        try FileIO.writeAtomically(image, to: path, flush: .content)
    }
}

/// The functions of this package's kernels on one GPU.
final class KernelLibrary {
    struct ModuleKey: Hashable {
        let file: KernelFile
        let format: NumberFormat
        var name: String { "\(file.rawValue)#\(format.rawValue)" }
    }
    private struct FunctionKey: Hashable {
        let module: ModuleKey
        let name: String
    }

    private let device: CUDADevice
    private var modules: [ModuleKey: vlseg_handle] = [:]
    private var functions: [FunctionKey: vlseg_handle] = [:]
    private var sharedLimits: [FunctionKey: Int] = [:]

    /// Loads all kernels for float32 and for the given formats. Kernels that are not in the cache are compiled, on all cores.
    /// - Parameter note: receives a message that kernels are being compiled, which takes some ten seconds, and one if they cannot be
    ///   cached.
    init(
        _ device: CUDADevice, formats: Set<NumberFormat>, cache: KernelCache = KernelCache(), note: (String) -> Void
    ) throws(BackendError) {
        self.device = device
        let keys = KernelFile.allCases.flatMap { file in
            file.formats.filter { formats.contains($0) || $0 == .float32 }.map { ModuleKey(file: file, format: $0) }
        }
        let compiler = try KernelCompiler(device.driver.platform, release: device.driver.release)
        let images: [[UInt8]]
        if device.driver.platform.isEmulated {
            // The emulator's kernels are functions of the program, found by name.
            var names: [[UInt8]] = []
            for key in keys { names.append(try compiler.compile("", name: key.name, target: device.info.target)) }
            images = names
        } else {
            images = try Self.images(
                keys, of: KernelSource.find(), for: device.info.target, called: device.info.name, by: compiler, cache: cache, note: note)
        }
        for (key, image) in zip(keys, images) {
            var module: vlseg_handle?
            let status = image.withUnsafeBytes { device.functions.cuModuleLoadData(&module, $0.baseAddress) }
            guard status == 0, let module else {
                throw .deviceFailed(
                    device: device.info.name, call: "loading \(key.file.rawValue).cu", reason: CUDADriver.describe(status, device.functions)
                )
            }
            modules[key] = module
        }
    }

    /// Machine code of the kernels, from the cache or compiled.
    static func images(
        _ keys: [ModuleKey], of source: KernelSource, for target: String, called device: String, by compiler: KernelCompiler,
        cache: KernelCache,
        note: (String) -> Void
    ) throws(BackendError) -> [[UInt8]] {
        var texts: [String] = []
        for key in keys { texts.append(try source.text(key.file, key.format)) }
        let paths = texts.map { cache.path($0, target: target, compiler: compiler.version) }
        var images = paths.map { cache.image(at: $0) }
        let missing = keys.indices.filter { images[$0] == nil }
        if missing.isEmpty { return images.compactMap { $0 } }
        note("compiling the CUDA kernels for \(device) (\(target)), once: \(missing.count) of \(keys.count) files")
        let results = Mutex<[Int: Result<[UInt8], BackendError>]>([:]), unkept = Mutex<FileError?>(nil), allTexts = texts
        DispatchQueue.concurrentPerform(iterations: missing.count) { number in
            let index = missing[number], result: Result<[UInt8], BackendError>
            do throws(BackendError) {
                let image = try compiler.compile(allTexts[index], name: keys[index].name, target: target)
                result = .success(image)
                // Each kernel is stored at once, so that a run that is stopped does not lose its compiled kernels.
                do throws(FileError) { try cache.keep(image, at: paths[index]) } catch { unkept.withLock { $0 = error } }
            } catch {
                result = .failure(error)
            }
            results.withLock { $0[index] = result }
        }
        for (index, result) in results.withLock({ $0 }) { images[index] = try result.get() }
        // A cache that cannot be written only costs time: the next run compiles again.
        if let unkept = unkept.withLock({ $0 }) { note("the compiled kernels could not be saved for the next run: \(unkept)") }
        return images.compactMap { $0 }
    }

    deinit { for module in modules.values { _ = device.functions.cuModuleUnload(module) } }

    /// Launches a kernel in the arithmetic stream; does nothing after the device has failed.
    func launch(
        _ file: KernelFile, _ name: String, _ format: NumberFormat, grid: (Int, Int, Int), block: (Int, Int), shared: Int,
        _ arguments: KernelArguments
    ) {
        guard device.failure == nil, grid.0 > 0, grid.1 > 0, grid.2 > 0 else { return }
        let key = FunctionKey(module: ModuleKey(file: file, format: file.formats.contains(format) ? format : .float32), name: name)
        guard let function = function(key) else { return }
        if shared > 48 << 10, shared > sharedLimits[key, default: 0] {
            // 8: the largest dynamic shared memory; above 48 KiB it must be requested.
            device.note(device.functions.cuFuncSetAttribute(function, 8, Int32(shared)), "shared memory of \(name)")
            sharedLimits[key] = shared
        }
        let status = arguments.withPointers { pointers in
            device.functions.cuLaunchKernel(
                function, UInt32(grid.0), UInt32(grid.1), UInt32(grid.2), UInt32(block.0), UInt32(block.1), 1, UInt32(shared),
                device.stream,
                pointers, nil)
        }
        device.note(status, "\(name) of \(file.rawValue).cu in \(format.rawValue), grid \(grid), block \(block), \(shared) bytes shared")
    }

    private func function(_ key: FunctionKey) -> vlseg_handle? {
        if let function = functions[key] { return function }
        var function: vlseg_handle?
        let status = device.functions.cuModuleGetFunction(&function, modules[key.module], key.name)
        guard status == 0, let function else {
            device.note(status == 0 ? 500 : status, "kernel \(key.name) of \(key.module.file.rawValue).cu (\(key.module.format.rawValue))")
            return nil
        }
        functions[key] = function
        return function
    }
}
