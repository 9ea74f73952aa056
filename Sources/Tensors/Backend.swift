// What a device must be able to do. Operators (Operators/) say what is computed and how gradients flow; a backend only does the arithmetic.
// Every method's equation stands with the operator that uses it. Outputs are overwritten unless the name says `accumulate` or the doc says
// "+=".
import Randomness

/// Pointwise functions with their derivative taken from the input (`gelu`, `leakyReLU`, `softplus`) or the output (`tanh`, `sigmoid`).
public enum Activation: Sendable, Equatable {
    case gelu, tanh, softplus, sigmoid
    case leakyReLU(slope: Float)

    /// Whether the derivative is computed from the output instead of the input.
    var derivativeUsesOutput: Bool { self == .tanh || self == .sigmoid }
}

/// A row-major matrix inside a tensor: row r starts at `offset + r * stride`.
public struct MatrixView {
    let tensor: Tensor
    let offset: Int
    let stride: Int

    public init(_ tensor: Tensor, offset: Int = 0, stride: Int? = nil) {
        self.tensor = tensor
        self.offset = offset
        self.stride = stride ?? tensor.channels
    }
}

/// Sizes of one attention: q [B, Lq, heads*d], k and v [B, Lk, heads*d].
public struct AttentionShape: Sendable {
    let batch: Int, heads: Int, queries: Int, keys: Int, width: Int
    /// Factor on the scores, usually width^-1/2.
    let scale: Float
    /// Probability of dropping an attention weight, and the seed that decides which.
    let dropout: Float
    let seed: DropoutSeed
}

/// What decides a dropout: the seed of the pass, which a recorded step finds anew each time it runs, and the number of the dropout in the
/// pass.
public struct DropoutSeed: Sendable, Equatable {
    public let pass: UInt64
    public let number: UInt64

    public init(pass: UInt64, number: UInt64) {
        self.pass = pass
        self.number = number
    }

    /// The two as one number.
    public var value: UInt64 { SplitMix64.hash(pass &+ SplitMix64.hash(number)) }
}

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

/// AdamW's settings that stay over a run.
public struct AdamWSettings: Sendable, Equatable {
    public var beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8
    public var weightDecay: Float

    public init(weightDecay: Float = 0.01) { self.weightDecay = weightDecay }
}

/// Weights of a segmentation loss's parts; a part of weight 0 is not computed.
public struct LossWeights: Sendable, Equatable {
    public var dice: Float = 0, crossEntropy: Float = 0, spectral: Float = 0, entropy: Float = 0
    /// Entropy over both classes instead of -p log p.
    public var twoClass = false
    /// The Dice quotient's denominator sums the squares of predictions instead of the predictions.
    public var squares = false
    /// Cross entropy as half the mean over the batch's foreground plus half the mean over its background; a class without pixels counts 0.
    public var balanced = false
    /// Added to numerator and denominator of the Dice quotient.
    public var smoothing: Double = 1e-6

    public init() {}

    /// Places of a loss's terms in a tensor: the weighted sum, then the parts without their weights.
    public enum Term: Int, CaseIterable, Sendable { case total, dice, crossEntropy, spectral, entropy }

