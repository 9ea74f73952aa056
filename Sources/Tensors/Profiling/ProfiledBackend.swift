// A backend around another one that times every call. Nothing else changes: the same calls reach the same arithmetic in the same order.
// For `train profile` and `train summary`; an unprofiled run does not pass through here.
import Foundation

public final class ProfiledBackend: Backend {
    private let base: any Backend
    public private(set) var profile = OperatorProfile()

    public init(_ base: any Backend) { self.base = base }

    /// Forgets what was measured so far.
    public func reset() { profile = OperatorProfile() }

    public var failure: BackendError? { base.failure }
    public var arena: Arena { base.arena }
    public var peakBytes: Int { base.peakBytes }
    public var summary: String { base.summary }

    private func time<Result>(_ name: String, operations: Double = 0, _ operands: [Tensor], _ body: () -> Result) -> Result {
        time(name, operations: operations, bytes: operands.reduce(0) { $0 + Double($1.count * $1.format.bytes) }, body)
    }

    private func time<Result>(_ name: String, operations: Double = 0, bytes: Double, _ body: () -> Result) -> Result {
        let start = DispatchTime.now().uptimeNanoseconds
        let result = body()
        base.synchronise()
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
        profile.add(name, seconds: seconds, operations: operations, bytes: bytes)
        return result
    }

    /// Operators with a protocol of their own are measured here.
    public func perform(_ name: String, operations: Double, bytes: Double, _ body: (any Backend) -> Void) {
        time(name, operations: operations, bytes: bytes) { body(base) }
    }

    // MARK: Memory

    public func empty(_ shape: [Int], format: NumberFormat, requiresGradient: Bool) -> Tensor {
        base.empty(shape, format: format, requiresGradient: requiresGradient)
    }
    public func emptyBytes(_ shape: [Int]) -> ByteTensor { base.emptyBytes(shape) }
    public func upload(_ values: UnsafeBufferPointer<Float>, to tensor: Tensor) { base.upload(values, to: tensor) }
    public func upload(_ values: UnsafeBufferPointer<UInt8>, to tensor: ByteTensor) { base.upload(values, to: tensor) }
    public func download(_ tensor: Tensor, to values: UnsafeMutableBufferPointer<Float>) { base.download(tensor, to: values) }
    public func hostValues(_ tensor: Tensor) -> UnsafeMutableBufferPointer<Float>? { base.hostValues(tensor) }
    public func beginDownload(_ tensor: Tensor) -> any PendingValues { base.beginDownload(tensor) }
    public func synchronise() { base.synchronise() }
    /// The step's operators are timed one by one, so nothing of it is recorded.
    public func step(_ plan: StepPlan, _ variables: StepVariables, _ body: () -> Void) { base.stepUnrecorded(variables, body) }
    public func stepUnrecorded(_ variables: StepVariables, _ body: () -> Void) { base.stepUnrecorded(variables, body) }
    public func convert(_ x: Tensor, into y: Tensor) { time("convert format", [x, y]) { base.convert(x, into: y) } }

    // MARK: Pointwise

    public func fill(_ y: Tensor, _ value: Float) { time("fill", [y]) { base.fill(y, value) } }
    public func add(_ a: Tensor, _ b: Tensor, into y: Tensor) { time("add", [a, b, y]) { base.add(a, b, into: y) } }
    public func addScaled(_ a: Tensor, _ b: Tensor, scale s: Tensor, into y: Tensor) {
        time("add", [a, b, y]) { base.addScaled(a, b, scale: s, into: y) }
    }
    public func accumulate(_ x: Tensor, scale: Float, into y: Tensor) {
        time("accumulate", [x, y, y]) { base.accumulate(x, scale: scale, into: y) }
    }
    public func scale(_ x: Tensor, by factor: Float, into y: Tensor) { time("scale", [x, y]) { base.scale(x, by: factor, into: y) } }
    public func scale(_ x: Tensor, by s: Tensor, into y: Tensor) { time("scale", [x, y]) { base.scale(x, by: s, into: y) } }
    public func dot(_ a: Tensor, _ b: Tensor, accumulateInto sum: Tensor) { time("dot", [a, b]) { base.dot(a, b, accumulateInto: sum) } }
    public func activate(_ kind: Activation, _ x: Tensor, into y: Tensor) {
        time("\(kind.label) forward", [x, y]) { base.activate(kind, x, into: y) }
    }
    public func activationGradient(_ kind: Activation, saved: Tensor, _ dy: Tensor, into dx: Tensor) {
        time("\(kind.label) backward", [saved, dy, dx]) { base.activationGradient(kind, saved: saved, dy, into: dx) }
    }
    public func productBiasGELU(_ a: Tensor, _ weight: Tensor, bias: Tensor, into hidden: Tensor, _ active: Tensor) {
        let operations = 2 * Double(a.rows) * Double(weight.count)
        time("matrix product and GELU, forward", operations: operations, [a, weight, hidden, hidden, active]) {
            base.productBiasGELU(a, weight, bias: bias, into: hidden, active)
        }
    }
    public func biasGELUGradient(_ x: Tensor, _ dy: Tensor, into dx: Tensor, _ dbias: Tensor, output y: Tensor) {
        time("GELU backward", [x, dy, dx, y]) { base.biasGELUGradient(x, dy, into: dx, dbias, output: y) }
    }
    public func dropout(_ x: Tensor, probability: Float, seed: DropoutSeed, into y: Tensor) {
        time("dropout", [x, y]) { base.dropout(x, probability: probability, seed: seed, into: y) }
    }
    public func allFinite(_ x: Tensor) -> Bool { time("finite check", [x]) { base.allFinite(x) } }

