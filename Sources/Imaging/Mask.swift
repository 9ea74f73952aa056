// Turns a mask picture into a binary mask. Foreground is value >= threshold. JPEG masks hold 0...7 and 247...255, so a comparison with
// exactly 255 would make holes in them. Not for resizing (NearestResize) or for pairing with an image.
import CPixels

public enum Mask {
    /// How far the channels of a mask stored as RGB may differ: JPEG's rounding and chroma coding change grey by this much.
    public static let channelTolerance = 24

    /// 1 where the value is at least `threshold`, else 0; one channel, the same size.
    /// - Throws: `.notAMask` if the channels of an RGB mask differ by more than JPEG noise; it names the worst pixel.
    public static func binarise(_ raster: Raster, threshold: UInt8 = 128) throws(ImagingError) -> Raster {
        let grey = raster.channels == 1 ? raster : try greyOfEqualChannels(raster)
        return Raster.filling(width: grey.width, height: grey.height, channels: 1) { target in
            grey.pixels.withUnsafeBufferPointer { source in
                for i in 0..<target.count { target[i] = source[i] >= threshold ? 1 : 0 }
            }
        }
    }

    /// Like `binarise`, then resized by the nearest pixel. The whole raster is checked, but only the pixels that remain are converted.
    public static func binarise(_ raster: Raster, threshold: UInt8 = 128, width: Int, height: Int) throws(ImagingError) -> Raster {
        // If the channels are equal, any of them is the grey value.
        let spread = raster.channels == 1 ? 0 : try checkEqualChannels(raster)
        guard spread == 0 else {
            return try binarise(raster.resizedNearest(width: width, height: height), threshold: threshold)
        }
        let rows = Raster.nearestPositions(from: raster.height, to: height)
        let columns = Raster.nearestPositions(from: raster.width, to: width).map { $0 * Int32(raster.channels) }
        return Raster.filling(width: width, height: height, channels: 1) { target in
            raster.pixels.withUnsafeBufferPointer {
                vlpx_pick_binary(
                    $0.baseAddress, Int64(raster.width * raster.channels), rows, Int64(height), columns, Int64(width), Int32(threshold),
                    target.baseAddress)
            }
        }
    }

    private static func greyOfEqualChannels(_ raster: Raster) throws(ImagingError) -> Raster {
        try checkEqualChannels(raster)
        return raster.converted(toChannels: 1)
    }

    /// The largest difference between the channels of any pixel.
    @discardableResult
    private static func checkEqualChannels(_ raster: Raster) throws(ImagingError) -> Int {
        var index: Int64 = 0
        let worst = raster.pixels.withUnsafeBufferPointer {
            Int(vlpx_channel_spread($0.baseAddress, Int64(raster.width * raster.height), &index))
        }
        let worstIndex = Int(index)
        if worst > channelTolerance {
            let p = raster.pixels
            throw .notAMask(
                red: p[3 * worstIndex], green: p[3 * worstIndex + 1], blue: p[3 * worstIndex + 2], row: worstIndex / raster.width,
                column: worstIndex % raster.width, tolerance: channelTolerance)
        }
        return worst
    }

    /// The mask as a picture: 0 stays 0, all other values become 255.
    public static func picture(of mask: Raster) -> Raster {
        Raster(width: mask.width, height: mask.height, channels: mask.channels, pixels: mask.pixels.map { $0 == 0 ? 0 : 255 })
    }
}
