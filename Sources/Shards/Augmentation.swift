// The augmentations of training, and the published zoom of UA-VLS (docs/models/ua-vls.md): with probability 0.1 a zoom by a factor from
// [0.95, 1.2], image bicubic, mask nearest; the size is kept by cropping the centre or repeating the edge. Sizes, offsets and sampling are
// those of MONAI's RandZoomd on PyTorch's interpolate. Not for the further changes of `full` (AugmentationPlan).
import Imaging
import Randomness

public enum Augmentation: String, Sendable, CaseIterable {
    /// No change; the published zoom; the zoom, and flips that rewrite the caption, small rotations, brightness and contrast.
    case none, reference, full

    static let probability = 0.1
    static let zoom = 0.95...1.2

    /// The zoom of one sample in one epoch; nil for most.
    func zoomFactor(seed: UInt64, epoch: Int, sample: Int) -> Double? {
        guard self != .none else { return nil }
        var random = SplitMix64(keys: seed, UInt64(epoch), UInt64(sample), 2)
        guard random.unit() < Self.probability else { return nil }
        return random.number(in: Self.zoom)
    }

    /// Zooms an image uint8 [H,W,C] and its mask uint8 [H,W] in place.
    static func zoom(
        _ image: UnsafeMutableBufferPointer<UInt8>, _ mask: UnsafeMutableBufferPointer<UInt8>, width: Int, height: Int, by factor: Double
    ) {
        let channels = image.count / (width * height)
        let newWidth = Int(Double(width) * factor), newHeight = Int(Double(height) * factor)
        guard newWidth > 0, newHeight > 0, newWidth != width || newHeight != height else { return }
        let zoomed = Raster(width: width, height: height, channels: channels, pixels: Array(image))
            .resizedBicubicReference(width: newWidth, height: newHeight)
        let oldMask = Array(mask)
        let rows = sources(size: height, zoomed: newHeight), columns = sources(size: width, zoomed: newWidth)
        for y in 0..<height {
            let maskRow = min(height - 1, rows[y] * height / newHeight) * width
            for x in 0..<width {
                mask[y * width + x] = oldMask[maskRow + min(width - 1, columns[x] * width / newWidth)]
                let from = (rows[y] * newWidth + columns[x]) * channels, to = (y * width + x) * channels
                for c in 0..<channels { image[to + c] = zoomed.pixels[from + c] }
            }
        }
    }

    /// For every position in the kept size, its position in the zoomed size: the centre is cropped, or the edge repeated.
    private static func sources(size: Int, zoomed: Int) -> [Int] {
        let difference = size - zoomed
        let offset = difference < 0 ? -difference / 2 : -(difference / 2)
        return (0..<size).map { min(max($0 + offset, 0), zoomed - 1) }
    }
}