    // MARK: Rows

    public func matrixProduct(
        _ a: MatrixView, transposed ta: Bool, _ b: MatrixView, transposed tb: Bool, into c: MatrixView, m: Int, n: Int, k: Int, beta: Float,
        bias: Tensor?
    ) {
        let kind = ta ? "weight gradient" : tb ? "forward" : "data gradient"
        let bytes = Double(
            m * k * a.tensor.format.bytes + k * n * b.tensor.format.bytes + m * n * c.tensor.format.bytes * (beta == 0 ? 1 : 2))
        time("matrix product, \(kind)", operations: 2 * Double(m) * Double(n) * Double(k), bytes: bytes) {
            base.matrixProduct(a, transposed: ta, b, transposed: tb, into: c, m: m, n: n, k: k, beta: beta, bias: bias)
        }
    }
    public func sequenceProduct(_ weight: Tensor, transposed: Bool, _ x: Tensor, into y: Tensor, accumulate: Bool) {
        time("sequence product", operations: 2 * Double(weight.count * x.shape[0] * x.channels), [x, y]) {
            base.sequenceProduct(weight, transposed: transposed, x, into: y, accumulate: accumulate)
        }
    }
    public func sequenceWeightGradient(_ dy: Tensor, _ x: Tensor, into dweight: Tensor) {
        time("sequence product", operations: 2 * Double(dweight.count * x.shape[0] * x.channels), [dy, x]) {
            base.sequenceWeightGradient(dy, x, into: dweight)
        }
    }
    public func addBias(_ bias: Tensor, to y: Tensor) { time("bias", [y, y]) { base.addBias(bias, to: y) } }
    public func biasGradient(_ dy: Tensor, into db: Tensor) { time("bias gradient", [dy]) { base.biasGradient(dy, into: db) } }
    public func addPositionalEmbedding(_ x: Tensor, _ table: Tensor, into y: Tensor) {
        time("position table", [x, y]) { base.addPositionalEmbedding(x, table, into: y) }
    }
    public func copyColumns(_ x: MatrixView, into y: MatrixView, rows: Int, columns: Int, accumulate: Bool) {
        time("column copies", bytes: Double(rows * columns * x.tensor.format.bytes * (accumulate ? 3 : 2))) {
            base.copyColumns(x, into: y, rows: rows, columns: columns, accumulate: accumulate)
        }
    }
    public func gatherRows(_ table: Tensor, _ numbers: RowNumbers, into y: Tensor) {
        time("row gathers", [y, y]) { base.gatherRows(table, numbers, into: y) }
    }
    public func scaleRows(_ x: Tensor, by scale: Tensor, into y: Tensor) {
        time("layer scale of weights", [x, y]) { base.scaleRows(x, by: scale, into: y) }
    }
    public func scaledLinearGradient(_ map: ScaledLinear, product: Tensor, sums: Tensor, into gradients: ScaledLinear) {
        time("layer scale of weights", [map.weight, product, gradients.weight, gradients.weight]) {
            base.scaledLinearGradient(map, product: product, sums: sums, into: gradients)
        }
    }
    public func layerNorm(_ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor) {
        time("layer norm forward", [x, y]) {
            base.layerNorm(x, gamma: gamma, beta: beta, epsilon: epsilon, into: y, mean: mean, reciprocal: reciprocal)
        }
    }
    public func layerNormGradient(
        _ x: Tensor, gamma: Tensor, mean: Tensor, reciprocal: Tensor, _ dy: Tensor, into dx: Tensor, _ dgamma: Tensor, _ dbeta: Tensor
    ) {
        time("layer norm backward", [x, dy, dx]) {
            base.layerNormGradient(x, gamma: gamma, mean: mean, reciprocal: reciprocal, dy, into: dx, dgamma, dbeta)
        }
    }
    public func batchNorm(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, momentum: Float,
        slope: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor
    ) {
        time("batch norm forward", [x, x, y]) {
            base.batchNorm(
                x, gamma: gamma, beta: beta, runningMean: runningMean, runningVariance: runningVariance, epsilon: epsilon,
                momentum: momentum, slope: slope, into: y, mean: mean, reciprocal: reciprocal)
        }
    }
    public func batchNormInference(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, slope: Float, into y: Tensor
    ) {
        time("batch norm forward", [x, y]) {
            base.batchNormInference(
                x, gamma: gamma, beta: beta, runningMean: runningMean, runningVariance: runningVariance, epsilon: epsilon, slope: slope,
                into: y)
        }
    }
    public func batchNormGradient(
        _ x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, reciprocal: Tensor, slope: Float, _ dy: Tensor, into dx: Tensor,
        _ dgamma: Tensor, _ dbeta: Tensor
    ) {
        time("batch norm backward", [x, dy, x, dy, dx]) {
            base.batchNormGradient(
                x, gamma: gamma, beta: beta, mean: mean, reciprocal: reciprocal, slope: slope, dy, into: dx, dgamma, dbeta)
        }
    }

