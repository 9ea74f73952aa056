// Attention on the GPU: on tensor cores for bf16 and the head widths of the model, otherwise in plain float32 arithmetic.
extension CUDABackend: AttentionDevice {
    func attention(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape s: AttentionShape, into y: Tensor, logSums: Tensor
    ) {
        if let tiles = AttentionTiles(s, y.format, [q, k, v, MatrixView(y)]) {
            return launch(
                .attentionTensorCores, "attention_forward_\(s.width)", .bfloat16, grid: tiles.forward.grid(s.queries), block: (128, 1),
                shared: tiles.forward.sharedBytes(s.width), q, k, v, mask, y, logSums, Int32(s.heads), Int32(s.queries), Int32(s.keys),
                q.stride, k.stride, v.stride, y.channels, s.scale, s.dropout, deviceSeed(s.seed))
        }
        let plain = PlainAttention(s)
        launch(
            .attention, "attention_forward_\(plain.kind)", y.format, grid: plain.grid(s.queries, rows: 32),
            shared: plain.sharedBytes, q, k, v, mask, y, logSums, Int32(s.heads), Int32(s.queries), Int32(s.keys), Int32(s.width), q.stride,
            k.stride, v.stride, y.channels, s.scale, s.dropout, deviceSeed(s.seed))
    }

    func attentionGradient(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape s: AttentionShape, output: Tensor, logSums: Tensor,
        _ dy: Tensor, into dq: MatrixView, _ dk: MatrixView, _ dv: MatrixView
    ) {
        // The first kernel writes them, the second reads them.
        let deltas = arena.block(bytes: s.batch * s.heads * s.queries * 4)
        if let tiles = AttentionTiles(s, dy.format, [q, k, v, MatrixView(output), MatrixView(dy), dq, dk, dv]) {
            launch(
                .attentionTensorCores, "attention_dq_\(s.width)", .bfloat16, grid: tiles.dq.grid(s.queries), block: (128, 1),
                shared: tiles.dq.sharedBytes(s.width), q, k, v, mask, output, logSums, dy, deltas, dq, Int32(s.heads), Int32(s.queries),
                Int32(s.keys), q.stride, k.stride, v.stride, output.channels, dy.channels, dq.stride, s.scale, s.dropout, deviceSeed(s.seed)
            )
            return launch(
                .attentionTensorCores, "attention_dkv_\(s.width)", .bfloat16, grid: tiles.dkv.grid(s.keys), block: (128, 1),
                shared: tiles.dkv.sharedBytes(s.width) + 16 * tiles.dkv.others, q, k, v, mask, logSums, dy, deltas, dk, dv, Int32(s.heads),
                Int32(s.queries), Int32(s.keys), q.stride, k.stride, v.stride, dy.channels, dk.stride, dv.stride, s.scale, s.dropout,
                deviceSeed(s.seed))
        }
        let plain = PlainAttention(s)
        launch(
            .attention, "attention_dq_\(plain.kind)", dy.format, grid: plain.grid(s.queries, rows: 16),
            shared: plain.sharedBytes,
            q, k, v, mask, output, logSums, dy, deltas, dq, Int32(s.heads), Int32(s.queries), Int32(s.keys), Int32(s.width), q.stride,
            k.stride,
            v.stride, output.channels, dy.channels, dq.stride, s.scale, s.dropout, deviceSeed(s.seed))
        launch(
            .attention, "attention_dkv_\(plain.kind)", dy.format, grid: plain.grid(s.keys, rows: 16),
            shared: plain.sharedBytes,
            q, k, v, mask, logSums, dy, deltas, dk, dv, Int32(s.heads), Int32(s.queries), Int32(s.keys), Int32(s.width), q.stride, k.stride,
            v.stride, dy.channels, dk.stride, dv.stride, s.scale, s.dropout, deviceSeed(s.seed))
    }
}

/// Launches the attention_*_any kernels, or the attention_*_wide ones for heads wider than 256.
private struct PlainAttention {
    /// The end of the kernels' names.
    let kind: String
    let sharedBytes: Int
    private let units: Int

    init(_ s: AttentionShape) {
        // Number of columns of a head that each lane of a warp sums.
        let columnsPerLane = [2, 3, 6, 8].first { s.width <= 32 * $0 }
        kind = columnsPerLane.map { "any_\($0)" } ?? "wide"
        units = s.batch * s.heads * (columnsPerLane == nil ? (s.width + 255) / 256 : 1)
        sharedBytes = 96 * (((min(s.width, 256) + 3) / 4) | 1) * 4 * 4
    }

    func grid(_ count: Int, rows: Int) -> (Int, Int, Int) { ((count + rows - 1) / rows * units, 1, 1) }
}

/// Launches the kernels on tensor cores if they support the shape: the template arguments in attention_tensor_cores.cu.
private struct AttentionTiles {
    /// A kernel's tiles: rows of its own side per block, rows of the other side per stage, and parts that a head's columns are split into.
    struct Kernel {
        let units: Int, rows: Int, others: Int
        /// Whether a block reads two matrices of its own side.
        var isGradient = true
        var parts = 1

        func grid(_ count: Int) -> (Int, Int, Int) { ((count + rows - 1) / rows * units * parts, 1, 1) }
        func sharedBytes(_ width: Int) -> Int { ((isGradient ? 2 : 1) * rows + 4 * others) * (width + 8) * 2 }
    }

    let forward: Kernel, dq: Kernel, dkv: Kernel

    init?(_ s: AttentionShape, _ format: NumberFormat, _ matrices: [MatrixView]) {
        guard format == .bfloat16, s.scale > 0, s.dropout == 0 || s.batch * s.heads * s.queries * s.keys < 1 << 32,
            matrices.allSatisfy({ $0.stride % 8 == 0 && $0.deviceAddress % 16 == 0 })
        else { return nil }
        let units = s.batch * s.heads
        switch s.width {
        case 48:
            forward = Kernel(units: units, rows: 128, others: 64, isGradient: false)
            dq = Kernel(units: units, rows: 128, others: 64)
            dkv = Kernel(units: units, rows: 64, others: 64)
        case 64:
            forward = Kernel(units: units, rows: 128, others: 64, isGradient: false)
            dq = Kernel(units: units, rows: 64, others: 64)
            dkv = Kernel(units: units, rows: 64, others: 64)
        case 96:
            forward = Kernel(units: units, rows: 64, others: 64, isGradient: false)
            dq = Kernel(units: units, rows: 64, others: 32)
            dkv = Kernel(units: units, rows: 64, others: 32)
        case 192:
            forward = Kernel(units: units, rows: 64, others: 32, isGradient: false)
            dq = Kernel(units: units, rows: 64, others: 16)
            dkv = Kernel(units: units, rows: 64, others: 16, parts: 2)
        default: return nil
        }
    }
}
