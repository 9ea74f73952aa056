// The metrics of masks that depend on neither image nor caption: everything, nothing, and the training split's mean mask.
// A model's metrics mean little without these for comparison.
import Metrics
import Shards
import Training

public struct TrivialMasks: Sendable {
    public let all: SegmentationMetrics
    public let none: SegmentationMetrics
    /// The pixels that are foreground in at least `meanMaskThreshold` of the training masks; nil without a training split.
    public let meanMask: SegmentationMetrics?
    /// The share that gives the best Dice on the training split.
    public let meanMaskThreshold: Double?
    /// Thirds of the training masks with foreground by its share of the image; nil without any.
    public let thirds: SizeThirds?

    public static func evaluate(_ shards: ShardSet, training: ShardSet?) throws(ShardError) -> TrivialMasks {
        var all = SegmentationMetrics(), none = SegmentationMetrics(), mean = SegmentationMetrics()
        let chosen: MeanMask? = if let training, training.count > 0 { try MeanMask(of: training) } else { nil }
        for index in 0..<shards.count {
            let truth = try shards.sample(at: index).mask
            all.add(.comparing(prediction: repeatElement(1, count: truth.count), truth: truth))
            none.add(.comparing(prediction: repeatElement(0, count: truth.count), truth: truth))
            if let chosen { mean.add(.comparing(prediction: chosen.mask, truth: truth)) }
        }
        return TrivialMasks(
            all: all, none: none, meanMask: chosen == nil ? nil : mean, meanMaskThreshold: chosen?.threshold,
            thirds: chosen.flatMap { SizeThirds(ofSizes: $0.shares) })
    }
}

/// The training masks' mean, thresholded where its Dice over the training split is best.
package struct MeanMask {
    package let mask: [UInt8]
    let threshold: Double
    /// Of every mask with foreground, its share of the pixels.
    let shares: [Double]

    init(of training: ShardSet) throws(ShardError) {
        var sums: [Int] = [], shares: [Double] = []
        for index in 0..<training.count {
            let mask = try training.sample(at: index).mask
            if sums.isEmpty { sums = Array(repeating: 0, count: mask.count) }
            var foreground = 0
            for (pixel, value) in mask.enumerated() where value != 0 {
                sums[pixel] += 1
                foreground += 1
            }
            if foreground > 0 { shares.append(Double(foreground) / Double(mask.count)) }
        }
        self.shares = shares
        (mask, threshold) = Self.best(sums: sums, images: training.count)
    }

    /// With sums s of n masks: predicting the pixels with s >= k over the whole split has TP = sum of their s and FP = sum of n - s. So the
    /// best k follows from a histogram of s, without reading the masks again.
    package static func best(sums: [Int], images: Int) -> (mask: [UInt8], threshold: Double) {
        var histogram = Array(repeating: 0, count: images + 1)
        for sum in sums { histogram[sum] += 1 }
        let foreground = sums.reduce(0, +)
        var hits = 0, predicted = 0
        var best = (dice: -1.0, cut: images)
        for cut in stride(from: images, through: 1, by: -1) {
            hits += cut * histogram[cut]
            predicted += images * histogram[cut]
            let dice = foreground + predicted == 0 ? 1 : 2 * Double(hits) / Double(foreground + predicted)
            if dice > best.dice { best = (dice, cut) }
        }
        return (sums.map { $0 >= best.cut ? 1 : 0 }, Double(best.cut) / Double(max(1, images)))
    }
}
