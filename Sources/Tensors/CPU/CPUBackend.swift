// The CPU's conformer of Backend: matrix products and convolutions by oneDNN (or OpenBLAS), transforms by FFTW, everything else by
// CKernels. One instance is used by one thread at a time; the kernels below it spread over the OpenMP pool that oneDNN shares.
import CFFTW
import CKernels
import COneDNN
import COpenBLAS
import Foundation

/// Which library multiplies matrices.
public enum MatrixEngine: String, Sendable, CaseIterable {
    case oneDNN = "onednn"
    case openBLAS = "openblas"

    /// oneDNN where it has kernels for the processor, OpenBLAS elsewhere; VLSEG_GEMM=onednn|openblas decides otherwise.
    public static var preferred: MatrixEngine {
        if let name = ProcessInfo.processInfo.environment["VLSEG_GEMM"], let engine = MatrixEngine(rawValue: name) { return engine }
        #if arch(x86_64)
        return .oneDNN
        #else
        return .openBLAS
        #endif
    }
}

public final class CPUBackend: Backend, ConversionDevice {
    public internal(set) var failure: BackendError?
    public var measurement: OperatorMeasurement?
    public var usesFusedOperators = true
    public let arena = Arena()
    public var peakBytes: Int { arena.peakBytes }
    public let threads: Int
    let engine: MatrixEngine
    /// 3x3 convolutions as Winograd convolutions (docs/developer/performance.md); VLSEG_CONVOLUTION=direct leaves them to oneDNN.
    let winogradConvolutions: Bool
    /// Convolutions by oneDNN where it has them; VLSEG_CONVOLUTION=plain leaves all to our own kernel.
    let hasConvolutionLibrary: Bool
    var convolutions: [ConvolutionKey: ConvolutionPrimitive] = [:]
    var products: [ProductKey: ProductPrimitive] = [:]
    var fouriers: [FourierKey: FourierPlan] = [:]
    /// Those of the step under way.
    var variables = StepVariables(dropoutSeed: 0, learningRate: 0, step: 0)

    /// - Parameters:
    ///   - threads: compute threads, shared by our kernels, oneDNN and OpenBLAS.
    ///   - winogradConvolutions: 3x3 convolutions in float32 as Winograd convolutions.
    ///   - hasConvolutionLibrary: false for the kernel that runs where oneDNN has none.
    /// - Throws: `libraryMissing` when OpenBLAS is asked for and cannot be opened.
    public init(
        threads: Int = ProcessInfo.processInfo.activeProcessorCount, engine: MatrixEngine = .preferred,
        winogradConvolutions: Bool = !["direct", "plain"].contains(ProcessInfo.processInfo.environment["VLSEG_CONVOLUTION"]),
        hasConvolutionLibrary: Bool = ProcessInfo.processInfo.environment["VLSEG_CONVOLUTION"] != "plain"
    ) throws(BackendError) {
        self.threads = max(1, threads)
        self.engine = engine
        self.winogradConvolutions = winogradConvolutions
        self.hasConvolutionLibrary = hasConvolutionLibrary
        if engine == .openBLAS {
            // OpenBLAS 0.3.21 takes newer AMD processors for Haswell: told otherwise it is nearly twice as fast.
            let core = String(cString: vlseg_instruction_set()) == "avx512" ? "SkylakeX" : nil
            guard vlseg_openblas_open(core) == 0 else {
                throw .libraryMissing(library: "libopenblas.so.0", fix: "install libopenblas0 (Scripts/setup.sh does)")
            }
        }
    }

    public var summary: String {
        let version = vlseg_onednn_version()
        let instructions = String(cString: vlseg_instruction_set())
        return "CPU (\(instructions) kernels, oneDNN \(version / 100).\(version % 100), products by \(engine.rawValue), \(threads) threads)"
    }

    /// Keeps the first failing status of a library call.
    func note(_ status: Int32, _ library: String, _ call: String) {
        if status != 0, failure == nil { failure = .libraryFailed(library: library, call: call, status: Int(status)) }
    }

    // MARK: Memory

