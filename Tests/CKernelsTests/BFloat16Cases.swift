// The bfloat16 kernels, each called beside its float32 kernel on the same numbers, in odd sizes (BFloat16KernelTests compares what they
// wrote).
import CKernels
import Testing

struct TypedCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// How far the bfloat16 kernel may be off before it rounds, for outputs near 1; 0: it computes as the float32 kernel does.
    let error: Float
    let run: @Sendable (inout TwoTypes) -> Void
    init(_ name: String, error: Float = 0, _ run: @escaping @Sendable (inout TwoTypes) -> Void) {
        (self.name, self.error, self.run) = (name, error, run)
    }
    var testDescription: String { name }

    func outcome() -> TwoTypes {
        var two = TwoTypes(UInt64(name.count))
        run(&two)
        return two
    }
}

private typealias FloatMap = @Sendable (Int64, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
private typealias HalfMap = @Sendable (Int64, UnsafePointer<UInt16>, UnsafeMutablePointer<UInt16>) -> Void
private typealias FloatMap2 = @Sendable (Int64, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
private typealias HalfMap2 = @Sendable (Int64, UnsafePointer<UInt16>, UnsafePointer<UInt16>, UnsafeMutablePointer<UInt16>) -> Void

private func map(_ name: String, error: Float = 0, _ float: @escaping FloatMap, _ half: @escaping HalfMap) -> TypedCase {
    TypedCase(name, error: error) { two in
        for count in [1, 15, 17, 1003, 50_001] {
            let x = two.activations(count, scale: 4)
            var y = two.activations(count)
            float(Int64(count), x.float, &y.float)
            half(Int64(count), x.half, &y.half)
            two.keep(y)
        }
    }
}

private func map2(_ name: String, error: Float = 0, _ float: @escaping FloatMap2, _ half: @escaping HalfMap2) -> TypedCase {
    TypedCase(name, error: error) { two in
        for count in [1, 15, 17, 1003, 50_001] {
            let a = two.activations(count, scale: 4), b = two.activations(count)
            var y = two.activations(count)
            float(Int64(count), a.float, b.float, &y.float)
            half(Int64(count), a.half, b.half, &y.half)
            two.keep(y)
        }
    }
}

/// `body` is called with each of some odd shapes.
private func rows(_ name: String, error: Float = 0, _ body: @escaping @Sendable (inout TwoTypes, Int, Int) -> Void) -> TypedCase {
    TypedCase(name, error: error) { two in
        for (rows, c) in [(301, 5), (1, 16), (257, 37), (403, 96), (201, 401)] { body(&two, rows, c) }
    }
}

private let elementwise: [TypedCase] = [
    map("scale", { vlseg_scale($0, 1.7, $1, $2) }, { vlseg_scale_bf16($0, 1.7, $1, $2) }),
    map("accumulate", { vlseg_accumulate($0, 0.3, $1, $2) }, { vlseg_accumulate_bf16($0, 0.3, $1, $2) }),
    map("gelu", error: 4e-6, { vlseg_gelu_forward($0, $1, $2) }, { vlseg_gelu_forward_bf16($0, $1, $2) }),
    map("leaky ReLU", { vlseg_leaky_relu_forward($0, 0.01, $1, $2) }, { vlseg_leaky_relu_forward_bf16($0, 0.01, $1, $2) }),
    map("dropout", { vlseg_dropout($0, 0.3, 99, $1, $2) }, { vlseg_dropout_bf16($0, 0.3, 99, $1, $2) }),
    map("no dropout", { vlseg_dropout($0, 0, 99, $1, $2) }, { vlseg_dropout_bf16($0, 0, 99, $1, $2) }),
    map2("add", { vlseg_add($0, $1, $2, $3) }, { vlseg_add_bf16($0, $1, $2, $3) }),
    map2("add scaled", { vlseg_add_scaled($0, $1, 0.3, $2, $3) }, { vlseg_add_scaled_bf16($0, $1, 0.3, $2, $3) }),
    map2("gelu gradient", error: 2e-6, { vlseg_gelu_backward($0, $1, $2, $3) }, { vlseg_gelu_backward_bf16($0, $1, $2, $3) }),
    map2(
        "leaky ReLU gradient", { vlseg_leaky_relu_backward($0, 0.01, $1, $2, $3) }, { vlseg_leaky_relu_backward_bf16($0, 0.01, $1, $2, $3) }
    ),
    TypedCase("dot") { two in
        for count in [1, 17, 50_001] {
            let a = two.activations(count), b = two.activations(count)
            two.keep(
                sums: [Float(vlseg_dot(Int64(count), a.float, b.float))], [Float(vlseg_dot_bf16(Int64(count), a.half, b.half))])
        }
    },
]

private let overRows: [TypedCase] = [
    rows("bias") { two, rows, c in
        let bias = two.parameters(c)
        var y = two.activations(rows * c)
        vlseg_add_bias(Int64(rows), Int64(c), bias, &y.float)
        vlseg_add_bias_bf16(Int64(rows), Int64(c), bias, &y.half)
        two.keep(y)
    },
    rows("bias gradient") { two, rows, c in
        let dy = two.activations(rows * c)
        var float = two.parameters(c), half = float
        vlseg_bias_gradient(Int64(rows), Int64(c), dy.float, &float)
        vlseg_bias_gradient_bf16(Int64(rows), Int64(c), dy.half, &half)
        two.keep(sums: float, half)
    },
    rows("table") { two, rows, c in
        let x = two.activations(rows * c), table = two.parameters(3 * c)
        var y = x
        vlseg_add_table(Int64(rows), 3, Int64(c), x.float, table, &y.float)
        vlseg_add_table_bf16(Int64(rows), 3, Int64(c), x.half, table, &y.half)
        two.keep(y)
    },
    rows("columns") { two, rows, c in
        let x = two.activations(rows * (c + 1))
        for accumulate in [0, 1] as [Int32] {
            var y = two.activations(rows * (c + 3))
            vlseg_copy_columns(Int64(rows), Int64(c), x.float, Int64(c + 1), &y.float, Int64(c + 3), accumulate)
            vlseg_copy_columns_bf16(Int64(rows), Int64(c), x.half, Int64(c + 1), &y.half, Int64(c + 3), accumulate)
            two.keep(y)
        }
    },
    rows("gelu and bias", error: 4e-6) { two, rows, c in
        let bias = two.parameters(c)
        var x = two.activations(rows * c, scale: 3), y = two.activations(rows * c)
        vlseg_gelu_bias_forward(Int64(rows), Int64(c), bias, &x.float, &y.float)
        vlseg_gelu_bias_forward_bf16(Int64(rows), Int64(c), bias, &x.half, &y.half)
        two.keep(x, y)
    },
    rows("gelu and bias gradient", error: 2e-6) { two, rows, c in
        let x = two.activations(rows * c, scale: 3), dy = two.activations(rows * c)
        var dx = dy, again = dy, float = two.parameters(c), half = float
        vlseg_gelu_bias_backward(Int64(rows), Int64(c), x.float, dy.float, &dx.float, &float, &again.float)
        vlseg_gelu_bias_backward_bf16(Int64(rows), Int64(c), x.half, dy.half, &dx.half, &half, &again.half)
        two.keep(dx, again)
        two.keep(sums: float, half)
    },
    rows("layer norm") { two, rows, c in
        let x = two.activations(rows * c, around: 0.25), gamma = two.parameters(c, around: 1), beta = two.parameters(c)
        var y = x, mean = Both.parameters(rows), rstd = mean
        vlseg_layer_norm_forward(Int64(rows), Int64(c), 1e-5, x.float, gamma, beta, &y.float, &mean.float, &rstd.float)
        vlseg_layer_norm_forward_bf16(Int64(rows), Int64(c), 1e-5, x.half, gamma, beta, &y.half, &mean.half, &rstd.half)
        two.keep(y)
        two.keep(sums: mean.float + rstd.float, mean.half + rstd.half)
        vlseg_layer_norm_forward_bf16(Int64(rows), Int64(c), 1e-5, x.half, gamma, beta, &y.half, nil, nil)
        two.keep(y)
    },
    rows("layer norm gradient") { two, rows, c in
        let x = two.activations(rows * c), dy = two.activations(rows * c), gamma = two.parameters(c, around: 1)
        let mean = two.parameters(rows, scale: 0.1), rstd = two.parameters(rows, scale: 0.5, around: 2)
        var dx = x, dgamma = Both.parameters(c), dbeta = dgamma
        vlseg_layer_norm_backward(
            Int64(rows), Int64(c), x.float, gamma, mean, rstd, dy.float, &dx.float, &dgamma.float, &dbeta.float)
        vlseg_layer_norm_backward_bf16(Int64(rows), Int64(c), x.half, gamma, mean, rstd, dy.half, &dx.half, &dgamma.half, &dbeta.half)
        two.keep(dx)
        two.keep(sums: dgamma.float + dbeta.float, dgamma.half + dbeta.half)
    },
    rows("batch norm") { two, rows, c in
        let x = two.activations(rows * c), gamma = two.parameters(c, around: 1), beta = two.parameters(c)
        let running = two.parameters(c, around: 2)
        var y = x, mean = Both.parameters(c), rstd = mean, average = Both.Parameters(running, running), variance = average
        vlseg_batch_norm_forward(
            Int64(rows), Int64(c), 1e-5, 0.1, 0.01, x.float, gamma, beta, &average.float, &variance.float, &y.float, &mean.float,
            &rstd.float)
        vlseg_batch_norm_forward_bf16(
            Int64(rows), Int64(c), 1e-5, 0.1, 0.01, x.half, gamma, beta, &average.half, &variance.half, &y.half, &mean.half, &rstd.half)
        two.keep(y)
        two.keep(sums: mean.float + rstd.float, mean.half + rstd.half)
        two.keep(sums: average.float + variance.float, average.half + variance.half)
        vlseg_batch_norm_inference(Int64(rows), Int64(c), 1e-5, 0.01, x.float, gamma, beta, average.float, variance.float, &y.float)
        vlseg_batch_norm_inference_bf16(Int64(rows), Int64(c), 1e-5, 0.01, x.half, gamma, beta, average.float, variance.float, &y.half)
        two.keep(y)
    },
    rows("batch norm gradient") { two, rows, c in
        let x = two.activations(rows * c), dy = two.activations(rows * c), gamma = two.parameters(c, around: 1), beta = two.parameters(c)
        let mean = two.parameters(c, scale: 0.1), rstd = two.parameters(c, scale: 0.5, around: 2)
        var dx = x, dgamma = Both.parameters(c), dbeta = dgamma
        vlseg_batch_norm_backward(
            Int64(rows), Int64(c), 0.01, x.float, gamma, beta, mean, rstd, dy.float, &dx.float, &dgamma.float, &dbeta.float)
        vlseg_batch_norm_backward_bf16(
            Int64(rows), Int64(c), 0.01, x.half, gamma, beta, mean, rstd, dy.half, &dx.half, &dgamma.half, &dbeta.half)
        two.keep(dx)
        two.keep(sums: dgamma.float + dbeta.float, dgamma.half + dbeta.half)
    },
]

private let spatial: [TypedCase] = [
    TypedCase("depthwise") { two in
        for (k, h, w, c) in [(7, 9, 13, 5), (7, 9, 30, 48), (3, 9, 13, 17), (7, 7, 7, 96), (5, 2, 3, 16)] {
            let count = 2 * h * w * c, (H, W, C, K) = (Int64(h), Int64(w), Int64(c), Int64(k))
            let x = two.activations(count), dy = two.activations(count), weight = two.parameters(k * k * c), bias = two.parameters(c)
            var y = x, bare = x, dx = x, dweight = Both.parameters(k * k * c), dbias = Both.parameters(c)
            vlseg_depthwise_forward(2, H, W, C, K, x.float, weight, bias, &y.float)
            vlseg_depthwise_forward_bf16(2, H, W, C, K, x.half, weight, bias, &y.half)
            vlseg_depthwise_forward(2, H, W, C, K, x.float, weight, nil, &bare.float)
            vlseg_depthwise_forward_bf16(2, H, W, C, K, x.half, weight, nil, &bare.half)
            vlseg_depthwise_backward_data(2, H, W, C, K, dy.float, weight, &dx.float)
            vlseg_depthwise_backward_data_bf16(2, H, W, C, K, dy.half, weight, &dx.half)
            vlseg_depthwise_backward_weight(2, H, W, C, K, x.float, dy.float, &dweight.float, &dbias.float)
            vlseg_depthwise_backward_weight_bf16(2, H, W, C, K, x.half, dy.half, &dweight.half, &dbias.half)
            two.keep(y, bare, dx)
            two.keep(sums: dweight.float, dweight.half)
            two.keep(sums: dbias.float, dbias.half)
        }
    },
    TypedCase("attention") { two in
        // The second has more queries than a block of them, and strides wider than the heads.
        for (b, heads, lq, lk, d, spare) in [(2, 3, 21, 17, 5, 0), (1, 2, 300, 7, 16, 3)] {
            let c = heads * d + spare, (B, H, Q, K, D, C) = (Int64(b), Int64(heads), Int64(lq), Int64(lk), Int64(d), Int64(c))
            let q = two.activations(b * lq * c), k = two.activations(b * lk * c), v = two.activations(b * lk * c)
            let out = two.activations(b * lq * c), dout = two.activations(b * lq * c),
                mask = (0..<(b * lk)).map { UInt8($0 % 5 == 3 ? 0 : 1) }
            var y = out, dq = out, dk = k, dv = v, lse = Both.parameters(b * heads * lq)
            vlseg_attention_forward(B, H, Q, K, D, q.float, C, k.float, C, v.float, C, mask, 0.4, 0.2, 5, naive, &y.float, C, &lse.float)
            vlseg_attention_forward_bf16(B, H, Q, K, D, q.half, C, k.half, C, v.half, C, mask, 0.4, 0.2, 5, naive, &y.half, C, &lse.half)
            vlseg_attention_backward(
                B, H, Q, K, D, q.float, C, k.float, C, v.float, C, mask, 0.4, 0.2, 5, naive, out.float, C, lse.float, dout.float, C,
                &dq.float,
                C, &dk.float, C, &dv.float, C)
            vlseg_attention_backward_bf16(
                B, H, Q, K, D, q.half, C, k.half, C, v.half, C, mask, 0.4, 0.2, 5, naive, out.half, C, lse.float, dout.half, C, &dq.half, C,
                &dk.half, C, &dv.half, C)
            two.keep(y, dq, dk, dv)
            two.keep(sums: lse.float, lse.half)
        }
    },
    TypedCase("window attention") { two in
        for (side, shift, width) in [(7, 3, 32), (3, 1, 5)] as [(Int, Int, Int)] {
            var shape = vlseg_windows(
                b: 1, h: Int64(2 * side), w: Int64(2 * side), heads: 2, d: Int64(width), side: Int64(side), shift: Int64(shift), scale: 0.3)
            let pixels = 4 * side * side, qkv = two.activations(pixels * 6 * width), dout = two.activations(pixels * 2 * width)
            let table = (0..<(2 * (2 * side - 1) * (2 * side - 1))).map { Float($0 % 13) / 13 - 0.5 }
            var y = dout, dqkv = qkv, logs = [[Float](repeating: 0, count: pixels * 2), [Float](repeating: 0, count: pixels * 2)]
            var tables = [table, table]
            vlseg_window_attention_forward(&shape, qkv.float, table, &y.float, &logs[0])
            vlseg_window_attention_forward_bf16(&shape, qkv.half, table, &y.half, &logs[1])
            vlseg_window_attention_backward(&shape, qkv.float, table, logs[0], dout.float, &dqkv.float, &tables[0])
            vlseg_window_attention_backward_bf16(&shape, qkv.half, table, logs[1], dout.half, &dqkv.half, &tables[1])
            two.keep(y, dqkv)
            two.keep(sums: logs[0], logs[1])
            two.keep(sums: tables[0], tables[1])
        }
    },
    TypedCase("patches") { two in
        let x = two.activations(2 * 8 * 12 * 5)
        var rows = x, back = Both(float: x.float.map { _ in 0 }, half: x.half.map { _ in 0 })
        vlseg_patch_gather(2, 8, 12, 5, 4, x.float, &rows.float)
        vlseg_patch_gather_bf16(2, 8, 12, 5, 4, x.half, &rows.half)
        vlseg_patch_scatter(2, 8, 12, 5, 4, rows.float, &back.float)
        vlseg_patch_scatter_bf16(2, 8, 12, 5, 4, rows.half, &back.half)
        two.keep(rows, back)
    },
    TypedCase("images") { two in
        for c in [1, 3] {
            let bytes = (0..<(2 * 35 * c)).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            var y = two.activations(2 * 35 * 3)
            vlseg_normalise_images(2, 35, Int64(c), bytes, &y.float)
            vlseg_normalise_images_bf16(2, 35, Int64(c), bytes, &y.half)
            two.keep(y)
        }
    },
]

let typedCases = elementwise + overRows + spatial
