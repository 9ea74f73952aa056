// Scaled dot-product attention with several heads (eqs. 6 and 11): out = dropout(softmax(scale q k^T)) v per image and head.
// The scores of one image and head live only while a thread works on them; the backward pass recomputes them from the kept log-sums.

/// Sizes of one attention: q [B, Lq, heads*d], k and v [B, Lk, heads*d].
public struct AttentionShape: Sendable {
    let batch: Int, heads: Int, queries: Int, keys: Int, width: Int
    /// Factor on the scores, usually width^-1/2.
    let scale: Float
    /// Probability of dropping an attention weight, and the seed that decides which.
    let dropout: Float
    let seed: DropoutSeed

    /// Multiplications and additions of a number of products of queries by keys.
    func operations(products: Int) -> Double {
        2 * Double(products) * Double(batch * heads) * Double(queries * keys) * Double(width)
    }
}

/// What a device does for it. Rows of y and of the gradients may be strided.
protocol AttentionDevice {
    /// Leaves the logarithm of each row's sum, [B, heads, Lq], for the gradient.
    func attention(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape: AttentionShape, into y: Tensor, logSums: Tensor)
    func attentionGradient(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape: AttentionShape, output: Tensor, logSums: Tensor,
        _ dy: Tensor, into dq: MatrixView, _ dk: MatrixView, _ dv: MatrixView)
}

extension Tape {
    /// q [B,Lq,C], k and v [B,Lk,C], mask uint8 [B,Lk] (0: the key is ignored) -> [B,Lq,C]. Heads are equal slices of C.
    public func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, heads: Int, mask: ByteTensor? = nil, dropout: Float = 0) -> Tensor {
        let batch = q.shape[0], queries = q.shape[1], keys = k.shape[1], width = q.channels / heads
        precondition(
            k.shape == v.shape && k.channels == q.channels && width * heads == q.channels, "attention: \(q.shape), \(k.shape), \(v.shape)")
        precondition(k.format == q.format && v.format == q.format, "attention of \(q.format), \(k.format), \(v.format)")
        let probability = mode.dropout ? dropout : 0
        let shape = AttentionShape(
            batch: batch, heads: heads, queries: queries, keys: keys, width: width, scale: 1 / Float(width).squareRoot(),
            dropout: probability, seed: probability > 0 ? nextDropoutSeed() : DropoutSeed(pass: 0, number: 0))
        let needs = records(q, k, v)
        let y = backend.empty(like: q, requiresGradient: needs)
        let logSums = backend.empty([batch, heads, queries])
        backend.perform("attention forward", operations: shape.operations(products: 2), [q, k, v, y]) { (device: any AttentionDevice) in
            device.attention(MatrixView(q), MatrixView(k), MatrixView(v), mask: mask, shape: shape, into: y, logSums: logSums)
        }
        if needs {
            let output = y.viewed(as: y.shape)
            record(from: y) { [self] dy in
                let dq = backend.empty(like: q), dk = backend.empty(like: k), dv = backend.empty(like: v)
                backend.perform(
                    "attention backward", operations: shape.operations(products: 5), [q, k, v, output, dy, dq, dk, dv]
                ) { (device: any AttentionDevice) in
                    device.attentionGradient(
                        MatrixView(q), MatrixView(k), MatrixView(v), mask: mask, shape: shape, output: output, logSums: logSums, dy,
                        into: MatrixView(dq), MatrixView(dk), MatrixView(dv))
                }
                send(dq, to: q)
                send(dk, to: k)
                send(dv, to: v)
            }
        }
        return y
    }
}
