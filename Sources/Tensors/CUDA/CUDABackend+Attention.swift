// Attention on the GPU.
extension CUDABackend {
    /// Which of the kernels for any size: those that keep so many columns of a head in each lane of a warp.
    private func columnsPerLane(_ width: Int) -> Int {
        precondition(width <= 256, "attention heads of width \(width); at most 256 on a GPU")
        return [2, 3, 6, 8].first { width <= 32 * $0 } ?? 8
    }

    private func sharedBytes(_ width: Int) -> Int { 96 * (((width + 3) / 4) | 1) * 4 * 4 }

    public func attention(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape s: AttentionShape, into y: Tensor, logSums: Tensor
    ) {
        launch(
            .attention, "attention_forward_any_\(columnsPerLane(s.width))", y.format, grid: ((s.queries + 31) / 32 * s.batch * s.heads, 1, 1),
            shared: sharedBytes(s.width), q, k, v, mask, y, logSums, Int32(s.heads), Int32(s.queries), Int32(s.keys), Int32(s.width), q.stride,
            k.stride, v.stride, y.channels, s.scale, s.dropout, deviceSeed(s.seed))
    }

    public func attentionGradient(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape s: AttentionShape, output: Tensor, logSums: Tensor,
        _ dy: Tensor, into dq: MatrixView, _ dk: MatrixView, _ dv: MatrixView
    ) {
        let deltas = arena.block(bytes: s.batch * s.heads * s.queries * 4), columns = columnsPerLane(s.width), shared = sharedBytes(s.width)
        launch(
            .attention, "attention_dq_any_\(columns)", dy.format, grid: ((s.queries + 15) / 16 * s.batch * s.heads, 1, 1), shared: shared, q, k, v,
            mask, output, logSums, dy, deltas, dq, Int32(s.heads), Int32(s.queries), Int32(s.keys), Int32(s.width), q.stride, k.stride, v.stride,
            output.channels, dy.channels, dq.stride, s.scale, s.dropout, deviceSeed(s.seed))
        launch(
            .attention, "attention_dkv_any_\(columns)", dy.format, grid: ((s.keys + 15) / 16 * s.batch * s.heads, 1, 1), shared: shared, q, k, v,
            mask, logSums, dy, deltas, dk, dv, Int32(s.heads), Int32(s.queries), Int32(s.keys), Int32(s.width), q.stride, k.stride, v.stride,
            dy.channels, dk.stride, dv.stride, s.scale, s.dropout, deviceSeed(s.seed))
    }
}
