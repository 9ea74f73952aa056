// A device: its memory, transfers and steps. What it does for an operator is a small protocol in that operator's file (Operators/), which
// says what is computed and how gradients flow; a device only does the arithmetic. Outputs are overwritten unless the name says
// `accumulate` or the doc says "+=".

/// What differs from one training step to the next beside the batch. All else of a step is the same arithmetic on the same memory, so that
/// a device can record it once and run the recording.
public struct StepVariables: Sendable, Equatable {
    public var dropoutSeed: UInt64
    public var learningRate: Float
    /// Counted from 1.
    public var step: Int

    public init(dropoutSeed: UInt64, learningRate: Float, step: Int) {
        self.dropoutSeed = dropoutSeed
        self.learningRate = learningRate
        self.step = step
    }
}

/// Values on their way from the device.
public protocol PendingValues: AnyObject {
    /// Whether `values` would not wait.
    var isReady: Bool { get }
    /// The values, waited for.
    var values: [Float] { get }
}

/// Values that are there.
public final class ReadyValues: PendingValues {
    public let values: [Float]
    public var isReady: Bool { true }
    public init(_ values: [Float]) { self.values = values }
}

public protocol Backend: AnyObject {
    /// The first failure since the last check, if any. Failures stick, like CUDA's, so that operators need not throw.
    var failure: BackendError? { get }
    var arena: Arena { get }
    /// The most bytes that tensors held at a time.
    var peakBytes: Int { get }
    /// Says what computes, for logs: "CPU, AVX-512, oneDNN 2.6, 2 threads".
    var summary: String { get }
    /// Where operators are measured one by one; nil for no measurement. Steps are not recorded meanwhile.
    var measurement: OperatorMeasurement? { get set }
    /// Whether operators use what this device can do in one pass (`capability`); false composes all of plain operators, and records no
    /// step.
    var usesFusedOperators: Bool { get set }

    // Memory.
    func empty(_ shape: [Int], format: NumberFormat, requiresGradient: Bool) -> Tensor
    func emptyBytes(_ shape: [Int]) -> ByteTensor
    func upload(_ values: UnsafeBufferPointer<Float>, to tensor: Tensor)
    func upload(_ values: UnsafeBufferPointer<UInt8>, to tensor: ByteTensor)
    func download(_ tensor: Tensor, to values: UnsafeMutableBufferPointer<Float>)
    /// A float32 tensor's elements where they lie, for backends whose memory is the host's: good while the tensor lives.
    func hostValues(_ tensor: Tensor) -> UnsafeMutableBufferPointer<Float>?
    /// The values as they are once everything asked for so far is done, without waiting for them.
    func beginDownload(_ tensor: Tensor) -> any PendingValues
    /// Waits until everything asked for so far is done.
    func synchronise()
    /// Makes ready for work that the calling thread asks for: a CPU sizes that thread's team. Called by whoever begins work (a tape, a
    /// step, an operator), cheap where it has been.
    func claimThread()
    /// Runs one training step. Its body must ask for the same work on the same tensors whenever `plan` is the same, and must read nothing
    /// back: a device may record it and run the recording instead. What changes from step to step comes from `variables` (dropout of a tape
    /// whose seed is theirs; AdamW).
    func step(_ plan: StepPlan, _ variables: StepVariables, _ body: () -> Void)
    /// The same, operator by operator in any case.
    func stepUnrecorded(_ variables: StepVariables, _ body: () -> Void)
}

extension Backend {
    public func claimThread() {}

    public func empty(_ shape: [Int], format: NumberFormat = .float32) -> Tensor { empty(shape, format: format, requiresGradient: false) }

    public func empty(_ shape: [Int], requiresGradient: Bool) -> Tensor {
        empty(shape, format: .float32, requiresGradient: requiresGradient)
    }

    /// Room for something of the shape and format of `x`.
    func empty(like x: Tensor, requiresGradient: Bool = false) -> Tensor {
        empty(x.shape, format: x.format, requiresGradient: requiresGradient)
    }

    public func zeros(_ shape: [Int], format: NumberFormat = .float32) -> Tensor {
        let tensor = empty(shape, format: format)
        fill(tensor, 0)
        return tensor
    }

    public func tensor(_ values: [Float], _ shape: [Int], requiresGradient: Bool = false) -> Tensor {
        precondition(values.count == shape.reduce(1, *), "tensor: \(values.count) values for shape \(shape)")
        let tensor = empty(shape, requiresGradient: requiresGradient)
        values.withUnsafeBufferPointer { upload($0, to: tensor) }
        return tensor
    }

    public func bytes(_ values: UnsafeBufferPointer<UInt8>, _ shape: [Int]) -> ByteTensor {
        let tensor = emptyBytes(shape)
        upload(values, to: tensor)
        return tensor
    }

    public func bytes(_ values: [UInt8], _ shape: [Int]) -> ByteTensor {
        values.withUnsafeBufferPointer { bytes($0, shape) }
    }

    public func values(_ tensor: Tensor) -> [Float] {
        [Float](unsafeUninitializedCapacity: tensor.count) { buffer, count in
            download(tensor, to: UnsafeMutableBufferPointer(start: buffer.baseAddress, count: tensor.count))
            count = tensor.count
        }
    }

    /// Throws the first failure since the last check.
    public func check() throws(BackendError) {
        if let failure { throw failure }
    }
}