    func total(_ parts: [Term: Double]) -> Double {
        Double(dice) * (parts[.dice] ?? 0) + Double(crossEntropy) * (parts[.crossEntropy] ?? 0) + Double(spectral) * (parts[.spectral] ?? 0)
            + Double(entropy) * (parts[.entropy] ?? 0)
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

public struct Confusion: Sendable, Equatable { public let truePositive, falsePositive, falseNegative, trueNegative: Int }

public protocol Backend: AnyObject {
    /// The first failure since the last check, if any. Failures stick, like CUDA's, so that operators need not throw.
    var failure: BackendError? { get }
    var arena: Arena { get }
    /// The most bytes that tensors held at a time.
    var peakBytes: Int { get }
    /// Says what computes, for logs: "CPU, AVX-512, oneDNN 2.6, 2 threads".
    var summary: String { get }

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
    /// Runs one training step. Its body must ask for the same work on the same tensors whenever `plan` is the same, and must read nothing
    /// back: a device may record it and run the recording instead. What changes from step to step comes from `variables` (dropout of a tape
    /// whose seed is theirs; AdamW).
    func step(_ plan: StepPlan, _ variables: StepVariables, _ body: () -> Void)
    /// The same, operator by operator in any case.
    func stepUnrecorded(_ variables: StepVariables, _ body: () -> Void)
    /// Runs a device's part in an operator whose requirement is a protocol of its own, under the name it has in profiles. Called through
    /// `perform(_:_:)`.
    func perform(_ name: String, operations: Double, bytes: Double, _ body: (any Backend) -> Void)
    /// y = x, converted where the formats differ.
    func convert(_ x: Tensor, into y: Tensor)

    // Pointwise.
    func fill(_ y: Tensor, _ value: Float)
    func add(_ a: Tensor, _ b: Tensor, into y: Tensor)
    /// y = a + s b with s [1] float32.
    func addScaled(_ a: Tensor, _ b: Tensor, scale s: Tensor, into y: Tensor)
    func accumulate(_ x: Tensor, scale: Float, into y: Tensor)
    func scale(_ x: Tensor, by factor: Float, into y: Tensor)
    /// y = s x with s [1] float32.
    func scale(_ x: Tensor, by s: Tensor, into y: Tensor)
    /// sum += <a, b>, sum [1] float32.
    func dot(_ a: Tensor, _ b: Tensor, accumulateInto sum: Tensor)
    func activate(_ kind: Activation, _ x: Tensor, into y: Tensor)
    func activationGradient(_ kind: Activation, saved: Tensor, _ dy: Tensor, into dx: Tensor)
    /// hidden = a weight^T + bias in every row, active = GELU(hidden); weight [O, I] of a's format; active may be hidden, which then holds
    /// GELU alone.
    func productBiasGELU(_ a: Tensor, _ weight: Tensor, bias: Tensor, into hidden: Tensor, _ active: Tensor)
    /// dx = GELU'(x) dy, dbias += its column sums, y = GELU(x); dx may be dy, y may be x.
    func biasGELUGradient(_ x: Tensor, _ dy: Tensor, into dx: Tensor, _ dbias: Tensor, output y: Tensor)
    func dropout(_ x: Tensor, probability: Float, seed: DropoutSeed, into y: Tensor)
    func allFinite(_ x: Tensor) -> Bool

    // Rows.
    /// c = op(a) op(b) + beta c (+ bias in every row); a and b of one format, beta 0 or 1, c of any format.
    func matrixProduct(
        _ a: MatrixView, transposed: Bool, _ b: MatrixView, transposed: Bool, into c: MatrixView, m: Int, n: Int, k: Int, beta: Float,
        bias: Tensor?)
    /// A linear map over positions, image by image: y[b] = W x[b], x [B,L,C], W [T,L] float32, y [B,T,C]; or with W transposed (x [B,T,C],
    /// y [B,L,C]), += where it accumulates.
    func sequenceProduct(_ weight: Tensor, transposed: Bool, _ x: Tensor, into y: Tensor, accumulate: Bool)
    /// dW += sum over images of dy[b] x[b]^T; dy [B,T,C], x [B,L,C], dW [T,L].
    func sequenceWeightGradient(_ dy: Tensor, _ x: Tensor, into dweight: Tensor)
    func addBias(_ bias: Tensor, to y: Tensor)
    func biasGradient(_ dy: Tensor, into db: Tensor)
    func addPositionalEmbedding(_ x: Tensor, _ table: Tensor, into y: Tensor)
    func copyColumns(_ x: MatrixView, into y: MatrixView, rows: Int, columns: Int, accumulate: Bool)
    /// y[r,:] = table[numbers[r],:].
    func gatherRows(_ table: Tensor, _ numbers: RowNumbers, into y: Tensor)
    /// y[r,:] = scale[r] x[r,:]; x float32, y of any format.
    func scaleRows(_ x: Tensor, by scale: Tensor, into y: Tensor)
    /// Gradients of a linear map whose outputs are scaled, from `product`, that of the scaled weight, and `sums`, that of the scaled bias;
    /// all "+=".
    func scaledLinearGradient(_ map: ScaledLinear, product: Tensor, sums: Tensor, into gradients: ScaledLinear)
    func layerNorm(_ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor)
    func layerNormGradient(
        _ x: Tensor, gamma: Tensor, mean: Tensor, reciprocal: Tensor, _ dy: Tensor, into dx: Tensor, _ dgamma: Tensor, _ dbeta: Tensor)
    func batchNorm(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, momentum: Float,
        slope: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor)
    func batchNormInference(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, slope: Float, into y: Tensor
    )
    func batchNormGradient(
        _ x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, reciprocal: Tensor, slope: Float, _ dy: Tensor, into dx: Tensor,
        _ dgamma: Tensor, _ dbeta: Tensor)

    // Spatial, NHWC.
    func depthwise(_ x: Tensor, weight: Tensor, bias: Tensor?, kernel: Int, into y: Tensor)
    func depthwiseDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor)
    func depthwiseWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor, _ dbias: Tensor?)
    func convolution(_ x: Tensor, weight: Tensor, kernel: Int, into y: Tensor)
    func convolutionDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor)
    func convolutionWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor)
    func gatherPatches(_ x: Tensor, size: Int, into rows: Tensor)
    func scatterPatches(_ rows: Tensor, size: Int, into x: Tensor)
    func shufflePool(_ x: Tensor, factor: Int, bias: Tensor, into y: Tensor)
    func shufflePoolGradient(_ dy: Tensor, factor: Int, into dx: Tensor, _ dbias: Tensor)
    func normaliseImages(_ x: ByteTensor, into y: Tensor)

    // Sequences.
    func convolution1D(_ x: MatrixView, weight: Tensor, kernel: Int, left: Int, batch: Int, length: Int, into y: Tensor)
    func convolution1DGradient(
        _ x: MatrixView, weight: Tensor, kernel: Int, left: Int, batch: Int, length: Int, _ dy: Tensor, into dx: MatrixView,
        _ dweight: Tensor)
    func selectiveScan(_ inputs: ScanInputs, into y: Tensor)
    func selectiveScanGradient(_ inputs: ScanInputs, _ dy: Tensor, into gradients: ScanGradients)
    func attention(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape: AttentionShape, into y: Tensor, logSums: Tensor)
    func attentionGradient(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape: AttentionShape, output: Tensor, logSums: Tensor,
        _ dy: Tensor, into dq: MatrixView, _ dk: MatrixView, _ dv: MatrixView)

    // Losses and metrics. Predictions [B, H, W], targets uint8 [B, H, W] of 0 and 1.
    /// Writes the loss's terms (`LossWeights.Term`) and, where `gradient` is given, the gradient of their weighted sum; equations with
    /// `FusedLoss`.
    func segmentationLoss(_ p: Tensor, _ target: ByteTensor, weights: LossWeights, terms: Tensor, gradient: Tensor?)
    func confusion(_ p: Tensor, _ target: ByteTensor, threshold: Float) -> [Confusion]

    // Optimizer.
    /// One pass over all: the update, the bf16 copy in `bfloat16Copy` if there is one, and the gradients back to zero. Learning rate and
    /// step are those of the `step` around it. Nothing but the gradients changes where the first of `guardedBy` is not finite.
    func adamW(
        _ values: Tensor, gradients: Tensor, firstMoment: Tensor, secondMoment: Tensor, bfloat16Copy: Tensor?, settings: AdamWSettings,
        guardedBy loss: Tensor?)
}

