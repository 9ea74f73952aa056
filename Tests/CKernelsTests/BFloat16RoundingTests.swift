// bfloat16 in memory: which float32 becomes which bfloat16, exactly, on every instruction set, in whole vectors and in tails.
import CKernels
import Foundation
import Testing

extension KernelTests {
    @Suite struct BFloat16RoundingTests {
        private static func rounded(_ values: [Float]) -> [UInt16] {
            var halves = [UInt16](repeating: 0xAAAA, count: values.count)
            vlseg_bf16_from_float(Int64(values.count), values, &halves)
            return halves
        }

        /// Bits of a float32 and of the bfloat16 it must become.
        private static let table: [(UInt32, UInt16)] = [
            (0x0000_0000, 0x0000), (0x8000_0000, 0x8000), (0x3F80_0000, 0x3F80),
            (0x3F80_7FFF, 0x3F80), (0x3F80_8000, 0x3F80), (0x3F80_8001, 0x3F81),  // a tie goes to the even neighbour below,
            (0x3F81_7FFF, 0x3F81), (0x3F81_8000, 0x3F82), (0xBF81_8000, 0xBF82),  // or above
            (0x3FFF_8000, 0x4000), (0x3FFF_FFFF, 0x4000),  // into the next power of two
            (0x7F7F_0000, 0x7F7F), (0x7F7F_7FFF, 0x7F7F), (0x7F7F_8000, 0x7F80), (0x7F7F_FFFF, 0x7F80), (0xFF7F_FFFF, 0xFF80),  // infinite
            (0x7F80_0000, 0x7F80), (0xFF80_0000, 0xFF80),
            (0x7FC0_0000, 0x7FC0), (0x7F80_0001, 0x7FC0), (0x7FFF_FFFF, 0x7FFF), (0xFFFF_FFFF, 0xFFFF), (0xFF81_2345, 0xFFC1),  // NaN
            (0x0000_0001, 0x0000), (0x0000_8000, 0x0000), (0x0000_8001, 0x0001), (0x0001_8000, 0x0002), (0x8000_8001, 0x8001),  // denormal
            (0x0040_0000, 0x0040), (0x007F_7FFF, 0x007F), (0x007F_8000, 0x0080), (0x007F_FFFF, 0x0080),  // and into normal
        ]

        @Test(arguments: instructionSets) func roundsToNearestEven(set: String) {
            for (bits, expected) in Self.table {
                let value = Float(bitPattern: bits)
                #expect(nearestBFloat16(value) == expected)
                for count in [1, 5, 16, 35] {
                    guard let halves = on(set, { Self.rounded([Float](repeating: value, count: count)) }) else { return }
                    #expect(
                        halves.allSatisfy { $0 == expected },
                        "\(String(bits, radix: 16)), \(count) of them: \(halves.map { String($0, radix: 16) })")
                }
            }
        }

        @Test(arguments: instructionSets) func anyBitsRoundByTheDefinition(set: String) {
            var state: UInt64 = 1
            let values = (0..<100_003).map { _ -> Float in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Float(bitPattern: UInt32(truncatingIfNeeded: state >> 32))
            }
            guard let halves = on(set, { Self.rounded(values) }) else { return }
            #expect(halves == values.map(nearestBFloat16))
        }

        @Test(arguments: instructionSets) func everyBFloat16ComesBack(set: String) {
            let all = (0...UInt16.max).map { $0 }
            var values = [Float](repeating: 0, count: all.count)
            guard
                let back = on(
                    set,
                    { () -> [UInt16] in
                        vlseg_float_from_bf16(Int64(all.count), all, &values)
                        return Self.rounded(values)
                    })
            else { return }
            #expect(values.map(\.bitPattern) == all.map { UInt32($0) << 16 })
            #expect(back == all.map { float($0).isNaN ? $0 | 0x40 : $0 })
        }

        @Test(arguments: instructionSets) func infinityAndNotANumberAreFound(set: String) {
            for bad in [0x7F80, 0xFF80, 0x7FC0, 0xFFFF, 0x7F81] as [UInt16] {
                for (count, place) in [(1, 0), (19, 18), (70_001, 70_000), (70_001, 40_000)] {
                    var halves = [UInt16](repeating: 0xFF7F, count: count)  // the largest finite, negative
                    guard let fine = on(set, { vlseg_all_finite_bf16(Int64(count), halves) }) else { return }
                    #expect(fine == 1)
                    halves[place] = bad
                    #expect(on(set) { vlseg_all_finite_bf16(Int64(count), halves) } == 0)
                }
            }
        }
    }
}
