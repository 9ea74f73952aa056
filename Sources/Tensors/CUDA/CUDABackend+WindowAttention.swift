// Attention within windows on the GPU.
extension CUDABackend: WindowAttentionDevice {
    func windowAttention(_ qkv: Tensor, table: Tensor, _ shape: WindowShape, into y: Tensor, logSums: Tensor) {
        launch(
            .windows, "window_attention_forward", qkv.format, grid: (shape.windows * shape.heads, 1, 1),
            shared: shape.sharedBytes(rows: 3, squares: 1), shape, qkv, table, y, logSums)
    }

    func windowAttentionGradient(
        _ qkv: Tensor, table: Tensor, logSums: Tensor, _ dy: Tensor, _ shape: WindowShape, into dqkv: Tensor, _ dtable: Tensor
    ) {
        // Blocks for a head: some for each multiprocessor over all heads, so that there are few sums to add up.
        let blocks = max(1, min(shape.windows, device.info.multiprocessors * 4 / shape.heads))
        let partials = arena.block(bytes: shape.heads * blocks * shape.places * shape.places * 4)
        launch(
            .windows, "window_attention_backward", qkv.format, grid: (blocks, shape.heads, 1),
            shared: shape.sharedBytes(rows: 4, squares: 2), shape, qkv, table, logSums, dy, dqkv, partials)
        launch(
            .windows, "window_table_gradient", qkv.format, grid: (table.shape[0], shape.heads, 1), shape, Int32(blocks), partials, dtable)
    }
}

/// window_shape in windows.cu.
extension WindowShape: KernelArgument {
    func add(to arguments: inout KernelArguments) {
        precondition(places <= 64, "windows of \(side) x \(side) pixels; at most 8 x 8 on a GPU")
        func pair(_ low: Int, _ high: Int) -> UInt64 { UInt64(UInt32(low)) | UInt64(UInt32(high)) << 32 }
        arguments.add(
            pair(height, width), pair(heads, headWidth), pair(side, shift), UInt64(scale.bitPattern) | UInt64(UInt32(windows)) << 32)
    }

    /// Bytes for some matrices of a row for each place, and some of a score for each pair of places.
    fileprivate func sharedBytes(rows: Int, squares: Int) -> Int { 4 * places * (rows * (headWidth | 1) + squares * (places | 1)) }
}
