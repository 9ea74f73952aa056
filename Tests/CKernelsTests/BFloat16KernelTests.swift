// Every bfloat16 kernel beside the float32 kernel on the same numbers, which bfloat16 holds exactly. Both compute in float32, so what the bfloat16 kernel
// stores is the rounding of what the float32 kernel stores, and their sums are equal, but for where the compiler fuses a product with a sum: then a value
// beside a tie may round the other way; and but for GELU, which has polynomials of its own. (That the float32 kernels are right is checked in TensorsTests.)
import CKernels
import Foundation
import Testing

private struct TypedCase: Sendable, CustomTestStringConvertible {
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
        "leaky ReLU gradient", { vlseg_leaky_relu_backward($0, 0.01, $1, $2, $3) }, { vlseg_leaky_relu_backward_bf16($0, 0.01, $1, $2, $3) }),
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
        var dx = dy, float = two.parameters(c), half = float
        vlseg_gelu_bias_backward(Int64(rows), Int64(c), x.float, dy.float, &dx.float, &float)
        vlseg_gelu_bias_backward_bf16(Int64(rows), Int64(c), x.half, dy.half, &dx.half, &half)
        two.keep(dx)
        two.keep(sums: float, half)
    },
    rows("layer scale") { two, rows, c in
        let residual = two.activations(rows * c), z = two.activations(rows * c), gamma = two.parameters(c)
        var y = z
        vlseg_layer_scale_forward(Int64(rows), Int64(c), residual.float, z.float, gamma, &y.float)
        vlseg_layer_scale_forward_bf16(Int64(rows), Int64(c), residual.half, z.half, gamma, &y.half)
        two.keep(y)
    },
    rows("layer scale gradient") { two, rows, c in
        let z = two.activations(rows * c), dy = two.activations(rows * c), gamma = two.parameters(c)
        var dz = z, float = two.parameters(c), half = float
        vlseg_layer_scale_backward(Int64(rows), Int64(c), z.float, gamma, dy.float, &dz.float, &float)
        vlseg_layer_scale_backward_bf16(Int64(rows), Int64(c), z.half, gamma, dy.half, &dz.half, &half)
        two.keep(dz)
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
            Int64(rows), Int64(c), 1e-5, 0.1, 0.01, x.float, gamma, beta, &average.float, &variance.float, &y.float, &mean.float, &rstd.float)
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

extension KernelTests {
    @Suite struct BFloat16KernelTests {
        @Test(arguments: elementwise + overRows + spatial) fileprivate func roundsWhatTheFloatKernelStores(kernel: TypedCase) throws {
            let portable = try #require(on("portable") { kernel.outcome() })
            for set in instructionSets {
                guard let one = on(set, threads: 1, { kernel.outcome() }) else { continue }
                for output in one.stored {
                    #expect(output.float.contains { $0 != 0 })
                    // Half a step of bfloat16 is at most 2^-8 of the number.
                    let far = zip(output.half, output.float).filter { !(abs(float($0) - $1) <= abs($1) * 0x1p-8 + kernel.error) }.count
                    #expect(far == 0, "\(set): \(far) of \(output.half.count) are not one rounding from the float32 kernel's")
                    guard kernel.error == 0 else { continue }
                    let wrong = zip(output.half, output.float).filter { $0 != nearestBFloat16($1) }.count
                    #expect(wrong * 1000 <= output.half.count, "\(set): \(wrong) of \(output.half.count) are not the float32 kernel's, rounded")
                }
                // The same additions in the same order, so 1e-6 of the largest; of at most 403 terms that are each off by the error.
                for sums in one.sums {
                    let worst = zip(sums.float, sums.half).map { abs($0 - $1) }.max() ?? 0
                    #expect(worst <= 1e-6 * (sums.float.map(abs).max() ?? 0) + 403 * kernel.error, "\(set): sums differ by \(worst)")
                }
                // Another instruction set adds in another order: at most one bfloat16 step, or float32 rounding where terms cancel.
                for (mine, other) in zip(one.stored, portable.stored) {
                    let scale = other.float.map(abs).max() ?? 0
                    let far = zip(mine.half, other.half).filter { steps($0, $1) > 1 && abs(float($0) - float($1)) > 2e-6 * scale }.count
                    #expect(far == 0, "\(set): \(far) of \(mine.half.count) are off the portable ones")
                }
                for threads in [2, 3] as [Int32] {
                    let several = try #require(on(set, threads: threads) { kernel.outcome() })
                    #expect(several.stored.map(\.half) == one.stored.map(\.half), "\(set) with \(threads) threads")
                    #expect(several.sums.map { $0.half.map(\.bitPattern) } == one.sums.map { $0.half.map(\.bitPattern) }, "\(set) with \(threads) threads")
                }
            }
        }

