// Attention within windows on the CPU.
import CKernels

extension CPUBackend: WindowAttentionDevice {
    func windowAttention(_ qkv: Tensor, table: Tensor, _ shape: WindowShape, into y: Tensor, logSums: Tensor) {
        var sizes = shape.sizes
        switch qkv.format {
        case .float32: vlseg_window_attention_forward(&sizes, qkv.pointer, table.pointer, y.pointer, logSums.pointer)
        case .bfloat16:
            vlseg_window_attention_forward_bf16(&sizes, qkv.halfPointer, table.pointer, y.halfPointer, logSums.pointer)
        }
    }

    func windowAttentionGradient(
        _ qkv: Tensor, table: Tensor, logSums: Tensor, _ dy: Tensor, _ shape: WindowShape, into dqkv: Tensor, _ dtable: Tensor
    ) {
        var sizes = shape.sizes
        switch qkv.format {
        case .float32:
            vlseg_window_attention_backward(
                &sizes, qkv.pointer, table.pointer, logSums.pointer, dy.pointer, dqkv.pointer, dtable.pointer)
        case .bfloat16:
            vlseg_window_attention_backward_bf16(
                &sizes, qkv.halfPointer, table.pointer, logSums.pointer, dy.halfPointer, dqkv.halfPointer, dtable.pointer)
        }
    }
}

extension WindowShape {
    fileprivate var sizes: vlseg_windows {
        vlseg_windows(
            b: Int64(batch), h: Int64(height), w: Int64(width), heads: Int64(heads), d: Int64(headWidth), side: Int64(side),
            shift: Int64(shift), scale: scale)
    }
}
