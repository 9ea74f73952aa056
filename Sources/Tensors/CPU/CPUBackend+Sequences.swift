// Text and position sequences on the CPU: short convolutions, the selective scan, attention.
import CKernels
import COneDNN
import COpenBLAS

extension CPUBackend: Convolution1DDevice, ScanDevice, AttentionDevice {
    func convolution1D(_ x: MatrixView, weight: Tensor, kernel: Int, left: Int, batch: Int, length: Int, into y: Tensor) {
        vlseg_conv1d_forward(
            Int64(batch), Int64(length), y.channels64, Int64(kernel), Int64(left), x.pointer, x.stride64, weight.pointer, y.pointer)
    }

    func convolution1DGradient(
        _ x: MatrixView, weight: Tensor, kernel: Int, left: Int, batch: Int, length: Int, _ dy: Tensor, into dx: MatrixView,
        _ dweight: Tensor
    ) {
        vlseg_conv1d_backward(
            Int64(batch), Int64(length), dy.channels64, Int64(kernel), Int64(left), x.pointer, x.stride64, weight.pointer, dy.pointer,
            dx.pointer, dx.stride64, dweight.pointer)
    }

    func selectiveScan(_ s: ScanInputs, into y: Tensor) {
        vlseg_scan_forward(
            Int64(s.batch), Int64(s.length), Int64(s.width), Int64(s.state), s.u.pointer, s.dt.pointer, s.logA.pointer, s.b.pointer,
            s.b.stride64, s.c.pointer, s.c.stride64, s.skip.pointer, y.pointer)
    }

    func selectiveScanGradient(_ s: ScanInputs, _ dy: Tensor, into g: ScanGradients) {
        vlseg_scan_backward(
            Int64(s.batch), Int64(s.length), Int64(s.width), Int64(s.state), s.u.pointer, s.dt.pointer, s.logA.pointer, s.b.pointer,
            s.b.stride64, s.c.pointer, s.c.stride64, s.skip.pointer, dy.pointer, g.du.pointer, g.ddt.pointer, g.dlogA.pointer, g.db.pointer,
            g.db.stride64, g.dc.pointer, g.dc.stride64, g.dskip.pointer)
    }

    /// The matrix product that attention and convolutions call from inside their parallel regions.
    var innerProduct: vlseg_gemm {
        switch engine {
        case .oneDNN:
            return { _ = vlseg_onednn_sgemm($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) }
        case .openBLAS:
            return { _ = vlseg_openblas_sgemm(0, $0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) }
        }
    }

    func attention(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape s: AttentionShape, into y: Tensor, logSums: Tensor
    ) {
        guard y.format == .float32 else {
            return vlseg_attention_forward_bf16(
                Int64(s.batch), Int64(s.heads), Int64(s.queries), Int64(s.keys), Int64(s.width), q.halfPointer, q.stride64, k.halfPointer,
                k.stride64, v.halfPointer, v.stride64, mask?.pointer, s.scale, s.dropout, s.seed.value, innerProduct, y.halfPointer,
                y.channels64,
                logSums.pointer)
        }
        vlseg_attention_forward(
            Int64(s.batch), Int64(s.heads), Int64(s.queries), Int64(s.keys), Int64(s.width), q.pointer, q.stride64, k.pointer, k.stride64,
            v.pointer, v.stride64, mask?.pointer, s.scale, s.dropout, s.seed.value, innerProduct, y.pointer, y.channels64, logSums.pointer)
    }

    func attentionGradient(
        _ q: MatrixView, _ k: MatrixView, _ v: MatrixView, mask: ByteTensor?, shape s: AttentionShape, output: Tensor, logSums: Tensor,
        _ dy: Tensor, into dq: MatrixView, _ dk: MatrixView, _ dv: MatrixView
    ) {
        guard dy.format == .float32 else {
            return vlseg_attention_backward_bf16(
                Int64(s.batch), Int64(s.heads), Int64(s.queries), Int64(s.keys), Int64(s.width), q.halfPointer, q.stride64, k.halfPointer,
                k.stride64, v.halfPointer, v.stride64, mask?.pointer, s.scale, s.dropout, s.seed.value, innerProduct, output.halfPointer,
                output.channels64, logSums.pointer, dy.halfPointer, dy.channels64, dq.halfPointer, dq.stride64, dk.halfPointer, dk.stride64,
                dv.halfPointer, dv.stride64)
        }
        vlseg_attention_backward(
            Int64(s.batch), Int64(s.heads), Int64(s.queries), Int64(s.keys), Int64(s.width), q.pointer, q.stride64, k.pointer, k.stride64,
            v.pointer, v.stride64, mask?.pointer, s.scale, s.dropout, s.seed.value, innerProduct, output.pointer, output.channels64,
            logSums.pointer, dy.pointer, dy.channels64, dq.pointer, dq.stride64, dk.pointer, dk.stride64, dv.pointer, dv.stride64)
    }
}
