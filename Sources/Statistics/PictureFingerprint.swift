// A perceptual hash: describes a picture by 63 bits and a thumbnail, which are almost equal for near copies. For finding leakage between
// splits, not for security. Method: grey, 32x32 by area means, cosine transform, the 8x8 lowest frequencies without the mean brightness;
// each gives one bit, set if it is above their median. The bits find candidates; the correlation of the thumbnails confirms them.
import Imaging

public struct PictureFingerprint: Sendable, Equatable {
    /// Bit v * 8 + u belongs to frequency (v, u); bit 0 is never set.
    public let hash: UInt64
    /// 32x32 grey values, row by row.
    public let thumbnail: [UInt8]

    public static let side = 32
    private static let kept = 8
    /// A coefficient this near the median counts as equal to it: sums of 1024 values up to 255 are rounded in single precision.
    private static let slack: Float = 0.5
    private static let transform = CosineTransform(rows: side, columns: side)

    /// - Throws: `.noMemory` if FFTW cannot make its plan.
    public init(_ image: Raster) throws(StatisticsError) {
        guard let transform = Self.transform else { throw .noMemory(what: "a cosine transform of 32x32 values") }
        let means = Self.areaMeans(image.converted(toChannels: 1)), mean = means.reduce(0, +) / Float(means.count)
        let coefficients = transform.forward(means.map { $0 - mean })
        let low = (0..<Self.kept * Self.kept).map { coefficients[$0 / Self.kept * Self.side + $0 % Self.kept] }
        let median = low.dropFirst().sorted()[(Self.kept * Self.kept - 1) / 2]
        var bits: UInt64 = 0
        for (index, value) in low.enumerated() where index > 0 && value > median + Self.slack { bits |= 1 << UInt64(index) }
        hash = bits
        thumbnail = means.map { UInt8(($0 + 0.5).rounded(.down)) }
    }

    /// Number of bits in which two hashes differ, 0 to 63.
    public func distance(to other: PictureFingerprint) -> Int { (hash ^ other.hash).nonzeroBitCount }

    /// Pearson's correlation of the thumbnails, -1 to 1. It is 1 if both pictures are constant, and 0 if only one is.
    public func correlation(with other: PictureFingerprint) -> Double {
        var sum = 0, otherSum = 0, squares = 0, otherSquares = 0, products = 0
        for (a, b) in zip(thumbnail, other.thumbnail) {
            let x = Int(a), y = Int(b)
            sum += x
            otherSum += y
            squares += x * x
            otherSquares += y * y
            products += x * y
        }
        let count = thumbnail.count
        let spread = Double(count * squares - sum * sum), otherSpread = Double(count * otherSquares - otherSum * otherSum)
        if spread == 0 || otherSpread == 0 { return spread == otherSpread ? 1 : 0 }
        return Double(count * products - sum * otherSum) / (spread * otherSpread).squareRoot()
    }

    private static func areaMeans(_ grey: Raster) -> [Float] {
        var means = [Float](repeating: 0, count: side * side)
        grey.pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<side {
                let top = row * grey.height / side, bottom = max(top + 1, (row + 1) * grey.height / side)
                for column in 0..<side {
                    let left = column * grey.width / side, right = max(left + 1, (column + 1) * grey.width / side)
                    var sum = 0
                    for y in top..<bottom { for x in left..<right { sum += Int(pixels[y * grey.width + x]) } }
                    means[row * side + column] = Float(sum) / Float((bottom - top) * (right - left))
                }
            }
        }
        return means
    }
}
