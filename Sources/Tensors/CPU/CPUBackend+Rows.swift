// Pointwise and row-wise arithmetic of the CPU backend: a kernel per element format.
import CKernels

extension CPUBackend:
    SumDevice, ActivationDevice, ConvNeXtBlockDevice, DropoutDevice, FiniteCheckDevice, BiasDevice, PositionalEmbeddingDevice, ColumnDevice,
    GatherDevice, LayerNormDevice, BatchNormDevice
{
    func fill(_ y: Tensor, _ value: Float) {
        switch y.format {
        case .float32: vlseg_fill(y.count64, value, y.pointer)
        case .bfloat16:
            var element: UInt16 = 0
            vlseg_bf16_from_float(1, [value], &element)
            y.halfPointer.update(repeating: element, count: y.count)
        }
    }

    func add(_ a: Tensor, _ b: Tensor, into y: Tensor) { add(a, b, factor: 1, into: y) }

    func addScaled(_ a: Tensor, _ b: Tensor, scale s: Tensor, into y: Tensor) { add(a, b, factor: s.pointer[0], into: y) }

    func add(_ a: Tensor, _ b: Tensor, factor scale: Float, into y: Tensor) {
        switch y.format {
        case .float32: vlseg_add_scaled(y.count64, a.pointer, scale, b.pointer, y.pointer)
        case .bfloat16: vlseg_add_scaled_bf16(y.count64, a.halfPointer, scale, b.halfPointer, y.halfPointer)
        }
    }

    func accumulate(_ x: Tensor, scale: Float, into y: Tensor) {
        switch y.format {
        case .float32: vlseg_accumulate(y.count64, scale, x.pointer, y.pointer)
        case .bfloat16: vlseg_accumulate_bf16(y.count64, scale, x.halfPointer, y.halfPointer)
        }
    }

    func scale(_ x: Tensor, by factor: Float, into y: Tensor) {
        switch y.format {
        case .float32: vlseg_scale(y.count64, factor, x.pointer, y.pointer)
        case .bfloat16: vlseg_scale_bf16(y.count64, factor, x.halfPointer, y.halfPointer)
        }
    }

    func scale(_ x: Tensor, by s: Tensor, into y: Tensor) { scale(x, by: s.pointer[0], into: y) }

    func dot(_ a: Tensor, _ b: Tensor, accumulateInto sum: Tensor) {
        let product =
            switch a.format {
            case .float32: vlseg_dot(a.count64, a.pointer, b.pointer)
            case .bfloat16: vlseg_dot_bf16(a.count64, a.halfPointer, b.halfPointer)
            }
        sum.pointer[0] += Float(product)
    }

    func activate(_ kind: Activation, _ x: Tensor, into y: Tensor) {
        let n = x.count64
        guard x.format == .float32 else {
            switch kind {
            case .gelu: vlseg_gelu_forward_bf16(n, x.halfPointer, y.halfPointer)
            case .leakyReLU(let slope): vlseg_leaky_relu_forward_bf16(n, slope, x.halfPointer, y.halfPointer)
            case .tanh, .softplus, .sigmoid:
                let wide = empty(x.shape)
                activate(kind, asFloat(x), into: wide)
                convert(wide, into: y)
            }
            return
        }
        switch kind {
        case .gelu: vlseg_gelu_forward(n, x.pointer, y.pointer)
        case .tanh: vlseg_tanh_forward(n, x.pointer, y.pointer)
        case .softplus: vlseg_softplus_forward(n, x.pointer, y.pointer)
        case .sigmoid: vlseg_sigmoid_forward(n, x.pointer, y.pointer)
        case .leakyReLU(let slope): vlseg_leaky_relu_forward(n, slope, x.pointer, y.pointer)
        }
    }

    func activationGradient(_ kind: Activation, saved: Tensor, _ dy: Tensor, into dx: Tensor) {
        let n = dy.count64
        guard dy.format == .float32 else {
            switch kind {
            case .gelu: vlseg_gelu_backward_bf16(n, saved.halfPointer, dy.halfPointer, dx.halfPointer)
            case .leakyReLU(let slope): vlseg_leaky_relu_backward_bf16(n, slope, saved.halfPointer, dy.halfPointer, dx.halfPointer)
            case .tanh, .softplus, .sigmoid:
                let wide = empty(dx.shape)
                activationGradient(kind, saved: asFloat(saved), asFloat(dy), into: wide)
                convert(wide, into: dx)
            }
            return
        }
        switch kind {
        case .gelu: vlseg_gelu_backward(n, saved.pointer, dy.pointer, dx.pointer)
        case .tanh: vlseg_tanh_backward(n, saved.pointer, dy.pointer, dx.pointer)
        case .softplus: vlseg_softplus_backward(n, saved.pointer, dy.pointer, dx.pointer)
        case .sigmoid: vlseg_sigmoid_backward(n, saved.pointer, dy.pointer, dx.pointer)
        case .leakyReLU(let slope): vlseg_leaky_relu_backward(n, slope, saved.pointer, dy.pointer, dx.pointer)
        }
    }

    func productBiasGELU(_ a: Tensor, _ weight: Tensor, bias: Tensor, into hidden: Tensor, _ active: Tensor) {
        matrixProduct(
            MatrixView(a), transposed: false, MatrixView(weight, stride: a.channels), transposed: true, into: MatrixView(hidden), m: a.rows,
            n: hidden.channels, k: a.channels, beta: 0, bias: nil)
        biasGELU(hidden, bias: bias, into: active)
    }

    /// x += bias in every row, y = GELU(x); y may be x, which then holds GELU alone.
    private func biasGELU(_ x: Tensor, bias: Tensor, into y: Tensor) {
        switch x.format {
        case .float32: vlseg_gelu_bias_forward(x.rows64, x.channels64, bias.pointer, x.pointer, y.pointer)
        case .bfloat16: vlseg_gelu_bias_forward_bf16(x.rows64, x.channels64, bias.pointer, x.halfPointer, y.halfPointer)
        }
    }

    func biasGELUGradient(_ x: Tensor, _ dy: Tensor, into dx: Tensor, _ dbias: Tensor, output y: Tensor) {
        switch x.format {
        case .float32: vlseg_gelu_bias_backward(x.rows64, x.channels64, x.pointer, dy.pointer, dx.pointer, dbias.pointer, y.pointer)
        case .bfloat16:
            vlseg_gelu_bias_backward_bf16(
                x.rows64, x.channels64, x.halfPointer, dy.halfPointer, dx.halfPointer, dbias.pointer, y.halfPointer)
        }
    }

    func dropout(_ x: Tensor, probability: Float, seed: DropoutSeed, into y: Tensor) {
        switch y.format {
        case .float32: vlseg_dropout(x.count64, probability, seed.value, x.pointer, y.pointer)
        case .bfloat16: vlseg_dropout_bf16(x.count64, probability, seed.value, x.halfPointer, y.halfPointer)
        }
    }

    func allFinite(_ x: Tensor) -> Bool {
        switch x.format {
        case .float32: vlseg_all_finite(x.count64, x.pointer) != 0
        case .bfloat16: vlseg_all_finite_bf16(x.count64, x.halfPointer) != 0
        }
    }

    func addBias(_ bias: Tensor, to y: Tensor) {
        switch y.format {
        case .float32: vlseg_add_bias(y.rows64, y.channels64, bias.pointer, y.pointer)
        case .bfloat16: vlseg_add_bias_bf16(y.rows64, y.channels64, bias.pointer, y.halfPointer)
        }
    }

    func biasGradient(_ dy: Tensor, into db: Tensor) {
        switch dy.format {
        case .float32: vlseg_bias_gradient(dy.rows64, dy.channels64, dy.pointer, db.pointer)
        case .bfloat16: vlseg_bias_gradient_bf16(dy.rows64, dy.channels64, dy.halfPointer, db.pointer)
        }
    }

    func addPositionalEmbedding(_ x: Tensor, _ table: Tensor, into y: Tensor) {
        switch y.format {
        case .float32: vlseg_add_table(x.rows64, table.rows64, x.channels64, x.pointer, table.pointer, y.pointer)
        case .bfloat16: vlseg_add_table_bf16(x.rows64, table.rows64, x.channels64, x.halfPointer, table.pointer, y.halfPointer)
        }
    }

    func copyColumns(_ x: MatrixView, into y: MatrixView, rows: Int, columns: Int, accumulate: Bool) {
        switch x.tensor.format {
        case .float32: vlseg_copy_columns(Int64(rows), Int64(columns), x.pointer, x.stride64, y.pointer, y.stride64, accumulate ? 1 : 0)
        case .bfloat16:
            vlseg_copy_columns_bf16(Int64(rows), Int64(columns), x.halfPointer, x.stride64, y.halfPointer, y.stride64, accumulate ? 1 : 0)
        }
    }

    func gatherRows(_ table: Tensor, _ numbers: RowNumbers, into y: Tensor) {
        let width = table.channels * table.format.bytes, from = UnsafeRawPointer(table.address), to = y.address
        numbers.bytes.pointer.withMemoryRebound(to: Int32.self, capacity: numbers.count) { rows in
            for row in 0..<numbers.count { (to + row * width).copyMemory(from: from + Int(rows[row]) * width, byteCount: width) }
        }
    }

    func scaleRows(_ x: Tensor, by scale: Tensor, into y: Tensor) {
        let rows = scale.count64, columns = x.count64 / max(1, rows)
        switch y.format {
        case .float32: vlseg_scale_rows(rows, columns, scale.pointer, x.pointer, y.pointer)
        case .bfloat16: vlseg_scale_rows_bf16(rows, columns, scale.pointer, x.pointer, y.halfPointer)
        }
    }

    func scaledLinearGradient(_ map: ScaledLinear, product: Tensor, sums: Tensor, into gradients: ScaledLinear) {
        vlseg_scaled_linear_backward(
            map.scale.count64, product.count64 / max(1, map.scale.count64), map.weight.pointer, map.bias.pointer, map.scale.pointer,
            product.pointer, sums.pointer, gradients.weight.pointer, gradients.bias.pointer, gradients.scale.pointer)
    }

    func layerNorm(_ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor) {
        switch x.format {
        case .float32:
            vlseg_layer_norm_forward(
                x.rows64, x.channels64, epsilon, x.pointer, gamma.pointer, beta.pointer, y.pointer, mean.pointer, reciprocal.pointer)
        case .bfloat16:
            vlseg_layer_norm_forward_bf16(
                x.rows64, x.channels64, epsilon, x.halfPointer, gamma.pointer, beta.pointer, y.halfPointer, mean.pointer,
                reciprocal.pointer)
        }
    }

    func layerNormGradient(
        _ x: Tensor, gamma: Tensor, mean: Tensor, reciprocal: Tensor, _ dy: Tensor, into dx: Tensor, _ dgamma: Tensor, _ dbeta: Tensor
    ) {
        switch x.format {
        case .float32:
            vlseg_layer_norm_backward(
                x.rows64, x.channels64, x.pointer, gamma.pointer, mean.pointer, reciprocal.pointer, dy.pointer, dx.pointer, dgamma.pointer,
                dbeta.pointer)
        case .bfloat16:
            vlseg_layer_norm_backward_bf16(
                x.rows64, x.channels64, x.halfPointer, gamma.pointer, mean.pointer, reciprocal.pointer, dy.halfPointer, dx.halfPointer,
                dgamma.pointer, dbeta.pointer)
        }
    }

    func batchNorm(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, momentum: Float,
        slope: Float, into y: Tensor, mean: Tensor, reciprocal: Tensor
    ) {
        switch x.format {
        case .float32:
            vlseg_batch_norm_forward(
                x.rows64, x.channels64, epsilon, momentum, slope, x.pointer, gamma.pointer, beta.pointer, runningMean.pointer,
                runningVariance.pointer, y.pointer, mean.pointer, reciprocal.pointer)
        case .bfloat16:
            vlseg_batch_norm_forward_bf16(
                x.rows64, x.channels64, epsilon, momentum, slope, x.halfPointer, gamma.pointer, beta.pointer, runningMean.pointer,
                runningVariance.pointer, y.halfPointer, mean.pointer, reciprocal.pointer)
        }
    }

    func batchNormInference(
        _ x: Tensor, gamma: Tensor, beta: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float, slope: Float, into y: Tensor
    ) {
        switch x.format {
        case .float32:
            vlseg_batch_norm_inference(
                x.rows64, x.channels64, epsilon, slope, x.pointer, gamma.pointer, beta.pointer, runningMean.pointer,
                runningVariance.pointer, y.pointer)
        case .bfloat16:
            vlseg_batch_norm_inference_bf16(
                x.rows64, x.channels64, epsilon, slope, x.halfPointer, gamma.pointer, beta.pointer, runningMean.pointer,
                runningVariance.pointer, y.halfPointer)
        }
    }

    func batchNormGradient(
        _ x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, reciprocal: Tensor, slope: Float, _ dy: Tensor, into dx: Tensor,
        _ dgamma: Tensor, _ dbeta: Tensor
    ) {
        switch x.format {
        case .float32:
            vlseg_batch_norm_backward(
                x.rows64, x.channels64, slope, x.pointer, gamma.pointer, beta.pointer, mean.pointer, reciprocal.pointer, dy.pointer,
                dx.pointer, dgamma.pointer, dbeta.pointer)
        case .bfloat16:
            vlseg_batch_norm_backward_bf16(
                x.rows64, x.channels64, slope, x.halfPointer, gamma.pointer, beta.pointer, mean.pointer, reciprocal.pointer, dy.halfPointer,
                dx.halfPointer, dgamma.pointer, dbeta.pointer)
        }
    }
}
