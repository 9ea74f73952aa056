// The distance transform equals a search over all sources, bit for bit in pixels, and SciPy's.
import Metrics
import Randomness
import Testing

@Suite struct DistanceTransformTests {
    private static func searched(_ mask: BinaryMask, _ spacing: Spacing) -> [Double] {
        let sources = mask.pixels.indices.filter { mask.pixels[$0] != 0 }
        return mask.pixels.indices.map { place in
            sources.map { source in
                let rows = spacing.row * Double(place / mask.width - source / mask.width)
                let columns = spacing.column * Double(place % mask.width - source % mask.width)
                return rows * rows + columns * columns
            }.min() ?? .infinity
        }
    }

    @Test func inPixelsItIsExact() throws {
        var generator = SplitMix64(seed: 2)
        for (width, height) in testSizes + [(31, 5), (4, 40)] {
            for share in [0, 0.02, 0.1, 0.5, 1] {
                let mask = try BinaryMask.random(width: width, height: height, share: share, &generator)
                #expect(DistanceTransform.squaredDistances(to: mask) == Self.searched(mask, .pixels))
            }
        }
    }

    @Test func withUnequalSpacingItIsExactUpToRounding() throws {
        var generator = SplitMix64(seed: 3)
        for (row, column) in [(0.3, 1.7), (1, 0.01), (250, 0.7), (1e-6, 1e6), (0.1, 0.1)] {
            let spacing = try Spacing(row: row, column: column)
            for (width, height) in testSizes {
                for share in [0.03, 0.3] {
                    let mask = try BinaryMask.random(width: width, height: height, share: share, &generator)
                    let found = DistanceTransform.squaredDistances(to: mask, spacing: spacing)
                    for (one, other) in zip(found, Self.searched(mask, spacing)) {
                        #expect(one == other || abs(one - other) <= 1e-13 * other)
                    }
                }
            }
        }
    }

    @Test func aTransposedMaskHasTransposedDistances() throws {
        var generator = SplitMix64(seed: 4)
        let mask = try BinaryMask.random(width: 64, height: 37, share: 0.01, &generator)
        let distances = DistanceTransform.squaredDistances(to: mask)
        let transposed = DistanceTransform.squaredDistances(to: try mask.transposed)
        for row in 0..<37 {
            for column in 0..<64 { #expect(distances[row * 64 + column] == transposed[column * 37 + row]) }
        }
    }

    @Test func aSourceFarAwayIsExactToo() throws {
        var values = [UInt8](repeating: 0, count: 3 * 30_000)
        values[0] = 1
        let distances = DistanceTransform.squaredDistances(to: try BinaryMask(width: 30_000, height: 3, values: values))
        let farthest: Double = 29_999 * 29_999 + 4
        #expect(distances.last == farthest)
    }
}
