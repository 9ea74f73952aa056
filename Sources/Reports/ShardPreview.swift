// Which samples of a split a preview shows, as tiles. Samples stand evenly spread over the split, so the first and the last hundred of a
// set that is sorted by patient or video are both seen. Not for: drawing (PreviewGrid).
import Imaging
import Shards

public enum ShardPreview {
    /// Up to `count` samples of a split, evenly spread, in the split's order.
    public static func tiles(from set: ShardSet, count: Int) throws(ShardError) -> [PreviewTile] {
        let shown = min(max(count, 0), set.count)
        var tiles: [PreviewTile] = []
        for position in 0..<shown {
            let sample = try set.sample(at: position * set.count / shown)
            tiles.append(
                PreviewTile(
                    title: sample.id,
                    image: Raster(width: set.imageWidth, height: set.imageHeight, channels: set.channels, pixels: sample.image),
                    mask: Raster(width: set.imageWidth, height: set.imageHeight, channels: 1, pixels: sample.mask),
                    caption: sample.caption))
        }
        return tiles
    }
}
