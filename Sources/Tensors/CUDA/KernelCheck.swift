// Checks of the GPU backend that need no GPU: whether the kernels compile, and whether the real libraries have the functions that it calls.
import CCUDA

package enum KernelCheck {
    /// Compiles every kernel file in every format for a target such as sm_90a, or finds it in a cache folder: the first and the later uses
    /// of a GPU do the same.
    /// - Throws: `libraryMissing` without NVRTC; the compiler's messages for the first file that does not compile.
    package static func compileAll(
        target: String, release: Int, cache folder: String, note: (String) -> Void
    ) throws(BackendError) -> [[UInt8]] {
        let keys = KernelFile.allCases.flatMap { file in file.formats.map { KernelLibrary.ModuleKey(file: file, format: $0) } }
        return try KernelLibrary.images(
            keys, of: KernelSource.find(), for: target, called: "a check", by: KernelCompiler(CUDAPlatform(), release: release),
            cache: KernelCache(environment: ["VLSEG_CACHE": folder]), note: note)
    }

    /// The installed libraries, and for each the first missing function, or nil.
    package static func libraries(release: Int, platform: CUDAPlatform = CUDAPlatform()) -> [String: String?] {
        var found: [String: String?] = [:]
        for library in CUDALibrary.allCases where (try? platform.open(library, release: release)) != nil {
            var lacking: String?
            do throws(BackendError) {
                let opened = try platform.open(library, release: release)
                switch library {
                case .driver: let _: vlseg_cuda_driver = try platform.table(of: opened, library.title, vlseg_cuda_load_driver)
                case .compiler: let _: vlseg_cuda_compiler = try platform.table(of: opened, library.title, vlseg_cuda_load_compiler)
                case .products: let _: vlseg_cuda_products = try platform.table(of: opened, library.title, vlseg_cuda_load_products)
                case .convolutions:
                    let _: vlseg_cuda_convolutions = try platform.table(of: opened, library.title, vlseg_cuda_load_convolutions)
                }
            } catch {
                lacking = "\(error)"
            }
            found[library.title] = lacking
        }
        return found
    }

    /// Whether NVRTC can be opened.
    package static func hasCompiler(release: Int) -> Bool { (try? CUDAPlatform().open(.compiler, release: release)) != nil }
}
