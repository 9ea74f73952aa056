// Checks of the GPU backend's outer edges that need no GPU: do the kernels compile, do the real libraries have the functions that we call.
import CCUDA
import Dispatch
import Synchronization

package enum KernelCheck {
    /// Compiles every file of kernels in every format for a target such as sm_90a.
    /// - Returns: a line for each that failed, with the compiler's messages.
    /// - Throws: `libraryMissing` without NVRTC.
    package static func compileAll(target: String, release: Int, platform: CUDAPlatform = CUDAPlatform()) throws(BackendError) -> [String] {
        let compiler = try KernelCompiler(platform, release: release), source = try KernelSource.find()
        let jobs = KernelFile.allCases.flatMap { file in file.formats.map { (file, $0) } }
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: jobs.count) { index in
            let (file, format) = jobs[index]
            do throws(BackendError) {
                _ = try compiler.compile(try source.text(file, format), name: "\(file.rawValue).cu", target: target)
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        return failures.withLock { $0 }
    }

    /// The libraries that are here, and for each the first function that it lacks, or nil.
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
                case .convolutions: let _: vlseg_cuda_convolutions = try platform.table(of: opened, library.title, vlseg_cuda_load_convolutions)
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
