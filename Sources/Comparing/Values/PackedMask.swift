// A mask with one bit for each pixel: the predictions of all runs for a split are kept in memory until the images to show are known.
import Imaging

public struct PackedMask: Sendable, Equatable {
    public let width: Int, height: Int
    private let words: [UInt64]

    /// - Parameter mask: one channel, non-zero is foreground.
    public init(_ mask: Raster) {
        width = mask.width
        height = mask.height
        var words = [UInt64](repeating: 0, count: (mask.pixels.count + 63) / 64)
        for (index, pixel) in mask.pixels.enumerated() where pixel != 0 { words[index / 64] |= 1 << UInt64(index % 64) }
        self.words = words
    }

    /// 0 and 1, one channel.
    public var raster: Raster {
        Raster(
            width: width, height: height, channels: 1,
            pixels: (0..<width * height).map { UInt8(truncatingIfNeeded: words[$0 / 64] >> UInt64($0 % 64) & 1) })
    }
}
