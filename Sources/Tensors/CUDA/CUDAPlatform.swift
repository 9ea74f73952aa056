// Finds and opens NVIDIA's driver and libraries at run time. Nothing is linked: on a machine without them the same program uses the CPU.
// Not for using the libraries (CUDADevice).
import CCUDA
import Files
import Foundation

/// One of the libraries, with its file names.
enum CUDALibrary: String, CaseIterable, Sendable {
    case driver, compiler, products, convolutions

    /// The usual name of the library.
    var title: String {
        switch self {
        case .driver: "NVIDIA driver"
        case .compiler: "NVRTC"
        case .products: "cuBLASLt"
        case .convolutions: "cuDNN"
        }
    }

    /// The name of the file to open, for a release of CUDA (12 or 13).
    func fileName(release: Int) -> String {
        switch self {
        case .driver: "libcuda.so.1"
        case .compiler: "libnvrtc.so.\(release)"
        case .products: "libcublasLt.so.\(release)"
        case .convolutions: "libcudnn.so.9"
        }
    }

    /// The Python wheel that contains it, for messages.
    func wheel(release: Int) -> String {
        switch self {
        case .driver: ""
        case .compiler: release >= 13 ? "nvidia-cuda-nvrtc" : "nvidia-cuda-nvrtc-cu12"
        case .products: release >= 13 ? "nvidia-cublas" : "nvidia-cublas-cu12"
        case .convolutions: "nvidia-cudnn-cu\(release)"
        }
    }
}

/// Opens libraries and finds their functions: the real ones, or an emulator's for tests.
public final class CUDAPlatform {
    /// A library that is open.
    struct Opened {
        let handle: UnsafeMutableRawPointer?
        /// The path of the library; only its name if the system's loader found it.
        let path: String
    }

    private let resolver: vlseg_resolver
    /// Nil for the emulator, whose functions are in this program.
    private let folders: [String]?
    private var opened: [String: Opened] = [:]

    /// Uses the machine's libraries.
    /// - Parameter environment: reads VLSEG_CUDA_PATH, LD_LIBRARY_PATH, VIRTUAL_ENV, CONDA_PREFIX, PATH and HOME.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        resolver = vlseg_library_symbol
        folders = CUDAPlatform.folders(environment)
    }

    /// Uses an emulator that finds every function by its name.
    package init(resolver: @escaping vlseg_resolver) {
        self.resolver = resolver
        folders = nil
    }

    /// Whether this is the emulator.
    var isEmulated: Bool { folders == nil }

    /// Opens a library of one release of CUDA from the first folder that has it.
    /// - Throws: `libraryMissing` with the paths that were tried and how to install the library.
    func open(_ library: CUDALibrary, release: Int) throws(BackendError) -> Opened {
        let name = library.fileName(release: release)
        if let done = opened[name] { return done }
        guard let folders else { return Opened(handle: nil, path: "emulated") }
        var reasons: [String] = []
        for path in folders.map({ $0 + "/" + name }).filter(FileIO.exists) + [name] {
            if library == .compiler { openBuiltins(beside: path, release: release) }
            switch load(path) {
            case .success(let handle):
                let result = Opened(handle: handle, path: path)
                opened[name] = result
                return result
            case .failure(let failure): reasons.append(failure.reason)
            }
        }
        let fix =
            library == .driver
            ? "install the NVIDIA driver of this GPU, version 525 or later"
            : "run Scripts/setup-gpu.sh, or: pip install \(library.wheel(release: release)); VLSEG_CUDA_PATH names the folder where it is"
        // The last attempt is the system's loader, whose reason says only that the name is unknown. An earlier reason is about a file that
        // exists but does not load.
        throw .libraryMissing(library: "\(library.title) (\(name))", fix: fix + (reasons.count > 1 ? " [\(reasons[0])]" : ""))
    }

    /// NVRTC opens its builtins library by name when it first compiles, and finds it only if it is loaded already.
    private func openBuiltins(beside path: String, release: Int) {
        let folder = FileIO.parent(of: path)
        guard !folder.isEmpty, let names = try? FileIO.list(folder) else { return }
        for name in names.sorted() where name.hasPrefix("libnvrtc-builtins.so.\(release)") {
            if case .success = load(folder + "/" + name) { return }
        }
    }

    private struct LoadFailure: Error { let reason: String }

    private func load(_ path: String) -> Result<UnsafeMutableRawPointer, LoadFailure> {
        var message = [CChar](repeating: 0, count: 1024)
        if let handle = vlseg_library_open(path, &message, message.count) { return .success(handle) }
        return .failure(LoadFailure(reason: String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)))
    }

    /// A filled table of functions.
    /// - Throws: `libraryMissing` that names the first missing function.
    func table<Table>(
        of library: Opened, _ title: String,
        _ fill: (UnsafeMutableRawPointer?, vlseg_resolver, UnsafeMutablePointer<Table>) -> UnsafePointer<CChar>?
    ) throws(BackendError) -> Table {
        let place = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        defer { place.deallocate() }
        if let missing = fill(library.handle, resolver, place) {
            throw .libraryMissing(
                library: "\(title) at \(library.path)", fix: "it lacks \(String(cString: missing)): a newer version is needed")
        }
        return place.pointee
    }

    // MARK: Places

    /// Folders that may hold the libraries, the most explicit first.
    static func folders(_ environment: [String: String]) -> [String] {
        var result: [String] = []
        if let explicit = environment["VLSEG_CUDA_PATH"], !explicit.isEmpty { result += insides(explicit) }
        result += (environment["LD_LIBRARY_PATH"] ?? "").split(separator: ":").map(String.init)
        for name in ["VIRTUAL_ENV", "CONDA_PREFIX"] { if let prefix = environment[name] { result += wheels(prefix) } }
        if let python = pythonPrefix(environment["PATH"] ?? "") { result += wheels(python) }
        if let home = environment["HOME"] { result += wheels(home + "/.local/share/swift-vlseg/gpu") }
        result += insides("/usr/local/cuda") + ["/usr/local/nvidia/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/wsl/lib", "/usr/lib64"]
        var seen = Set<String>()
        return result.filter { FileIO.isFolder($0) && seen.insert($0).inserted }
    }

    /// Subfolders of a library folder, a toolkit or a virtual environment that may hold the libraries.
    private static func insides(_ path: String) -> [String] { [path, path + "/lib64", path + "/lib"] + wheels(path) + packages(path) }

    /// The library folders of NVIDIA's wheels in a Python of the given prefix.
    private static func wheels(_ prefix: String) -> [String] {
        let versions = ((try? FileIO.list(prefix + "/lib")) ?? []).filter { $0.hasPrefix("python3") }.sorted().reversed()
        return versions.flatMap {
            packages(prefix + "/lib/" + $0 + "/site-packages/nvidia") + packages(prefix + "/lib/" + $0 + "/dist-packages/nvidia")
        }
    }

    /// The `lib` folder of each folder in site-packages/nvidia.
    private static func packages(_ folder: String) -> [String] {
        ((try? FileIO.list(folder)) ?? []).sorted().reversed().map { folder + "/" + $0 + "/lib" }
    }

    /// The prefix of the `python3` on the search path, or of its virtual environment.
    private static func pythonPrefix(_ path: String) -> String? {
        for folder in path.split(separator: ":") where FileIO.exists(folder + "/python3") {
            return FileIO.parent(of: String(folder))
        }
        return nil
    }
}
