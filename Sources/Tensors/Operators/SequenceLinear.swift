// A linear map over the positions of a sequence, image by image.

/// What a device does for it.
protocol SequenceLinearDevice {
    /// y[b] = W x[b], x [B,L,C], W [T,L] float32, y [B,T,C]; or with W transposed (x [B,T,C], y [B,L,C]), += where it accumulates.
    func sequenceProduct(_ weight: Tensor, transposed: Bool, _ x: Tensor, into y: Tensor, accumulate: Bool)
    /// dW += sum over images of dy[b] x[b]^T; dy [B,T,C], x [B,L,C], dW [T,L].
    func sequenceWeightGradient(_ dy: Tensor, _ x: Tensor, into dweight: Tensor)
}

extension Tape {
    /// A linear map over positions: y[b] = W x[b] for every image. x [B, L, C], weight [T, L] -> [B, T, C].
    /// dx[b] = W^T dy[b], dW += sum over b of dy[b] x[b]^T.
    public func sequenceLinear(_ x: Tensor, weight: Tensor) -> Tensor {
        let batch = x.shape[0], length = x.shape[1], channels = x.shape[2], output = weight.shape[0]
        precondition(weight.shape == [output, length], "sequenceLinear: weight \(weight.shape) does not fit input \(x.shape)")
        let needs = records(x, weight)
        let y = backend.empty([batch, output, channels], format: x.format, requiresGradient: needs)
        sequenceProduct(weight, transposed: false, x, into: y, accumulate: false)
        if needs {
            record(from: y) { [self] dy in
                if weight.requiresGradient {
                    let dweight = gradientSum(of: weight)
                    backend.perform("sequence product", operations: 2 * Double(dweight.count * x.shape[0] * x.channels), [dy, x]) {
                        (device: any SequenceLinearDevice) in device.sequenceWeightGradient(dy, x, into: dweight)
                    }
                }
                if x.requiresGradient {
                    let (dx, beta) = destination(for: x)
                    sequenceProduct(weight, transposed: true, dy, into: dx, accumulate: beta == 1)
                }
            }
        }
        return y
    }

    private func sequenceProduct(_ weight: Tensor, transposed: Bool, _ x: Tensor, into y: Tensor, accumulate: Bool) {
        backend.perform("sequence product", operations: 2 * Double(weight.count * x.shape[0] * x.channels), [x, y]) {
            (device: any SequenceLinearDevice) in
            device.sequenceProduct(weight, transposed: transposed, x, into: y, accumulate: accumulate)
        }
    }
}
