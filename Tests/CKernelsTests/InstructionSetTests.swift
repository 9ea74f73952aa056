// Every kernel on every instruction set this machine has, on odd sizes: the results agree with the portable ones within rounding, and are
// the same bits for any number of threads. (That they are right is checked through the operators, in TensorsTests, against float64.)
import CKernels
import Foundation
import Testing

private struct KernelCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// Runs the kernel and returns everything it wrote.
    let run: @Sendable () -> [Float]
    var testDescription: String { name }
}

private func elementwise(
    _ name: String, scale: Float = 4, _ body: @escaping @Sendable (Int64, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
) -> KernelCase {
    KernelCase(name: name) {
        var numbers = Numbers(7)
        return [1, 15, 16, 17, 1000, 70_001].flatMap { count -> [Float] in
            let x = numbers(count, scale: scale)
            var y = [Float](repeating: 0, count: count)
            body(Int64(count), x, &y)
            return y
        }
    }
}

private func backward(
    _ name: String, _ body: @escaping @Sendable (Int64, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
) -> KernelCase {
    KernelCase(name: name) {
        var numbers = Numbers(8)
        let x = numbers(5003, scale: 3), dy = numbers(5003)
        var dx = [Float](repeating: 0, count: 5003)
        body(5003, x, dy, &dx)
        return dx
    }
}

let naive: vlseg_gemm = { ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc in
    guard let a, let b, let c else { return }
    for i in 0..<Int(m) {
        for j in 0..<Int(n) {
            var sum: Float = 0
            for l in 0..<Int(k) {
                let left = ta == CChar(UInt8(ascii: "T")) ? a[l * Int(lda) + i] : a[i * Int(lda) + l]
                let right = tb == CChar(UInt8(ascii: "T")) ? b[j * Int(ldb) + l] : b[l * Int(ldb) + j]
                sum += left * right
            }
            c[i * Int(ldc) + j] = alpha * sum + (beta == 0 ? 0 : beta * c[i * Int(ldc) + j])
        }
    }
}

private let cases: [KernelCase] = [
    elementwise("gelu") { vlseg_gelu_forward($0, $1, $2) },
    elementwise("tanh") { vlseg_tanh_forward($0, $1, $2) },
    elementwise("softplus", scale: 30) { vlseg_softplus_forward($0, $1, $2) },
    elementwise("sigmoid", scale: 20) { vlseg_sigmoid_forward($0, $1, $2) },
    elementwise("leaky ReLU") { vlseg_leaky_relu_forward($0, 0.01, $1, $2) },
    elementwise("dropout") { vlseg_dropout($0, 0.3, 99, $1, $2) },
    elementwise("scale") { vlseg_scale($0, 1.7, $1, $2) },
    backward("gelu gradient") { vlseg_gelu_backward($0, $1, $2, $3) },
    backward("softplus gradient") { vlseg_softplus_backward($0, $1, $2, $3) },
    backward("leaky ReLU gradient") { vlseg_leaky_relu_backward($0, 0.01, $1, $2, $3) },
    backward("add scaled") { vlseg_add_scaled($0, $1, 0.3, $2, $3) },
    KernelCase(name: "layer norm") {
        [5, 33, 96].flatMap { c -> [Float] in
            var numbers = Numbers(UInt64(c))
            let rows = 301
            let x = numbers(rows * c), gamma = numbers(c, around: 1), beta = numbers(c), dy = numbers(rows * c)
            var y = x, mean = [Float](repeating: 0, count: rows), rstd = mean, dx = x, dgamma = [Float](repeating: 0, count: c),
                dbeta = dgamma
            vlseg_layer_norm_forward(Int64(rows), Int64(c), 1e-5, x, gamma, beta, &y, &mean, &rstd)
            vlseg_layer_norm_backward(Int64(rows), Int64(c), x, gamma, mean, rstd, dy, &dx, &dgamma, &dbeta)
            return y + mean + rstd + dx + dgamma + dbeta
        }
    },
    KernelCase(name: "batch norm") {
        var numbers = Numbers(3)
        let rows = 403, c = 37
        let x = numbers(rows * c), gamma = numbers(c, around: 1), beta = numbers(c), dy = numbers(rows * c)
        var y = x, mean = numbers(c), rstd = mean, runningMean = mean, runningVariance = numbers(c, around: 2)
        var dx = x, dgamma = [Float](repeating: 0, count: c), dbeta = dgamma
        vlseg_batch_norm_forward(Int64(rows), Int64(c), 1e-5, 0.1, 0.01, x, gamma, beta, &runningMean, &runningVariance, &y, &mean, &rstd)
        vlseg_batch_norm_backward(Int64(rows), Int64(c), 0.01, x, gamma, beta, mean, rstd, dy, &dx, &dgamma, &dbeta)
        return y + mean + rstd + runningMean + runningVariance + dx + dgamma + dbeta
    },
    KernelCase(name: "bias") {
        var numbers = Numbers(5)
        let rows = 517, c = 29
        var y = numbers(rows * c), db = [Float](repeating: 0, count: c)
        vlseg_add_bias(Int64(rows), Int64(c), numbers(c), &y)
        vlseg_bias_gradient(Int64(rows), Int64(c), y, &db)
        return y + db
    },
    KernelCase(name: "depthwise") {
        [(7, 5), (7, 48), (3, 17)].flatMap { k, c -> [Float] in
            var numbers = Numbers(UInt64(k * c))
            let (b, h, w) = (2, 9, 13), count = b * h * w * c
            let x = numbers(count), weight = numbers(k * k * c), bias = numbers(c), dy = numbers(count)
            var y = x, dx = x, dweight = [Float](repeating: 0, count: k * k * c), dbias = [Float](repeating: 0, count: c)
            let (B, H, W, C, K) = (Int64(b), Int64(h), Int64(w), Int64(c), Int64(k))
            vlseg_depthwise_forward(B, H, W, C, K, x, weight, bias, &y)
            vlseg_depthwise_backward_data(B, H, W, C, K, dy, weight, &dx)
            vlseg_depthwise_backward_weight(B, H, W, C, K, x, dy, &dweight, &dbias)
            return y + dx + dweight + dbias
        }
    },
    KernelCase(name: "scan") {
        var numbers = Numbers(6)
        let (b, l, d, n) = (2, 24, 19, 16), count = b * l * d
        let u = numbers(count), dt = numbers(count, scale: 0.4, around: 0.5), logA = numbers(d * n), skip = numbers(d), dy = numbers(count)
        let bm = numbers(b * l * n), cm = numbers(b * l * n)
        var y = u, du = u, ddt = u, dlogA = [Float](repeating: 0, count: d * n), dskip = [Float](repeating: 0, count: d), dbm = bm, dcm = cm
        let (B, L, D, N) = (Int64(b), Int64(l), Int64(d), Int64(n))
        vlseg_scan_forward(B, L, D, N, u, dt, logA, bm, N, cm, N, skip, &y)
        vlseg_scan_backward(B, L, D, N, u, dt, logA, bm, N, cm, N, skip, dy, &du, &ddt, &dlogA, &dbm, N, &dcm, N, &dskip)
        return y + du + ddt + dlogA + dskip + dbm + dcm
    },
    KernelCase(name: "attention") {
        var numbers = Numbers(9)
        let (b, heads, lq, lk, d) = (2, 3, 21, 17, 5), c = heads * d
        let q = numbers(b * lq * c), k = numbers(b * lk * c), v = numbers(b * lk * c), dout = numbers(b * lq * c)
        var out = q, lse = [Float](repeating: 0, count: b * heads * lq), dq = q, dk = k, dv = v
        let (B, H, Q, K, D, C) = (Int64(b), Int64(heads), Int64(lq), Int64(lk), Int64(d), Int64(c))
        vlseg_attention_forward(B, H, Q, K, D, q, C, k, C, v, C, nil, 0.4, 0.2, 5, naive, &out, C, &lse)
        vlseg_attention_backward(
            B, H, Q, K, D, q, C, k, C, v, C, nil, 0.4, 0.2, 5, naive, out, C, lse, dout, C, &dq, C, &dk, C, &dv, C)
        return out + lse + dq + dk + dv
    },
    KernelCase(name: "convolution 3x3") {
        var numbers = Numbers(13)
        let (b, h, w, input, output) = (2, 7, 6, 19, 17)
        let x = numbers(b * h * w * input), weight = numbers(output * 9 * input), dy = numbers(b * h * w * output)
        var y = dy, dx = x, dweight = weight
        let (B, H, W, I, O) = (Int64(b), Int64(h), Int64(w), Int64(input), Int64(output))
        var workspace = [Float](repeating: .nan, count: Int(vlseg_convolution3x3_workspace(B, H, W, I, O)) / 4)
        vlseg_convolution3x3_forward(B, H, W, I, O, x, weight, naive, &workspace, &y)
        vlseg_convolution3x3_backward_data(B, H, W, I, O, dy, weight, naive, &workspace, &dx)
        vlseg_convolution3x3_backward_weight(B, H, W, I, O, x, dy, naive, &workspace, &dweight)
        return y + dx + dweight
    },
    KernelCase(name: "scaled linear map") {
        var numbers = Numbers(14)
        let rows = 37, c = 45
        let weight = numbers(rows * c), product = numbers(rows * c), bias = numbers(rows), scale = numbers(rows), sums = numbers(rows)
        var scaled = weight, dweight = product, dbias = bias, dscale = scale
        vlseg_scale_rows(Int64(rows), Int64(c), scale, weight, &scaled)
        vlseg_scaled_linear_backward(Int64(rows), Int64(c), weight, bias, scale, product, sums, &dweight, &dbias, &dscale)
        return scaled + dweight + dbias + dscale
    },
    KernelCase(name: "losses") {
        var numbers = Numbers(10)
        let maps = 3, n = 1003
        let p = numbers(maps * n, scale: 0.49, around: 0.5), g = (0..<(maps * n)).map { UInt8($0 / 5 % 2) }
        var sums = [Double](repeating: 0, count: maps * 3), dp = [Float](repeating: 0, count: maps * n)
        vlseg_dice_sums(Int64(maps), Int64(n), p, g, &sums)
        vlseg_dice_gradient(Int64(maps), Int64(n), g, [0.1, 0.2, 0.3], [0.4, 0.5, 0.6], &dp)
        vlseg_entropy_gradient(Int64(maps * n), 1, 0.3, p, &dp)
        vlseg_bce_gradient(Int64(maps * n), 0.1, p, g, &dp)
        return dp + sums.map(Float.init) + [Float(vlseg_entropy(Int64(maps * n), 1, p)), Float(vlseg_bce(Int64(maps * n), p, g))]
    },
    KernelCase(name: "AdamW") {
        var numbers = Numbers(11)
        var p = numbers(4099), m = numbers(4099, scale: 0.1), v = numbers(4099, scale: 0.1, around: 0.2)
        vlseg_adamw(4099, &p, numbers(4099), &m, &v, 3e-4, 0.9, 0.999, 1e-8, 0.01, 7)
        return p + m + v
    },
    KernelCase(name: "SGD") {
        var numbers = Numbers(13)
        var p = numbers(4099), g = numbers(4099), buffer = numbers(4099, scale: 0.1)
        vlseg_sgd(4099, &p, &g, &buffer, 3e-2, 0.9, 0.01, nil)
        return p + g + buffer
    },
    KernelCase(name: "window attention") {
        var numbers = Numbers(14)
        var shape = vlseg_windows(b: 2, h: 14, w: 7, heads: 2, d: 12, side: 7, shift: 3, scale: 0.3)
        let qkv = numbers(2 * 98 * 72), table = numbers(338), dout = numbers(2 * 98 * 24)
        var y = dout, logs = [Float](repeating: 0, count: 2 * 98 * 2), dqkv = qkv, dtable = table
        vlseg_window_attention_forward(&shape, qkv, table, &y, &logs)
        vlseg_window_attention_backward(&shape, qkv, table, logs, dout, &dqkv, &dtable)
        return y + logs + dqkv + dtable
    },
    KernelCase(name: "head") {
        var numbers = Numbers(12)
        let x = numbers(2 * 5 * 7 * 16), dy = numbers(2 * 20 * 28)
        var y = dy, dx = x
        vlseg_shuffle_pool_forward(2, 5, 7, 4, x, 0.3, &y)
        vlseg_shuffle_pool_backward(2, 5, 7, 4, dy, &dx)
        return y + dx
    },
    KernelCase(name: "images") {
        let bytes = (0..<(2 * 35 * 3)).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        var y = [Float](repeating: 0, count: bytes.count)
        vlseg_normalise_images(2, 35, 3, bytes, &y)
        return y
    },
]

/// The instruction set and the number of threads are the process's: tests that choose them run one by one.
@Suite(.serialized) enum KernelTests {}

extension KernelTests {
    @Suite struct InstructionSetTests {
        @Test(arguments: cases) fileprivate func setsAgreeAndThreadsChangeNothing(kernel: KernelCase) throws {
            let portable = try #require(on("portable") { kernel.run() })
            #expect(portable.allSatisfy { $0.isFinite } && portable.contains { $0 != 0 })
            // Sums of a few hundred terms in another order: relative to the largest value.
            let scale = portable.map(abs).max() ?? 1
            for set in instructionSets {
                guard let one = on(set, { kernel.run() }) else { continue }
                let worst = zip(one, portable).map { abs($0 - $1) }.max() ?? 0
                #expect(worst <= 2e-6 * scale, "\(set) is off by \(worst) of \(scale)")
                for threads in [2, 3] as [Int32] {
                    let several = try #require(on(set, threads: threads) { kernel.run() })
                    #expect(several.map(\.bitPattern) == one.map(\.bitPattern), "\(set) with \(threads) threads")
                }
            }
        }

        @Test func farAndSpecialValues() {
            let x: [Float] = [-.infinity, -1000, -88, -20, -0.0, 0, 1e-30, 20, 88, 1000, .infinity]
            var y = x
            let n = Int64(x.count)
            vlseg_gelu_forward(n, x, &y)
            #expect(y[1] == 0 && y[9] == 1000 && y[5] == 0)
            vlseg_tanh_forward(n, x, &y)
            #expect(y[0] == -1 && y[1] == -1 && y[9] == 1 && y[10] == 1 && y[6] == 1e-30)
            vlseg_sigmoid_forward(n, x, &y)
            #expect(y[0] == 0 && y[10] == 1 && y[5] == 0.5 && y[1] >= 0 && y[9] == 1)
            vlseg_softplus_forward(n, x, &y)
            #expect(y[9] == 1000 && y[1] >= 0 && abs(y[5] - 0.693_147_2) < 1e-6)
            #expect(vlseg_all_finite(n, x) == 0)
            #expect(vlseg_all_finite(3, [1, -2, .greatestFiniteMagnitude]) == 1)
            #expect(vlseg_all_finite(1, [.nan]) == 0)
        }

        @Test func dropoutIsAFunctionOfSeedAndPlace() {
            let ones = [Float](repeating: 1, count: 1000)
            var y = ones
            vlseg_dropout(1000, 0.25, 42, ones, &y)
            for index in 0..<1000 { #expect((y[index] != 0) == (vlseg_dropout_uniform(42, UInt64(index)) >= 0.25)) }
        }
    }
}
