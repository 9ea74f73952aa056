// Convolutions of NHWC maps: any kernel, stride, zero padding, dilation and number of groups. A depthwise convolution is one with a group
// for each channel; `depthwise` is its form with weights [k*k, C], stride 1 and padding k/2.

/// A number of rows and one of columns; a literal is both.
public struct Extent: Hashable, Sendable, ExpressibleByIntegerLiteral {
    public let rows: Int, columns: Int

    public init(_ rows: Int, _ columns: Int) {
        self.rows = rows
        self.columns = columns
    }

    public init(_ both: Int) { self.init(both, both) }

    public init(integerLiteral both: Int) { self.init(both) }
}

/// What a convolution depends on beside its numbers: x [B,H,W,I], weight [O,kh,kw,I/groups], y [B,H',W',O].
struct ConvolutionShape: Hashable, Sendable {
    let batch: Int, height: Int, width: Int, input: Int, output: Int
    let kernel: Extent, stride: Extent, padding: Extent, dilation: Extent
    let groups: Int

    /// Of the result.
    var outHeight: Int { (height + 2 * padding.rows - dilation.rows * (kernel.rows - 1) - 1) / stride.rows + 1 }
    var outWidth: Int { (width + 2 * padding.columns - dilation.columns * (kernel.columns - 1) - 1) / stride.columns + 1 }
    var weights: Int { output * kernel.rows * kernel.columns * (input / groups) }
    /// Multiplications and additions of one of the three passes.
    var operations: Double { 2 * Double(batch * outHeight * outWidth) * Double(weights) }
    /// 3x3 as in most networks: stride 1, all channels together, a map of the same size.
    var isPlain3x3: Bool { kernel == 3 && stride == 1 && padding == 1 && dilation == 1 && groups == 1 }
}

extension ConvolutionShape: CustomStringConvertible {
    /// For messages: "convolution 3x3 64->128 at 56x56, stride 2x2, groups 32".
    var description: String {
        func part(_ name: String, _ e: Extent, unless plain: Extent) -> String { e == plain ? "" : ", \(name) \(e.rows)x\(e.columns)" }
        return "convolution \(kernel.rows)x\(kernel.columns) \(input)->\(output) at \(height)x\(width)" + part("stride", stride, unless: 1)
            + part("padding", padding, unless: Extent(kernel.rows / 2, kernel.columns / 2)) + part("dilation", dilation, unless: 1)
            + (groups == 1 ? "" : ", groups \(groups)")
    }
}

/// What a device does for it. Weights are float32, x and y of one format.
protocol ConvolutionDevice {
    func convolution(_ x: Tensor, weight: Tensor, shape: ConvolutionShape, into y: Tensor)
    func convolutionDataGradient(_ dy: Tensor, weight: Tensor, shape: ConvolutionShape, into dx: Tensor)
    func convolutionWeightGradient(_ x: Tensor, _ dy: Tensor, shape: ConvolutionShape, into dweight: Tensor)
}

extension Tape {
    /// Cross-correlation, stride 1, zero padding k/2. x [B,H,W,I], weight [O,k,k,I] -> [B,H,W,O].
    public func convolution(_ x: Tensor, weight: Tensor, bias: Tensor? = nil, kernel: Int) -> Tensor {
        convolution(x, weight: weight, bias: bias, kernel: Extent(kernel), padding: Extent(kernel / 2))
    }

    /// Cross-correlation. x [B,H,W,I], weight [O,kh,kw,I/groups], bias [O] -> [B,H',W',O] with
    /// H' = floor((H + 2 padding - dilation (kh-1) - 1) / stride) + 1, W' likewise.
    /// - Parameters:
    ///   - kernel: where the weight's shape does not say it.
    ///   - groups: the channels of x, and of y, are cut into so many; each reads its own.
    public func convolution(
        _ x: Tensor, weight: Tensor, bias: Tensor? = nil, kernel: Extent? = nil, stride: Extent = 1, padding: Extent = 0,
        dilation: Extent = 1, groups: Int = 1
    ) -> Tensor {
        precondition(x.shape.count == 4 && (kernel != nil || weight.shape.count == 4), "convolution: \(x.shape), weight \(weight.shape)")
        let shape = ConvolutionShape(
            batch: x.shape[0], height: x.shape[1], width: x.shape[2], input: x.channels, output: weight.shape[0],
            kernel: kernel ?? Extent(weight.shape[1], weight.shape[2]), stride: stride, padding: padding, dilation: dilation, groups: groups
        )
        precondition(
            groups > 0 && shape.input % groups == 0 && shape.output % groups == 0 && weight.count == shape.weights
                && min(stride.rows, stride.columns, dilation.rows, dilation.columns) > 0 && min(padding.rows, padding.columns) >= 0
                && shape.outHeight > 0 && shape.outWidth > 0, "convolution: weight \(weight.shape), input \(x.shape), \(shape)")
        let needs = records(x, weight, bias)
        let y = backend.empty([shape.batch, shape.outHeight, shape.outWidth, shape.output], format: x.format, requiresGradient: needs)
        backend.perform("convolution forward", operations: shape.operations, [x, weight, y]) { (device: any ConvolutionDevice) in
            device.convolution(x, weight: weight, shape: shape, into: y)
        }
        if let bias { backend.addBias(bias, to: y) }
        if needs {
            record(from: y) { [self] dy in
                if let bias, bias.requiresGradient { backend.biasGradient(dy, into: gradientSum(of: bias)) }
                if weight.requiresGradient {
                    let dweight = backend.empty(like: weight)
                    backend.perform("convolution weight gradient", operations: shape.operations, [x, dy, dweight]) {
                        (device: any ConvolutionDevice) in device.convolutionWeightGradient(x, dy, shape: shape, into: dweight)
                    }
                    send(dweight, to: weight)
                }
                if x.requiresGradient {
                    let dx = backend.empty(like: x)
                    backend.perform("convolution data gradient", operations: shape.operations, [dy, weight, dx]) {
                        (device: any ConvolutionDevice) in device.convolutionDataGradient(dy, weight: weight, shape: shape, into: dx)
                    }
                    send(dx, to: x)
                }
            }
        }
        return y
    }
}
