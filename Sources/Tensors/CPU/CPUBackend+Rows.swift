// Pointwise and row-wise arithmetic of the CPU backend.
import CKernels
import COneDNN
import COpenBLAS

extension CPUBackend {
    public func fill(_ y: Tensor, _ value: Float) { vlseg_fill(y.count64, value, y.pointer) }

    public func add(_ a: Tensor, _ b: Tensor, scale: Float, into y: Tensor) {
        vlseg_add_scaled(y.count64, a.pointer, scale, b.pointer, y.pointer)
    }

    public func accumulate(_ x: Tensor, scale: Float, into y: Tensor) { vlseg_accumulate(y.count64, scale, x.pointer, y.pointer) }

    public func scale(_ x: Tensor, by factor: Float, into y: Tensor) { vlseg_scale(y.count64, factor, x.pointer, y.pointer) }

    public func dot(_ a: Tensor, _ b: Tensor) -> Double { vlseg_dot(a.count64, a.pointer, b.pointer) }

    public func activate(_ kind: Activation, _ x: Tensor, into y: Tensor) {
        let n = x.count64
        switch kind {
        case .gelu: vlseg_gelu_forward(n, x.pointer, y.pointer)
        case .tanh: vlseg_tanh_forward(n, x.pointer, y.pointer)
        case .softplus: vlseg_softplus_forward(n, x.pointer, y.pointer)
        case .sigmoid: vlseg_sigmoid_forward(n, x.pointer, y.pointer)
        case .leakyReLU(let slope): vlseg_leaky_relu_forward(n, slope, x.pointer, y.pointer)
        }
    }

    public func activationGradient(_ kind: Activation, saved: Tensor, _ dy: Tensor, into dx: Tensor) {
        let n = dy.count64
        switch kind {
        case .gelu: vlseg_gelu_backward(n, saved.pointer, dy.pointer, dx.pointer)
        case .tanh: vlseg_tanh_backward(n, saved.pointer, dy.pointer, dx.pointer)
        case .softplus: vlseg_softplus_backward(n, saved.pointer, dy.pointer, dx.pointer)
        case .sigmoid: vlseg_sigmoid_backward(n, saved.pointer, dy.pointer, dx.pointer)
        case .leakyReLU(let slope): vlseg_leaky_relu_backward(n, slope, saved.pointer, dy.pointer, dx.pointer)
        }
    }

    public func dropout(_ x: Tensor, probability: Float, seed: UInt64, into y: Tensor) {
        vlseg_dropout(x.count64, probability, seed, x.pointer, y.pointer)
    }

    public func allFinite(_ x: Tensor) -> Bool { vlseg_all_finite(x.count64, x.pointer) != 0 }

    public func matrixProduct(
        _ a: MatrixView, transposed ta: Bool, _ b: MatrixView, transposed tb: Bool, into c: MatrixView, m: Int, n: Int, k: Int, beta: Float
    ) {
        let opA = CChar(UInt8(ascii: ta ? "T" : "N")), opB = CChar(UInt8(ascii: tb ? "T" : "N"))
        switch engine {
        case .oneDNN:
            note(
                vlseg_onednn_sgemm(
                    opA, opB, Int64(m), Int64(n), Int64(k), 1, a.pointer, a.stride64, b.pointer, b.stride64, beta, c.pointer, c.stride64),
                "oneDNN", "sgemm")
        case .openBLAS:
            note(
                vlseg_openblas_sgemm(
                    opA, opB, Int64(m), Int64(n), Int64(k), 1, a.pointer, a.stride64, b.pointer, b.stride64, beta, c.pointer, c.stride64),
                "OpenBLAS", "sgemm")
        }
    }

    public func addBias(_ bias: Tensor, to y: Tensor) { vlseg_add_bias(y.rows64, y.channels64, bias.pointer, y.pointer) }

    public func biasGradient(_ dy: Tensor, into db: Tensor) { vlseg_bias_gradient(dy.rows64, dy.channels64, dy.pointer, db.pointer) }

    public func addTable(_ x: Tensor, _ table: Tensor, into y: Tensor) {
        vlseg_add_table(x.rows64, table.rows64, x.channels64, x.pointer, table.pointer, y.pointer)
    }

    public func copyColumns(_ x: MatrixView, into y: MatrixView, rows: Int, columns: Int, accumulate: Bool) {
        vlseg_copy_columns(Int64(rows), Int64(columns), x.pointer, x.stride64, y.pointer, y.stride64, accumulate ? 1 : 0)
    }

    public func layerScale(_ residual: Tensor, _ z: Tensor, gamma: Tensor, into y: Tensor) {
        vlseg_layer_scale_forward(z.rows64, z.channels64, residual.pointer, z.pointer, gamma.pointer, y.pointer)
    }

    public func layerScaleGradient(_ z: Tensor, gamma: Tensor, _ dy: Tensor, into dz: Tensor, _ dgamma: Tensor) {
        vlseg_layer_scale_backward(z.rows64, z.channels64, z.pointer, gamma.pointer, dy.pointer, dz.pointer, dgamma.pointer)
    }

    public func layerNorm(_ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor) {
        vlseg_layer_norm_forward(
            x.rows64, x.channels64, epsilon, x.pointer, gamma.pointer, beta.pointer, y.pointer, mean.pointer, reciprocal.pointer)
    }

    public func layerNormGradient(
        _ x: Tensor, gamma: Tensor, mean: Tensor, reciprocal: Tensor, _ dy: Tensor, into dx: Tensor, _ dgamma: Tensor, _ dbeta: Tensor
    ) {
        vlseg_layer_norm_backward(
            x.rows64, x.channels64, x.pointer, gamma.pointer, mean.pointer, reciprocal.pointer, dy.pointer, dx.pointer, dgamma.pointer,
            dbeta.pointer)
    }

    public func batchNorm(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, momentum: Float,
        slope: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor
    ) {
        vlseg_batch_norm_forward(
            x.rows64, x.channels64, epsilon, momentum, slope, x.pointer, gamma.pointer, beta.pointer, runningMean.pointer,
            runningVariance.pointer, y.pointer, mean.pointer, reciprocal.pointer)
    }

    public func batchNormInference(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, slope: Float, into y: Tensor
    ) {
        vlseg_batch_norm_inference(
            x.rows64, x.channels64, epsilon, slope, x.pointer, gamma.pointer, beta.pointer, runningMean.pointer, runningVariance.pointer,
            y.pointer)
    }

    public func batchNormGradient(
        _ x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, reciprocal: Tensor, slope: Float, _ dy: Tensor, into dx: Tensor,
        _ dgamma: Tensor, _ dbeta: Tensor
    ) {
        vlseg_batch_norm_backward(
            x.rows64, x.channels64, slope, x.pointer, gamma.pointer, beta.pointer, mean.pointer, reciprocal.pointer, dy.pointer, dx.pointer,
            dgamma.pointer, dbeta.pointer)
    }
}
