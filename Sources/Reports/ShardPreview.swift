// Selects the samples of a split for a preview, as tiles. The samples are evenly spread over the split. If a dataset is sorted by patient
// or video, its beginning and its end are therefore both shown. Not for drawing (PreviewGrid).
import Imaging
import Shards

public enum ShardPreview {
    /// An epoch of training to show in place of the stored samples.
    public struct Epoch: Sendable {
        public var augmentation: Augmentation
        public var captions: MirroredCaptions?
        public var seed: UInt64
        public var number: Int

        public init(_ augmentation: Augmentation, captions: MirroredCaptions?, seed: UInt64, number: Int) {
            self.augmentation = augmentation
            self.captions = captions
            self.seed = seed
            self.number = number
        }
    }

    /// Up to `count` samples of a split, evenly spread, in the split's order.
    /// - Parameter epoch: shows each sample as training sees it in this epoch, with the augmentation next to its id.
    public static func tiles(from set: ShardSet, count: Int, epoch: Epoch? = nil) throws(ShardError) -> [PreviewTile] {
        let shown = min(max(count, 0), set.count)
        var tiles: [PreviewTile] = []
        for position in 0..<shown {
            let index = position * set.count / shown
            let sample: ShardSample
            var title: String
            if let epoch {
                let augmented = try set.augmentedSample(
                    at: index, epoch.augmentation, seed: epoch.seed, epoch: epoch.number, captions: epoch.captions)
                sample = augmented.sample
                let change = augmented.plan.description
                title = change.isEmpty ? "unchanged" : change
                title += " (\(sample.id))"
            } else {
                sample = try set.sample(at: index)
                title = sample.id
            }
            tiles.append(
                PreviewTile(
                    title: title,
                    image: Raster(width: set.imageWidth, height: set.imageHeight, channels: set.channels, pixels: sample.image),
                    mask: Raster(width: set.imageWidth, height: set.imageHeight, channels: 1, pixels: sample.mask),
                    caption: sample.caption))
        }
        return tiles
    }
}