        @Test(arguments: instructionSets) func dropoutDecidesAsForFloat(set: String) {
            let ones = [UInt16](repeating: 0x3F80, count: 1003)
            var y = ones
            guard on(set, { vlseg_dropout_bf16(1003, 0.25, 42, ones, &y) }) != nil else { return }
            for index in 0..<1003 { #expect((y[index] != 0) == (vlseg_dropout_uniform(42, UInt64(index)) >= 0.25)) }
        }

        @Test(arguments: instructionSets) func geluOfEveryBFloat16(set: String) {
            let x = (0...UInt16.max).map { $0 }, ones = [UInt16](repeating: 0x3F80, count: x.count), n = Int64(x.count)
            var y = x, slope = x
            guard on(set, { () -> Void in
                vlseg_gelu_forward_bf16(n, x, &y)
                vlseg_gelu_backward_bf16(n, x, ones, &slope)
            }) != nil else { return }
            var far = 0
            for (half, (y, slope)) in zip(x, zip(y, slope)) {
                let x = Double(float(half))
                if x.isNaN || x == -.infinity {  // no limit of x Phi(x) is promised at -infinity, 0 is what it gives
                    far += x.isNaN ? (float(y).isNaN && float(slope).isNaN ? 0 : 1) : (float(y) == 0 && float(slope) == 0 ? 0 : 1)
                    continue
                }
                let below = erfc(-x / 2.0.squareRoot()) / 2, density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
                let gelu = x == .infinity ? x : x * below, derivative = below + (x == .infinity ? 0 : x * density)
                if !(float(y) == Float(gelu) || abs(Double(float(y)) - gelu) <= abs(gelu) * 0x1p-8 + 4e-6) { far += 1 }
                if !(abs(Double(float(slope)) - derivative) <= abs(derivative) * 0x1p-8 + 2e-6) { far += 1 }
            }
            #expect(far == 0)
        }

        @Test(arguments: instructionSets) func geluAndBiasAreTheirParts(set: String) {
            var two = TwoTypes(5)
            let rows = 33, c = 45, bias = two.parameters(c), product = two.parameters(rows * c, scale: 3), dy = two.parameters(rows * c)
            var fused = product, y = product, parts = product, expected = product
            var dx = dy, db = bias, expectedDx = dy, expectedDb = bias
            guard on(set, { () -> Void in
                vlseg_gelu_bias_forward(Int64(rows), Int64(c), bias, &fused, &y)
                vlseg_add_bias(Int64(rows), Int64(c), bias, &parts)
                vlseg_gelu_forward(Int64(rows * c), parts, &expected)
                dx.withUnsafeMutableBufferPointer { dx in  // in place
                    guard let place = dx.baseAddress else { return }
                    vlseg_gelu_bias_backward(Int64(rows), Int64(c), fused, place, place, &db)
                }
                vlseg_gelu_backward(Int64(rows * c), parts, dy, &expectedDx)
                vlseg_bias_gradient(Int64(rows), Int64(c), expectedDx, &expectedDb)
            }) != nil else { return }
            #expect(fused == parts)
            #expect(zip(y, expected).allSatisfy { abs($0 - $1) <= 1e-6 })
            #expect(zip(dx, expectedDx).allSatisfy { abs($0 - $1) <= 1e-6 })
            #expect(zip(db, expectedDb).allSatisfy { abs($0 - $1) <= 2e-5 })
        }

        @Test(arguments: instructionSets) func adamWWithACopy(set: String) {
            let n = 40_099
            for (wantsCopy, zeroes) in [(true, true), (true, false), (false, true), (false, false)] {
                var two = TwoTypes(11)
                var p = two.parameters(n), m = two.parameters(n, scale: 0.1), v = two.parameters(n, scale: 0.1, around: 0.2)
                let g = two.parameters(n)
                var p2 = p, m2 = m, v2 = v, g2 = g, copy = [UInt16](repeating: 0xAAAA, count: n)
                guard on(set, threads: 2, { () -> Void in
                    vlseg_adamw(Int64(n), &p, g, &m, &v, 3e-4, 0.9, 0.999, 1e-8, 0.01, 7)
                    copy.withUnsafeMutableBufferPointer { copy in
                        vlseg_adamw_bf16(
                            Int64(n), &p2, &g2, &m2, &v2, 3e-4, 0.9, 0.999, 1e-8, 0.01, 7, wantsCopy ? copy.baseAddress : nil, zeroes ? 1 : 0)
                    }
                }) != nil else { return }
                #expect(p2.map(\.bitPattern) == p.map(\.bitPattern) && m2.map(\.bitPattern) == m.map(\.bitPattern))
                #expect(v2.map(\.bitPattern) == v.map(\.bitPattern))
                #expect(copy == (wantsCopy ? p.map(nearestBFloat16) : [UInt16](repeating: 0xAAAA, count: n)))
                #expect(g2 == (zeroes ? [Float](repeating: 0, count: n) : g))
            }
        }
    }
}
