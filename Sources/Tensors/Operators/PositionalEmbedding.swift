// A constant table added to the positions of every image.

/// What a device does for it.
protocol PositionalEmbeddingDevice {
    /// y = x + table, x [B, L, C], table [L, C] float32.
    func addPositionalEmbedding(_ x: Tensor, _ table: Tensor, into y: Tensor)
}

extension Tape {
    /// Adds a constant table [L, C] to every image of x [B, L, C].
    public func addPositionalEmbedding(_ x: Tensor, _ table: Tensor) -> Tensor {
        precondition(
            x.channels == table.channels && x.rows % table.rows == 0, "addPositionalEmbedding: \(x.shape) and table \(table.shape)")
        let needs = records(x)
        let y = backend.empty(like: x, requiresGradient: needs)
        backend.perform("position table", [x, y]) { (device: any PositionalEmbeddingDevice) in
            device.addPositionalEmbedding(x, table, into: y)
        }
        if needs {
            let source = x.slot
            record(from: y) { [self] dy in send(dy, to: source) }
        }
        return y
    }
}