    public func empty(_ shape: [Int], format: NumberFormat, requiresGradient: Bool) -> Tensor {
        Tensor(
            shape: shape, format: format, storage: arena.block(bytes: shape.reduce(1, *) * format.bytes), requiresGradient: requiresGradient
        )
    }

    public func emptyBytes(_ shape: [Int]) -> ByteTensor { ByteTensor(shape: shape, storage: arena.block(bytes: shape.reduce(1, *))) }

    public func upload(_ values: UnsafeBufferPointer<Float>, to tensor: Tensor) {
        precondition(values.count == tensor.count)
        guard let base = values.baseAddress else { return }
        switch tensor.format {
        case .float32: tensor.pointer.update(from: base, count: values.count)
        case .bfloat16: vlseg_bf16_from_float(tensor.count64, base, tensor.halfPointer)
        }
    }

    public func upload(_ values: UnsafeBufferPointer<UInt8>, to tensor: ByteTensor) {
        precondition(values.count == tensor.count)
        if let base = values.baseAddress { tensor.pointer.update(from: base, count: values.count) }
    }

    public func download(_ tensor: Tensor, to values: UnsafeMutableBufferPointer<Float>) {
        precondition(values.count == tensor.count)
        guard let base = values.baseAddress else { return }
        switch tensor.format {
        case .float32: base.update(from: tensor.pointer, count: tensor.count)
        case .bfloat16: vlseg_float_from_bf16(tensor.count64, tensor.halfPointer, base)
        }
    }

    public func hostValues(_ tensor: Tensor) -> UnsafeMutableBufferPointer<Float>? {
        tensor.format == .float32 ? UnsafeMutableBufferPointer(start: tensor.pointer, count: tensor.count) : nil
    }

    public func beginDownload(_ tensor: Tensor) -> any PendingValues { ReadyValues(values(tensor)) }

    public func synchronise() {}

    /// The number of threads is the calling thread's: two CPU backends of one process may have different ones.
    public func claimThread() { vlseg_set_threads(Int32(threads)) }

    public func step(_ plan: StepPlan, _ variables: StepVariables, _ body: () -> Void) { stepUnrecorded(variables, body) }

    public func stepUnrecorded(_ variables: StepVariables, _ body: () -> Void) {
        claimThread()
        self.variables = variables
        body()
    }

    func convert(_ x: Tensor, into y: Tensor) {
        precondition(x.count == y.count)
        switch (x.format, y.format) {
        case (.float32, .float32): y.pointer.update(from: x.pointer, count: x.count)
        case (.bfloat16, .bfloat16): y.halfPointer.update(from: x.halfPointer, count: x.count)
        case (.float32, .bfloat16): vlseg_bf16_from_float(x.count64, x.pointer, y.halfPointer)
        case (.bfloat16, .float32): vlseg_float_from_bf16(x.count64, x.halfPointer, y.pointer)
        }
    }

    /// Gives a library call workspace from the arena. The deepest layers need the most workspace, but at that point a step holds the fewest
    /// activations. Nil for 0 bytes.
    func withScratch(_ bytes: Int64, _ body: (UnsafeMutableRawPointer?) -> Void) {
        guard bytes > 0 else { return body(nil) }
        let block = arena.block(bytes: Int(bytes))
        withExtendedLifetime(block) { body(block.address) }
    }

    /// A float32 tensor of the same values: the tensor itself, or a converted copy.
    func asFloat(_ x: Tensor) -> Tensor {
        if x.format == .float32 { return x }
        let y = empty(x.shape)
        convert(x, into: y)
        return y
    }
}

extension MatrixView {
    /// Host address of the first element (CPU backend only).
    var pointer: UnsafeMutablePointer<Float> { tensor.pointer + offset }
    var halfPointer: UnsafeMutablePointer<UInt16> { tensor.halfPointer + offset }
    var stride64: Int64 { Int64(stride) }
}

extension Tensor {
    var count64: Int64 { Int64(count) }
    var rows64: Int64 { Int64(rows) }
    var channels64: Int64 { Int64(channels) }
}
