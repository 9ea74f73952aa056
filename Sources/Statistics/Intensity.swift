// The brightness of the images: counts of the 256 values in one image, and mean, standard deviation and percentiles over many.
// Every image has the same weight, whatever its size, because training resizes all of them to one size.
import Imaging

/// How often each value 0...255 occurs in each channel of one image.
public struct IntensityHistogram: Sendable, Equatable {
    /// 1, or 3 if some pixel is coloured.
    public let channels: Int
    /// [channels, 256].
    public let counts: [UInt32]
    /// Number of pixels in the image.
    public let pixels: Int

    /// Counts an image of 1 or 3 channels. An RGB image whose channels are equal everywhere is grey.
    public init(_ image: Raster) {
        let stored = image.channels
        var counts = [UInt32](repeating: 0, count: 256 * stored), isGrey = true
        counts.withUnsafeMutableBufferPointer { counts in
            image.pixels.withUnsafeBufferPointer { source in
                guard stored == 3 else {
                    for value in source { counts[Int(value)] += 1 }
                    return
                }
                for i in stride(from: 0, to: source.count, by: 3) {
                    let red = source[i], green = source[i + 1], blue = source[i + 2]
                    isGrey = isGrey && red == green && green == blue
                    counts[Int(red)] += 1
                    counts[256 + Int(green)] += 1
                    counts[512 + Int(blue)] += 1
                }
            }
        }
        channels = isGrey ? 1 : stored
        self.counts = isGrey ? Array(counts.prefix(256)) : counts
        pixels = image.width * image.height
    }

    /// Mean of all channels, and the standard deviation of the pixels; 0...255.
    var meanAndDeviation: (mean: Double, deviation: Double) {
        var sum = 0.0, squares = 0.0, total = 0.0
        for (index, count) in counts.enumerated() where count > 0 {
            let value = Double(index & 255), weight = Double(count)
            sum += value * weight
            squares += value * value * weight
            total += weight
        }
        guard total > 0 else { return (0, 0) }
        return (sum / total, max(0, squares / total - sum / total * (sum / total)).squareRoot())
    }
}

/// One channel's values over many images, 0...255.
public struct ChannelIntensity: Codable, Sendable, Equatable {
    /// "grey", "red", "green" or "blue".
    public let channel: String
    public let mean: Double, standardDeviation: Double
    /// Percentile p: the smallest value that at least p % of the pixels do not exceed.
    public let p1: Int, p5: Int, p25: Int, p50: Int, p75: Int, p95: Int, p99: Int
    /// Share of the pixels in each of 32 bins; a bin covers 8 values.
    public let histogram: [Double]

    /// One entry if all images are grey, else three, to each of which a grey image contributes. Empty if there are no images.
    public static func measured(_ images: [IntensityHistogram]) -> [ChannelIntensity] {
        guard !images.isEmpty else { return [] }
        let names = images.contains { $0.channels == 3 } ? ["red", "green", "blue"] : ["grey"]
        return names.enumerated().map { channel, name in
            var shares = [Double](repeating: 0, count: 256)
            for image in images where image.pixels > 0 {
                let first = image.channels == 3 ? 256 * channel : 0, weight = 1 / (Double(image.pixels) * Double(images.count))
                for value in 0..<256 { shares[value] += Double(image.counts[first + value]) * weight }
            }
            return ChannelIntensity(name, shares)
        }
    }

    private init(_ name: String, _ shares: [Double]) {
        channel = name
        var mean = 0.0
        for (value, share) in shares.enumerated() { mean += Double(value) * share }
        var variance = 0.0
        for (value, share) in shares.enumerated() { variance += (Double(value) - mean) * (Double(value) - mean) * share }
        self.mean = mean
        standardDeviation = variance.squareRoot()
        func percentile(_ percent: Double) -> Int {
            var sum = 0.0
            for (value, share) in shares.enumerated() {
                sum += share
                // The tolerance covers rounding in sums of shares.
                if sum >= percent / 100 - 1e-9 { return value }
            }
            return 255
        }
        (p1, p5, p25, p50) = (percentile(1), percentile(5), percentile(25), percentile(50))
        (p75, p95, p99) = (percentile(75), percentile(95), percentile(99))
        histogram = (0..<32).map { shares[8 * $0..<8 * $0 + 8].reduce(0, +) }
    }
}
