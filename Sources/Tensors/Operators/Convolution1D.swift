// The short depthwise convolution over positions of SSMix (UA-VLS eqs. 14-15).

/// What a device does for it. x: `channels` columns of a matrix with a row for each image and position; weight [k, channels].
protocol Convolution1DDevice {
    func convolution1D(_ x: MatrixView, weight: Tensor, kernel: Int, left: Int, batch: Int, length: Int, into y: Tensor)
    /// dweight is "+=".
    func convolution1DGradient(
        _ x: MatrixView, weight: Tensor, kernel: Int, left: Int, batch: Int, length: Int, _ dy: Tensor, into dx: MatrixView,
        _ dweight: Tensor)
}

extension Tape {
    /// Depthwise convolution over positions: y[l] = sum_j w[j] x[l + j - left], zeros outside. `range` picks the columns of x [B,L,*];
    /// weight [k, range.count].
    public func convolution1D(_ x: Tensor, columns range: Range<Int>, weight: Tensor, left: Int) -> Tensor {
        let batch = x.shape[0], length = x.shape[1], kernel = weight.shape[0], width = range.count
        precondition(
            weight.shape == [kernel, width] && range.upperBound <= x.channels, "convolution1D: \(weight.shape) on \(range) of \(x.shape)")
        let needs = records(x, weight)
        let y = backend.empty([batch, length, width], requiresGradient: needs)
        let view = MatrixView(x, offset: range.lowerBound)
        backend.perform("scan and its convolutions", operations: 2 * Double(y.count * kernel), [y, y]) {
            (device: any Convolution1DDevice) in
            device.convolution1D(view, weight: weight, kernel: kernel, left: left, batch: batch, length: length, into: y)
        }
        if needs {
            record(from: y) { [self] dy in
                let part = backend.empty(like: y), dweight = gradientSum(of: weight)
                backend.perform("scan and its convolutions", operations: 4 * Double(dy.count * kernel), [dy, dy, dy]) {
                    (device: any Convolution1DDevice) in
                    device.convolution1DGradient(
                        view, weight: weight, kernel: kernel, left: left, batch: batch, length: length, dy, into: MatrixView(part), dweight)
                }
                guard x.requiresGradient else { return }
                let (dx, beta) = destination(for: x)
                if beta == 0 { backend.fill(dx, 0) }
                backend.copyColumns(
                    MatrixView(part), into: MatrixView(dx, offset: range.lowerBound), rows: x.rows, columns: width, accumulate: true)
            }
        }
        return y
    }
}
