// The byte kernels on every instruction set this machine has, on odd sizes, against the plain sums they stand for.
import CPixels
import Testing

@Suite(.serialized) struct PixelKernelTests {
    private static let sets = ["portable", "avx2", "avx512"]

    /// Runs `body` under every instruction set that this machine has.
    private func onAllSets(_ body: (String) -> Void) {
        let before = String(cString: vlpx_instruction_set())
        for name in Self.sets where vlpx_select_instruction_set(name) == 0 { body(name) }
        _ = vlpx_select_instruction_set(before)
    }

    private func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 88_172_645_463_325_252
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 32)
        }
    }

    private func clamped(_ sum: Int32) -> UInt8 { UInt8(min(max((sum + (1 << 21)) >> 22, 0), 255)) }

    @Test(arguments: [(5, 3, 3), (16, 16, 1), (37, 33, 3), (61, 17, 1), (130, 50, 3)]) func resamplingIsTheWeightedSum(
        width: Int, rows: Int, channels: Int
    ) {
        let outputs = 11, stride = 4
        let starts = (0..<outputs).map { Int32($0 * (width - 4) / outputs) }
        let counts = (0..<outputs).map { Int32(1 + $0 % 4) }
        let weights = (0..<(outputs * stride)).map { Int32(($0 * 977_791) % 5_000_000 - 900_000) }
        let source = noise(width * max(rows, width) * channels)
        var expectedRows = [UInt8](), expectedColumns = [UInt8]()
        for row in 0..<rows {
            for o in 0..<outputs {
                for c in 0..<channels {
                    var sum: Int32 = 0
                    for k in 0..<Int(counts[o]) {
                        sum += Int32(source[(row * width + Int(starts[o]) + k) * channels + c]) * weights[o * stride + k]
                    }
                    expectedRows.append(clamped(sum))
                }
            }
        }
        let samples = rows * channels
        for o in 0..<outputs {
            for x in 0..<samples {
                var sum: Int32 = 0
                for k in 0..<Int(counts[o]) { sum += Int32(source[(Int(starts[o]) + k) * samples + x]) * weights[o * stride + k] }
                expectedColumns.append(clamped(sum))
            }
        }
        starts.withUnsafeBufferPointer { starts in
            counts.withUnsafeBufferPointer { counts in
                weights.withUnsafeBufferPointer { weights in
                    var table = vlpx_weights(
                        starts: starts.baseAddress, counts: counts.baseAddress, weights: weights.baseAddress, stride: Int64(stride),
                        outputs: Int64(outputs))
                    onAllSets { name in
                        var scratch = [UInt8](repeating: 0, count: vlpx_rows_scratch(Int64(width), Int64(channels), Int64(outputs)))
                        var target = [UInt8](repeating: 7, count: rows * outputs * channels)
                        vlpx_resample_rows(source, Int64(width), Int64(rows), Int64(channels), &table, &target, &scratch)
                        #expect(target == expectedRows, "rows, \(name)")
                        target = [UInt8](repeating: 7, count: outputs * samples)
                        vlpx_resample_columns(source, Int64(samples), 0, &table, &target)
                        #expect(target == expectedColumns, "columns, \(name)")
                    }
                }
            }
        }
    }

    @Test(arguments: [(1, 3), (15, 1), (16, 3), (1000, 3), (1001, 1)]) func normalisedImagesHaveMeanZeroAndDeviationOne(
        pixels: Int, channels: Int
    ) {
        let source = noise(pixels * channels)
        var results: [[Float]] = []
        onAllSets { name in
            // At an address that is aligned and at one that is not.
            for offset in [0, 1] {
                let memory = UnsafeMutableRawPointer.allocate(byteCount: 12 * pixels + 64, alignment: 64)
                defer { memory.deallocate() }
                let target = memory.advanced(by: 4 * offset).bindMemory(to: Float.self, capacity: 3 * pixels)
                vlpx_normalise(source, Int64(pixels), Int64(channels), target)
                results.append(Array(UnsafeBufferPointer(start: target, count: 3 * pixels)))
            }
        }
        for result in results { #expect(result == results[0], "the same bits on every instruction set") }
        for c in 0..<3 {
            let values = (0..<pixels).map { Double(source[channels == 3 ? 3 * $0 + c : $0]) }
            let mean = values.reduce(0, +) / Double(pixels)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels)
            let deviation = variance == 0 ? 1 : variance.squareRoot()
            for i in 0..<pixels {
                // The mean is rounded to float32 (at most 2^-17 of a grey level off), the quotient twice.
                #expect(abs(Double(results[0][3 * i + c]) - (values[i] - mean) / deviation) < 1e-6)
            }
        }
    }

    @Test func aFlatImageIsZero() {
        onAllSets { _ in
            var target = [Float](repeating: 9, count: 3 * 100)
            vlpx_normalise([UInt8](repeating: 77, count: 300), 100, 3, &target)
            #expect(target.allSatisfy { $0 == 0 })
        }
    }

    @Test func theSpreadOfChannelsIsFoundWhereItIsFirst() {
        onAllSets { _ in
            for place in [0, 15, 16, 17, 63, 64] {
                var pixels = [UInt8](repeating: 200, count: 65 * 3)
                pixels[3 * place + 1] = 171
                pixels[3 * 64 + 2] = 171
                var index: Int64 = -1
                #expect(vlpx_channel_spread(pixels, 65, &index) == 29)
                #expect(index == Int64(place))
            }
            var index: Int64 = -1
            #expect(vlpx_channel_spread([UInt8](repeating: 3, count: 300), 100, &index) == 0)
        }
    }

    @Test(arguments: [1, 3]) func pickedPixelsAreHeldAgainstTheThreshold(channels: Int) {
        let width = 61, height = 23, outWidth = 37, outHeight = 40
        let source = noise(width * height * channels)
        let rows = (0..<outHeight).map { Int32($0 * height / outHeight) }
        let columns = (0..<outWidth).map { Int32($0 * width / outWidth * channels) }
        let expected = rows.flatMap { row in columns.map { source[Int(row) * width * channels + Int($0)] >= 128 ? UInt8(1) : 0 } }
        onAllSets { name in
            var target = [UInt8](repeating: 9, count: outWidth * outHeight)
            vlpx_pick_binary(source, Int64(width * channels), rows, Int64(outHeight), columns, Int64(outWidth), 128, &target)
            #expect(target == expected, "\(name)")
        }
    }
}
