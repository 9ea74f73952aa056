// The GPU's implementation of Backend: this package's kernels, matrix products by cuBLASLt, convolutions by cuDNN, all in one stream.
// It belongs to one thread. After a failure it launches nothing more, as with CUDA's own sticky errors; `check` returns the failure.
import CCUDA
import Foundation

/// Settings of a CUDA backend.
public struct CUDAOptions: Sendable {
    /// The GPU's number, from 0.
    public var ordinal: Int
    /// The formats of activations in use besides float32. Kernels for them are compiled when the backend is created.
    public var formats: Set<NumberFormat>
    /// Allows TF32 (10 bits of mantissa) for float32 products on tensor cores, like PyTorch's option.
    public var allowsTF32: Bool
    /// Two runs give the same bits: algorithms are chosen by rule, not by timing, and only among those that sum in a fixed order.
    public var isDeterministic: Bool
    /// Whether training steps are recorded as graphs.
    public var recordsSteps: Bool
    /// Bytes of GPU memory per allocation; a multiple of 2 MiB, the driver's smallest unit.
    public var memoryGrowth = 1 << 25

    public init(
        ordinal: Int = 0, formats: Set<NumberFormat> = [.float32, .bfloat16], allowsTF32: Bool = false, isDeterministic: Bool = false,
        recordsSteps: Bool = true
    ) {
        self.ordinal = ordinal
        self.formats = formats
        self.allowsTF32 = allowsTF32
        self.isDeterministic = isDeterministic
        self.recordsSteps = recordsSteps
    }
}

public final class CUDABackend: Backend, ConversionDevice {
    /// Threads per block for kernels over elements or rows.
    static let threads = 256

    let device: CUDADevice
    public var measurement: OperatorMeasurement?
    public var usesFusedOperators = true
    let options: CUDAOptions
    let kernels: KernelLibrary
    let memory: DeviceMemory
    /// The memory outside recorded steps, and the memory inside them.
    private let lasting: Arena, stepwise: Arena
    private var isInStep = false
    let transfers: Transfers
    let products: ProductLibrary
    let convolutions: ConvolutionLibrary
    var fourierTables: [[Int]: FourierTables] = [:]
    /// The step_variables of optimizer.cu; kernels of a recorded step read them here.
    let variables: Storage
    var recordings: [StepPlan: Recording] = [:]

    /// - Parameter note: receives a message before work that takes long at a GPU's first use.
    /// - Throws: the reason why the GPU cannot be used, and what to do about it.
    public init(
        _ options: CUDAOptions = CUDAOptions(), platform: CUDAPlatform = CUDAPlatform(), note: (String) -> Void = { _ in }
    ) throws(BackendError) {
        self.options = options
        let driver = try CUDADriver(platform)
        device = try CUDADevice(driver, ordinal: options.ordinal)
        kernels = try KernelLibrary(device, formats: options.formats, note: note)
        memory = DeviceMemory(device)
        // 256 bytes: the alignment that the libraries' fastest kernels need.
        lasting = Arena(source: memory, alignment: 256, growth: options.memoryGrowth)
        stepwise = Arena(source: memory, alignment: 256, growth: options.memoryGrowth)
        transfers = Transfers(device, memory: memory)
        let workspace = lasting.block(bytes: ProductLibrary.workspaceBytes)
        products = try ProductLibrary(device, workspace: workspace, scratch: lasting, options: options)
        convolutions = try ConvolutionLibrary(device, options: options)
        variables = lasting.block(bytes: 16)
        if let failure = device.failure { throw failure }
    }

    public var failure: BackendError? {
        guard case .outOfMemory(let wanted, let free, _, _, let total)? = device.failure else { return device.failure }
        let held = max(0, stepwise.bytesReserved - memory.refusedBytes)
        return .outOfMemory(
            wanted: max(wanted, memory.refusedBytes), free: free, step: stepwise.peakBytes, availableToSteps: free + held, total: total)
    }

    public var arena: Arena { isInStep ? stepwise : lasting }
    public var peakBytes: Int { lasting.peakBytes + stepwise.peakBytes }

    public var summary: String {
        let info = device.info, version = device.driver.version
        return
            "\(info.name) (compute capability \(info.capability.major).\(info.capability.minor), \(info.memory >> 30) GiB, driver for CUDA"
            + " \(version / 1000).\(version % 1000 / 10), cuBLASLt \(products.version), cuDNN \(convolutions.version))"
    }

    // MARK: Launches

    /// Number of blocks for a kernel whose threads process `each` elements at a time until all are done.
    func elementBlocks(_ count: Int, each: Int = 4) -> Int {
        min((count + Self.threads * each - 1) / (Self.threads * each), device.info.multiprocessors * 32)
    }

    func launch(
        _ file: KernelFile, _ name: String, _ format: NumberFormat, grid: (Int, Int, Int), block: (Int, Int) = (CUDABackend.threads, 1),
        shared: Int = 0, _ arguments: any KernelArgument...
    ) {
        guard device.failure == nil else { return }
        kernels.launch(file, name, format, grid: grid, block: block, shared: shared, KernelArguments(arguments))
    }

    /// Launches a kernel over elements.
    func map(_ name: String, _ format: NumberFormat, count: Int, _ arguments: any KernelArgument...) {
        guard device.failure == nil else { return }
        kernels.launch(
            .pointwise, name, format, grid: (elementBlocks(count, each: 16 / format.bytes), 1, 1), block: (Self.threads, 1), shared: 0,
            KernelArguments([count] + arguments))
    }

    /// Number of elements in sixteen bytes.
    func vectorWidth(_ format: NumberFormat) -> Int { 16 / format.bytes }