/// A linear map and a factor for each of its outputs: weight [O, I], bias [O], scale [O]; or their gradients.
public struct ScaledLinear {
    let weight: Tensor, bias: Tensor, scale: Tensor
}

/// Inputs of the selective scan: u and dt [B, L, E], logA [E, N], skip [E], and B_l and C_l as column ranges of one [B, L, ...] tensor.
public struct ScanInputs {
    let u: Tensor, dt: Tensor, logA: Tensor, skip: Tensor
    let b: MatrixView, c: MatrixView
    let batch: Int, length: Int, width: Int, state: Int
}

/// Where the scan's gradients go: `dlogA` and `dskip` are "+=", the others overwritten.
public struct ScanGradients {
    let du: Tensor, ddt: Tensor, dlogA: Tensor, dskip: Tensor
    let db: MatrixView, dc: MatrixView
}

extension Backend {
    public func perform(_ name: String, operations: Double, bytes: Double, _ body: (any Backend) -> Void) { body(self) }

    /// The device's part in an operator: the one place where a profile measures it. `Part` is the operator's protocol, which every device
    /// must fulfil.
    /// - Parameters:
    ///   - operands: what is read and written.
    ///   - operations: multiplications and additions.
    func perform<Part>(_ name: String, operations: Double = 0, _ operands: [Tensor], _ body: (Part) -> Void) {
        perform(name, operations: operations, bytes: operands.reduce(0) { $0 + Double($1.count * $1.format.bytes) }) { device in
            guard let part = device as? Part else { preconditionFailure("\(device.summary) does not know \(name)") }
            body(part)
        }
    }

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
