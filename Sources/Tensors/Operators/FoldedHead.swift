// The two steps of a head whose last convolution is folded into the one before it (Head.swift in Networks): weights summed by group, and
// what is left behind the convolution.

/// What a device may do for it in one pass; others compose it of plain operators.
protocol ShufflePoolDevice {
    func shufflePool(_ x: Tensor, factor: Int, bias: Tensor, into y: Tensor)
    /// dbias is "+=".
    func shufflePoolGradient(_ dy: Tensor, factor: Int, into dx: Tensor, _ dbias: Tensor)
}

extension Tape {
    /// Pixel shuffle by r, zero padding of r-1 above and left, r x r mean with stride 1, plus a scalar bias: the end of the head (eqs.
    /// 23-25) with its last convolution folded into the one before. x [B,h,w,r*r], bias [1] -> [B,h*r,w*r].
    public func shufflePool(_ x: Tensor, factor r: Int, bias: Tensor) -> Tensor {
        precondition(x.channels == r * r && bias.count == 1, "shufflePool: \(x.shape) with factor \(r)")
        guard let device = backend.capability((any ShufflePoolDevice).self) else { return plainShufflePool(x, factor: r, bias: bias) }
        let needs = records(x, bias)
        let y = backend.empty([x.shape[0], x.shape[1] * r, x.shape[2] * r], requiresGradient: needs)
        backend.measured("shuffle and pool", [x, y]) { device.shufflePool(x, factor: r, bias: bias, into: y) }
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in
                let dx = backend.empty(source.shape, format: source.format)
                let dbias = gradientSum(of: bias)
                backend.measured("shuffle and pool", [dy, dx]) { device.shufflePoolGradient(dy, factor: r, into: dx, dbias) }
                send(dx, to: source)
            }
        }
        return y
    }

    /// The same of plain operators: the mean above and to the left is a depthwise convolution with a kernel whose other taps are 0.
    private func plainShufflePool(_ x: Tensor, factor r: Int, bias: Tensor) -> Tensor {
        let kernel = 2 * r - 1, taps = (0..<(kernel * kernel)).map { $0 / kernel < r && $0 % kernel < r ? 1 / Float(r * r) : 0 }
        let pooled = depthwise(
            scatterPatches(x, size: r), weight: backend.tensor(taps, [kernel * kernel, 1]), bias: bias, kernel: kernel)
        return reshape(pooled, Array(pooled.shape.dropLast()))
    }

    /// Sums groups of rows with weights: the head's 1x1 convolution folded into the 3x3 one before it.
    /// parts [G*S, K], mix [G] -> y [S, K] with y[s] = sum over g of mix[g] parts[g*S + s].
    /// dparts[g*S+s] += mix[g] dy[s], dmix[g] += sum over s of <parts[g*S+s], dy[s]>.
    public func foldGroups(_ parts: Tensor, mix: Tensor) -> Tensor {
        let groups = mix.count, sub = parts.shape[0] / groups, width = parts.count / parts.shape[0]
        precondition(parts.shape[0] == groups * sub, "foldGroups: \(parts.shape) with \(groups) groups")
        let needs = records(parts, mix)
        let y = backend.empty([sub] + parts.shape.dropFirst(), requiresGradient: needs)
        // A [1, G] x [G, S*K] product.
        let block = sub * width
        backend.matrixProduct(
            MatrixView(mix, stride: groups), transposed: false, MatrixView(parts, stride: block), transposed: false,
            into: MatrixView(y, stride: block), m: 1, n: block, k: groups, beta: 0, bias: nil)
        if needs {
            record(from: y) { [self] dy in
                backend.matrixProduct(
                    MatrixView(mix, stride: groups), transposed: true, MatrixView(dy, stride: block), transposed: false,
                    into: MatrixView(gradientSum(of: parts), stride: block), m: groups, n: block, k: 1, beta: 1, bias: nil)
                backend.matrixProduct(
                    MatrixView(dy, stride: block), transposed: false, MatrixView(parts, stride: block), transposed: true,
                    into: MatrixView(gradientSum(of: mix), stride: groups), m: 1, n: groups, k: block, beta: 1, bias: nil)
            }
        }
        return y
    }
}
