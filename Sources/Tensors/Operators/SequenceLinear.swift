// The linear map over positions: the tokens of a text, mixed down to fewer. PyTorch's Conv1d of kernel 1 that has positions as its
// channels.

/// What a device does for it. Images one by one: x [B,L,C], W [T,L] and b [T] float32, y [B,T,C].
protocol SequenceLinearDevice {
    /// y[b] = W x[b], plus the bias of each position if there is one; or with W transposed (x [B,T,C], y [B,L,C]). += where it accumulates,
    /// which goes without a bias.
    func sequenceProduct(_ weight: Tensor, transposed: Bool, bias: Tensor?, _ x: Tensor, into y: Tensor, accumulate: Bool)
    /// dW += sum over images of dy[b] x[b]^T.
    func sequenceWeightGradient(_ dy: Tensor, _ x: Tensor, into dweight: Tensor)
    /// db[t] += sum over images and channels of dy[b,t,c].
    func sequenceBiasGradient(_ dy: Tensor, into dbias: Tensor)
}

extension Tape {
    /// y[b,t,c] = sum over l of W[t,l] x[b,l,c] + bias[t]. x [B,L,C], weight [T,L], bias [T] -> [B,T,C].
    /// dx[b] = W^T dy[b], dW += sum over b of dy[b] x[b]^T, db[t] += sum over b and c of dy[b,t,c].
    public func sequenceLinear(_ x: Tensor, weight: Tensor, bias: Tensor? = nil) -> Tensor {
        let batch = x.shape[0], length = x.shape[1], channels = x.shape[2], output = weight.shape[0]
        precondition(
            weight.shape == [output, length] && bias.map { $0.count == output } ?? true,
            "sequenceLinear: weight \(weight.shape) and bias \(bias?.shape ?? []) do not fit input \(x.shape)")
        let needs = records(x, weight, bias), operations = 2 * Double(weight.count * batch * channels)
        let y = backend.empty([batch, output, channels], format: x.format, requiresGradient: needs)
        backend.perform("sequence product", operations: operations, [x, y]) { (device: any SequenceLinearDevice) in
            device.sequenceProduct(weight, transposed: false, bias: bias, x, into: y, accumulate: false)
        }
        guard needs else { return y }
        record(from: y) { [self] dy in
            if weight.requiresGradient {
                backend.perform("sequence product", operations: operations, [dy, x]) { (device: any SequenceLinearDevice) in
                    device.sequenceWeightGradient(dy, x, into: gradientSum(of: weight))
                }
            }
            if let bias, bias.requiresGradient {
                backend.perform("sequence product", [dy]) { (device: any SequenceLinearDevice) in
                    device.sequenceBiasGradient(dy, into: gradientSum(of: bias))
                }
            }
            guard x.requiresGradient else { return }
            let (dx, beta) = destination(for: x)
            backend.perform("sequence product", operations: operations, [dy, dx]) { (device: any SequenceLinearDevice) in
                device.sequenceProduct(weight, transposed: true, bias: nil, dy, into: dx, accumulate: beta == 1)
            }
        }
        return y
    }
}
