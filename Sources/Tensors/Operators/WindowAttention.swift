// Attention within the windows of a map, as in a Swin Transformer: a bias for each head and offset between two places, and a cyclic shift
// of the map whose false neighbours a mask keeps apart. Windows are cut, shifted and put back by the devices' kernels alone: no map of
// windows is made. NHWC maps. Not for attention over whole sequences (Attention.swift).

/// Sizes of one window attention: qkv [B,H,W,3C], C = heads * headWidth.
struct WindowShape {
    let batch: Int, height: Int, width: Int, heads: Int, headWidth: Int
    /// Pixels of a window's side, and of the shift up and left.
    let side: Int, shift: Int
    /// Factor on the products of queries and keys.
    var scale: Float { 1 / Float(headWidth).squareRoot() }
    var windows: Int { batch * (height / side) * (width / side) }
    /// Places in a window.
    var places: Int { side * side }
    /// Multiplications and additions of one product of a window's places with each other, in all windows and heads.
    var productOperations: Double { 2 * Double(windows * heads) * Double(places * places * headWidth) }
}

/// What a device does for it.
protocol WindowAttentionDevice {
    /// y [B,H,W,C] and logSums [windows, heads, places], the log-sum-exp of each query's scores, kept for the gradient.
    func windowAttention(_ qkv: Tensor, table: Tensor, _ shape: WindowShape, into y: Tensor, logSums: Tensor)
    /// dqkv; dtable +=.
    func windowAttentionGradient(
        _ qkv: Tensor, table: Tensor, logSums: Tensor, _ dy: Tensor, _ shape: WindowShape, into dqkv: Tensor, _ dtable: Tensor)
}

extension Tape {
    /// softmax(q k^T / sqrt(d) + bias + mask) v for each head in each window of `side` x `side` pixels of the map shifted cyclically by
    /// `shift` pixels up and left, put back where the pixels were. qkv [B,H,W,3C]: the columns of q, k and v, each with the heads behind
    /// one another; H and W multiples of `side`. table [(2 side - 1)^2, heads]: query (r, c) and key (r', c') take row
    /// (r - r' + side - 1) (2 side - 1) + c - c' + side - 1. The mask is -100 between pixels that only the shift made neighbours.
    /// -> [B,H,W,C].
    public func windowAttention(_ qkv: Tensor, table: Tensor, heads: Int, side: Int, shift: Int) -> Tensor {
        precondition(
            qkv.shape.count == 4 && qkv.channels % (3 * heads) == 0 && qkv.shape[1] % side == 0 && qkv.shape[2] % side == 0
                && (0..<side).contains(shift) && table.shape == [(2 * side - 1) * (2 * side - 1), heads],
            "windowAttention: \(qkv.shape) in windows of \(side), shift \(shift), table \(table.shape)")
        let shape = WindowShape(
            batch: qkv.shape[0], height: qkv.shape[1], width: qkv.shape[2], heads: heads, headWidth: qkv.channels / (3 * heads), side: side,
            shift: shift)
        let needs = records(qkv, table)
        let y = backend.empty(qkv.shape.dropLast() + [qkv.channels / 3], format: qkv.format, requiresGradient: needs)
        let logSums = backend.empty([shape.windows, heads, shape.places])
        backend.perform("window attention forward", operations: 2 * shape.productOperations, [qkv, y]) {
            (device: any WindowAttentionDevice) in
            device.windowAttention(qkv, table: table, shape, into: y, logSums: logSums)
        }
        if needs {
            record(from: y) { [self] dy in
                let dqkv = backend.empty(like: qkv)
                backend.perform("window attention backward", operations: 5 * shape.productOperations, [qkv, dy, dqkv]) {
                    (device: any WindowAttentionDevice) in
                    device.windowAttentionGradient(
                        qkv, table: table, logSums: logSums, dy, shape, into: dqkv, gradientSum(of: table))
                }
                send(dqkv, to: qkv)
            }
        }
        return y
    }
}
