// Linear maps: y = x W^T + b over rows.

extension Tape {
    /// y[r,:] = W x[r,:] + b. x [..., I], weight [O, I], bias [O] -> [..., O].
    /// dx = dy W, dW += dy^T x, db += sum over rows of dy.
    public func linear(_ x: Tensor, weight: Tensor, bias: Tensor?) -> Tensor {
        let input = x.channels, output = weight.shape[0], rows = x.rows
        precondition(weight.count == output * input, "linear: weight \(weight.shape) does not fit input \(x.shape)")
        let needs = records(x, weight, bias)
        let y = backend.empty(x.shape.dropLast() + [output], format: x.format, requiresGradient: needs)
        backend.matrixProduct(
            MatrixView(x), transposed: false, MatrixView(factor(weight, for: x), stride: input), transposed: true, into: MatrixView(y),
            m: rows,
            n: output, k: input, beta: 0, bias: bias)
        if needs {
            record(from: y) { [self] dy in
                if let bias, bias.requiresGradient { backend.biasGradient(dy, into: gradientSum(of: bias)) }
                linearGradients(dy: MatrixView(dy), x: MatrixView(x), rows: rows, xTensor: x, weight: weight)
            }
        }
        return y
    }

    /// The two products of a linear map's backward pass, over rows that may be strided.
    func linearGradients(dy: MatrixView, x: MatrixView, rows: Int, xTensor: Tensor, weight: Tensor) {
        let output = weight.shape[0], input = weight.count / weight.shape[0]
        if weight.requiresGradient {
            backend.matrixProduct(
                dy, transposed: true, x, transposed: false, into: MatrixView(gradientSum(of: weight), stride: input), m: output, n: input,
                k: rows, beta: 1, bias: nil)
        }
        if xTensor.requiresGradient {
            let (dx, beta) = destination(for: xTensor)
            backend.matrixProduct(
                dy, transposed: false, MatrixView(factor(weight, for: xTensor), stride: input), transposed: false, into: MatrixView(dx),
                m: rows, n: input, k: output, beta: beta, bias: nil)
        }
    }

    /// A weight in the format of the activations it is multiplied with: its bf16 copy, or one made now for a weight that has none.
    func factor(_ weight: Tensor, for x: Tensor) -> Tensor {
        if weight.format == x.format { return weight }
        if let copy = weight.bfloat16Copy { return copy }
        let converted = backend.empty(weight.shape, format: x.format)
        backend.convert(weight, into: converted)
        return converted
    }
}
