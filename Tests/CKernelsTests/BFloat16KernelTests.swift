// Every bfloat16 kernel beside the float32 kernel on the same numbers, which bfloat16 holds exactly. Both compute in float32, so what the
// bfloat16 kernel stores is the rounding of what the float32 kernel stores, and their sums are equal, but for where the compiler fuses a
// product with a sum: then a value beside a tie may round the other way; and but for GELU, which has polynomials of its own. (That the
// float32 kernels are right is checked in TensorsTests.)
import CKernels
import Foundation
import Testing

extension KernelTests {
    @Suite struct BFloat16KernelTests {
        @Test(arguments: typedCases) func roundsWhatTheFloatKernelStores(kernel: TypedCase) throws {
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
                    #expect(
                        wrong * 1000 <= output.half.count, "\(set): \(wrong) of \(output.half.count) are not the float32 kernel's, rounded")
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
                    #expect(
                        several.sums.map { $0.half.map(\.bitPattern) } == one.sums.map { $0.half.map(\.bitPattern) },
                        "\(set) with \(threads) threads")
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
            guard
                on(
                    set,
                    { () -> Void in
                        vlseg_gelu_forward_bf16(n, x, &y)
                        vlseg_gelu_backward_bf16(n, x, ones, &slope)
                    }) != nil
            else { return }
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
            var dx = dy, again = dy, db = bias, expectedDx = dy, expectedDb = bias
            guard
                on(
                    set,
                    { () -> Void in
                        vlseg_gelu_bias_forward(Int64(rows), Int64(c), bias, &fused, &y)
                        vlseg_add_bias(Int64(rows), Int64(c), bias, &parts)
                        vlseg_gelu_forward(Int64(rows * c), parts, &expected)
                        dx.withUnsafeMutableBufferPointer { dx in  // in place
                            guard let place = dx.baseAddress else { return }
                            vlseg_gelu_bias_backward(Int64(rows), Int64(c), fused, place, place, &db, &again)
                        }
                        vlseg_gelu_backward(Int64(rows * c), parts, dy, &expectedDx)
                        vlseg_bias_gradient(Int64(rows), Int64(c), expectedDx, &expectedDb)
                    }) != nil
            else { return }
            #expect(fused == parts)
            #expect(zip(y, expected).allSatisfy { abs($0 - $1) <= 1e-6 })
            #expect(zip(again, expected).allSatisfy { abs($0 - $1) <= 1e-6 })
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
                guard
                    on(
                        set, threads: 2,
                        { () -> Void in
                            vlseg_adamw(Int64(n), &p, g, &m, &v, 3e-4, 0.9, 0.999, 1e-8, 0.01, 7)
                            copy.withUnsafeMutableBufferPointer { copy in
                                vlseg_adamw_bf16(
                                    Int64(n), &p2, &g2, &m2, &v2, 3e-4, 0.9, 0.999, 1e-8, 0.01, 7, wantsCopy ? copy.baseAddress : nil,
                                    zeroes ? 1 : 0)
                            }
                        }) != nil
                else { return }
                #expect(p2.map(\.bitPattern) == p.map(\.bitPattern) && m2.map(\.bitPattern) == m.map(\.bitPattern))
                #expect(v2.map(\.bitPattern) == v.map(\.bitPattern))
                #expect(copy == (wantsCopy ? p.map(nearestBFloat16) : [UInt16](repeating: 0xAAAA, count: n)))
                #expect(g2 == (zeroes ? [Float](repeating: 0, count: n) : g))
            }
        }
    }
}
