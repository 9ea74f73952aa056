// A 64-bit fingerprint of what a picture looks like: near copies differ in few bits. For finding leakage between splits, not for security.
// Method: grey, 32x32 by area means, two-dimensional DCT-II, the 8x8 lowest frequencies, one bit each for being above their median.
import Foundation
import Imaging

public enum PerceptualHash {
    private static let side = 32, kept = 8
    /// Differences below this are the rounding of sums over a flat picture.
    private static let flat = 1e-6

    /// cos((2x + 1) u pi / 64) for u in 0..<8, x in 0..<32.
    private static let cosines: [Double] = (0..<kept * side).map { index in
        cos(Double((2 * (index % side) + 1) * (index / side)) * .pi / Double(2 * side))
    }

    public static func hash(_ raster: Raster) -> UInt64 {
        let small = areaMeans(raster.converted(toChannels: 1))
        // Rows first: [32, 8], then columns: [8, 8].
        var rows = [Double](repeating: 0, count: side * kept)
        for y in 0..<side {
            for u in 0..<kept {
                var sum = 0.0
                for x in 0..<side { sum += small[y * side + x] * cosines[u * side + x] }
                rows[y * kept + u] = sum
            }
        }
        var coefficients: [Double] = []
        for v in 0..<kept {
            for u in 0..<kept {
                var sum = 0.0
                for y in 0..<side { sum += rows[y * kept + u] * cosines[v * side + y] }
                coefficients.append(sum)
            }
        }
        // The mean brightness (first coefficient) says nothing about the content and would shift the median.
        let median = coefficients.dropFirst().sorted()[(kept * kept - 1) / 2]
        var bits: UInt64 = 0
        for (index, value) in coefficients.enumerated() where index > 0 && value > median + flat { bits |= 1 << UInt64(index) }
        return bits
    }

    private static func areaMeans(_ grey: Raster) -> [Double] {
        var means = [Double](repeating: 0, count: side * side)
        for row in 0..<side {
            let top = row * grey.height / side, bottom = max(top + 1, (row + 1) * grey.height / side)
            for column in 0..<side {
                let left = column * grey.width / side, right = max(left + 1, (column + 1) * grey.width / side)
                var sum = 0
                for y in top..<bottom { for x in left..<right { sum += Int(grey.pixels[y * grey.width + x]) } }
                means[row * side + column] = Double(sum) / Double((bottom - top) * (right - left))
            }
        }
        return means
    }
}
