// Products of matrices, which linear maps, patches and folded weights are made of. No operator of the tape by itself.

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

/// What a device does for it.
protocol ProductDevice {
    /// c = op(a) op(b) + beta c (+ bias in every row); a and b of one format, beta 0 or 1, c of any format.
    func matrixProduct(
        _ a: MatrixView, transposed: Bool, _ b: MatrixView, transposed: Bool, into c: MatrixView, m: Int, n: Int, k: Int, beta: Float,
        bias: Tensor?)
}

extension Backend {
    /// c = op(a) op(b) + beta c (+ bias in every row); a and b of one format, beta 0 or 1, c of any format.
    public func matrixProduct(
        _ a: MatrixView, transposed ta: Bool, _ b: MatrixView, transposed tb: Bool, into c: MatrixView, m: Int, n: Int, k: Int, beta: Float,
        bias: Tensor?
    ) {
        perform(
            "matrix product, \(ta ? "weight gradient" : tb ? "forward" : "data gradient")",
            operations: 2 * Double(m) * Double(n) * Double(k),
            bytes: Double(
                m * k * a.tensor.format.bytes + k * n * b.tensor.format.bytes + m * n * c.tensor.format.bytes * (beta == 0 ? 1 : 2))
        ) { (device: any ProductDevice) in
            device.matrixProduct(a, transposed: ta, b, transposed: tb, into: c, m: m, n: n, k: k, beta: beta, bias: bias)
        }
    }
}