    // MARK: Spatial

    public func depthwise(_ x: Tensor, weight: Tensor, bias: Tensor?, kernel: Int, into y: Tensor) {
        time("depthwise forward", operations: 2 * Double(x.count * kernel * kernel), [x, y]) {
            base.depthwise(x, weight: weight, bias: bias, kernel: kernel, into: y)
        }
    }
    public func depthwiseDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor) {
        time("depthwise data gradient", operations: 2 * Double(dy.count * kernel * kernel), [dy, dx]) {
            base.depthwiseDataGradient(dy, weight: weight, kernel: kernel, into: dx)
        }
    }
    public func depthwiseWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor, _ dbias: Tensor?) {
        time("depthwise weight gradient", operations: 2 * Double(x.count * kernel * kernel), [x, dy]) {
            base.depthwiseWeightGradient(x, dy, kernel: kernel, into: dweight, dbias)
        }
    }
    public func convolution(_ x: Tensor, weight: Tensor, kernel: Int, into y: Tensor) {
        time("convolution forward", operations: 2 * Double(x.rows * weight.count), [x, weight, y]) {
            base.convolution(x, weight: weight, kernel: kernel, into: y)
        }
    }
    public func convolutionDataGradient(_ dy: Tensor, weight: Tensor, kernel: Int, into dx: Tensor) {
        time("convolution data gradient", operations: 2 * Double(dy.rows * weight.count), [dy, weight, dx]) {
            base.convolutionDataGradient(dy, weight: weight, kernel: kernel, into: dx)
        }
    }
    public func convolutionWeightGradient(_ x: Tensor, _ dy: Tensor, kernel: Int, into dweight: Tensor) {
        time("convolution weight gradient", operations: 2 * Double(dy.rows * dweight.count), [x, dy, dweight]) {
            base.convolutionWeightGradient(x, dy, kernel: kernel, into: dweight)
        }
    }
    public func gatherPatches(_ x: Tensor, size: Int, into rows: Tensor) {
        time("patches", [x, rows]) { base.gatherPatches(x, size: size, into: rows) }
    }
    public func scatterPatches(_ rows: Tensor, size: Int, into x: Tensor) {
        time("patches", [rows, x]) { base.scatterPatches(rows, size: size, into: x) }
    }
    public func shufflePool(_ x: Tensor, factor: Int, bias: Tensor, into y: Tensor) {
        time("shuffle and pool", [x, y]) { base.shufflePool(x, factor: factor, bias: bias, into: y) }
    }
    public func shufflePoolGradient(_ dy: Tensor, factor: Int, into dx: Tensor, _ dbias: Tensor) {
        time("shuffle and pool", [dy, dx]) { base.shufflePoolGradient(dy, factor: factor, into: dx, dbias) }
    }
    public func normaliseImages(_ x: ByteTensor, into y: Tensor) {
        time("normalise images", [y]) { base.normaliseImages(x, into: y) }
    }

    // MARK: Sequences

    public func convolution1D(_ x: MatrixView, weight: Tensor, kernel: Int, left: Int, batch: Int, length: Int, into y: Tensor) {
        time("scan and its convolutions", operations: 2 * Double(y.count * kernel), [y, y]) {
            base.convolution1D(x, weight: weight, kernel: kernel, left: left, batch: batch, length: length, into: y)
        }
    }
    public func convolution1DGradient(
        _ x: MatrixView, weight: Tensor, kernel: Int, left: Int, batch: Int, length: Int, _ dy: Tensor, into dx: MatrixView,
        _ dweight: Tensor
    ) {
        time("scan and its convolutions", operations: 4 * Double(dy.count * kernel), [dy, dy, dy]) {
            base.convolution1DGradient(
                x, weight: weight, kernel: kernel, left: left, batch: batch, length: length, dy, into: dx, dweight)
        }
    }
    public func selectiveScan(_ inputs: ScanInputs, into y: Tensor) {
        time("scan and its convolutions", [inputs.u, inputs.dt, y]) { base.selectiveScan(inputs, into: y) }
    }
    public func selectiveScanGradient(_ inputs: ScanInputs, _ dy: Tensor, into gradients: ScanGradients) {
        time("scan and its convolutions", [inputs.u, inputs.dt, dy, gradients.du, gradients.ddt]) {
            base.selectiveScanGradient(inputs, dy, into: gradients)
        }
    }
    public func attention(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape: AttentionShape, into y: Tensor, logSums: Tensor
    ) {
        time("attention forward", operations: shape.operations(products: 2), [q.tensor, k.tensor, v.tensor, y]) {
            base.attention(q, k, v, mask: mask, shape: shape, into: y, logSums: logSums)
        }
    }
    public func attentionGradient(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape: AttentionShape, output: Tensor, logSums: Tensor,
        _ dy: Tensor, into dq: MatrixView, _ dk: MatrixView, _ dv: MatrixView
    ) {
        time(
            "attention backward", operations: shape.operations(products: 5),
            [q.tensor, k.tensor, v.tensor, output, dy, dq.tensor, dk.tensor, dv.tensor]
        ) {
            base.attentionGradient(
                q, k, v, mask: mask, shape: shape, output: output, logSums: logSums, dy, into: dq, dk, dv)
        }
    }

    // MARK: Losses and optimizer

    public func segmentationLoss(_ p: Tensor, _ target: ByteTensor, weights: LossWeights, terms: Tensor, gradient: Tensor?) {
        time("losses", [p, p, p] + (gradient.map { [$0, $0, $0] } ?? [])) {
            base.segmentationLoss(p, target, weights: weights, terms: terms, gradient: gradient)
        }
    }
    public func confusion(_ p: Tensor, _ target: ByteTensor, threshold: Float) -> [Confusion] {
        time("losses", [p]) { base.confusion(p, target, threshold: threshold) }
    }
    public func adamW(
        _ values: Tensor, gradients: Tensor, firstMoment: Tensor, secondMoment: Tensor, bfloat16Copy: Tensor?, settings: AdamWSettings,
        guardedBy loss: Tensor?
    ) {
        time(
            "AdamW",
            [values, values, gradients, gradients, firstMoment, firstMoment, secondMoment, secondMoment] + (bfloat16Copy.map { [$0] } ?? [])
        ) {
            base.adamW(
                values, gradients: gradients, firstMoment: firstMoment, secondMoment: secondMoment, bfloat16Copy: bfloat16Copy,
                settings: settings, guardedBy: loss)
        }
    }
}

extension Activation {
    fileprivate var label: String {
        switch self {
        case .gelu: "GELU"
        case .tanh: "tanh"
        case .softplus: "softplus"
        case .sigmoid: "sigmoid"
        case .leakyReLU: "leaky ReLU"
        }
    }
}

extension AttentionShape {
    /// Multiplications and additions of a number of products of queries by keys.
    fileprivate func operations(products: Int) -> Double {
        2 * Double(products) * Double(batch * heads) * Double(queries * keys) * Double(width)
    }
}