    /// Whether rows of `columns` elements at these addresses can be read and written sixteen bytes at a time.
    func isVectorisable(_ columns: Int, _ format: NumberFormat, _ addresses: UInt64...) -> Bool {
        columns % vectorWidth(format) == 0 && addresses.allSatisfy { $0 % 16 == 0 }
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
        switch tensor.format {
        case .float32: transfers.upload(UnsafeRawBufferPointer(values), to: tensor.deviceAddress)
        case .bfloat16:
            let wide = empty(tensor.shape)
            transfers.upload(UnsafeRawBufferPointer(values), to: wide.deviceAddress)
            convert(wide, into: tensor)
        }
    }

    public func upload(_ values: UnsafeBufferPointer<UInt8>, to tensor: ByteTensor) {
        precondition(values.count == tensor.count)
        transfers.upload(UnsafeRawBufferPointer(values), to: tensor.storage.deviceAddress)
    }

    public func download(_ tensor: Tensor, to values: UnsafeMutableBufferPointer<Float>) {
        precondition(values.count == tensor.count)
        let source = asFloat(tensor)
        transfers.download(from: source.deviceAddress, to: UnsafeMutableRawBufferPointer(values))
    }

    public func hostValues(_ tensor: Tensor) -> UnsafeMutableBufferPointer<Float>? { nil }

    public func beginDownload(_ tensor: Tensor) -> any PendingValues {
        transfers.beginDownload(from: asFloat(tensor).deviceAddress, count: tensor.count)
    }

    public func synchronise() { device.synchronise() }

    func convert(_ x: Tensor, into y: Tensor) {
        precondition(x.count == y.count)
        switch (x.format, y.format) {
        case (.float32, .bfloat16): map("from_float32", .bfloat16, count: x.count, x, y)
        case (.bfloat16, .float32): map("to_float32", .bfloat16, count: x.count, x, y)
        default: transfers.copy(from: x.deviceAddress, to: y.deviceAddress, bytes: x.count * x.format.bytes)
        }
    }

    /// The tensor itself if it is float32, otherwise a converted copy.
    func asFloat(_ x: Tensor) -> Tensor {
        if x.format == .float32 { return x }
        let y = empty(x.shape)
        convert(x, into: y)
        return y
    }

    // MARK: Steps

    public func step(_ plan: StepPlan, _ variables: StepVariables, _ body: () -> Void) {
        guard options.recordsSteps, measurement == nil, usesFusedOperators, device.failure == nil else {
            return stepUnrecorded(variables, body)
        }
        switch recordings[plan] {
        case nil:
            // The first step runs unrecorded: the libraries plan and choose algorithms, constants are created, and the arena gets its
            // memory.
            stepUnrecorded(variables, body)
            recordings[plan] = .seen
        case .seen:
            upload(variables)
            recordings[plan] = record { inStep(body) }.map { .recorded($0) } ?? .seen
            if case .recorded(let graph)? = recordings[plan] { graph.launch() }
        case .recorded(let graph):
            upload(variables)
            graph.launch()
        }
    }

    public func stepUnrecorded(_ variables: StepVariables, _ body: () -> Void) {
        upload(variables)
        inStep(body)
    }

    private func inStep(_ body: () -> Void) {
        isInStep = true
        body()
        isInStep = false
    }

    /// Nil if the recording failed; the failure is noted.
    private func record(_ body: () -> Void) -> StepGraph? {
        let f = device.functions
        // 1: only calls of this thread are checked for operations that a recording forbids.
        device.note(f.cuStreamBeginCapture_v2(device.stream, 1), "cuStreamBeginCapture")
        device.isRecording = true
        body()
        device.isRecording = false
        var graph: vlseg_handle?
        device.note(f.cuStreamEndCapture(device.stream, &graph), "cuStreamEndCapture")
        guard device.failure == nil, let graph else { return nil }
        defer { _ = f.cuGraphDestroy(graph) }
        var executable: vlseg_handle?
        device.note(f.cuGraphInstantiateWithFlags(&executable, graph, 0), "cuGraphInstantiate")
        return executable.map { StepGraph(device, $0) }
    }

    private func upload(_ variables: StepVariables) {
        var bytes = [UInt8]()
        withUnsafeBytes(of: variables.dropoutSeed.littleEndian) { bytes += $0 }
        withUnsafeBytes(of: variables.learningRate.bitPattern.littleEndian) { bytes += $0 }
        withUnsafeBytes(of: UInt32(variables.step).littleEndian) { bytes += $0 }
        bytes.withUnsafeBytes { transfers.upload($0, to: self.variables.deviceAddress) }
    }

    /// How a kernel gets a dropout's seed: from memory in a recorded step. A value passed directly would stay that of the recorded step.
    func deviceSeed(_ seed: DropoutSeed) -> DeviceDropoutSeed {
        DeviceDropoutSeed(passAddress: isInStep ? variables.deviceAddress : 0, seed: seed)
    }
}

/// The state of recording for a plan of steps.
enum Recording {
    /// The plan has run once, operator by operator.
    case seen
    case recorded(StepGraph)
}

/// A recorded step.
final class StepGraph {
    private let device: CUDADevice
    private let executable: vlseg_handle

    init(_ device: CUDADevice, _ executable: vlseg_handle) {
        self.device = device
        self.executable = executable
    }

    func launch() {
        guard device.failure == nil else { return }
        device.note(device.functions.cuGraphLaunch(executable, device.stream), "cuGraphLaunch")
    }

    deinit {
        _ = device.functions.cuStreamSynchronize(device.stream)
        _ = device.functions.cuGraphExecDestroy(executable)
    }
}
