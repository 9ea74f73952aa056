// Draws a mask on an image: an outline along its border, or a tint over its area. Not for captions (TextRenderer) or grids (Reports).

/// An RGB colour.
public struct RGBColour: Sendable, Equatable {
    public let red: UInt8, green: UInt8, blue: UInt8

    public init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    public static let black = RGBColour(red: 0, green: 0, blue: 0)
    public static let white = RGBColour(red: 255, green: 255, blue: 255)
    /// A green that does not occur in tissue or grey scans.
    public static let outline = RGBColour(red: 64, green: 255, blue: 64)

    subscript(channel: Int) -> UInt8 { channel == 0 ? red : channel == 1 ? green : blue }
}

public enum Overlay {
    /// The thickness of an outline that shows on an image of any size.
    public static func thickness(on image: Raster) -> Int { max(1, min(image.width, image.height) / 250) }

    /// An RGB copy of `image` with the border of `mask` (non-zero = inside) drawn in `colour`: the mask pixels within `thickness` steps of
    /// the outside, in the four directions. The edge of the image does not count as outside, so a mask that fills the image has no outline.
    /// - Throws: `.sizesDiffer`.
    public static func outline(
        mask: Raster, on image: Raster, colour: RGBColour = .outline, thickness: Int = 1
    ) throws(ImagingError) -> Raster {
        try check(mask, image)
        let width = image.width, height = image.height, step = mask.channels
        var result = image.converted(toChannels: 3)
        var inside = (0..<width * height).map { mask.pixels[$0 * step] != 0 }
        for _ in 0..<max(thickness, 1) {
            var border: [Int] = []
            for row in 0..<height {
                for column in 0..<width where inside[row * width + column] {
                    let i = row * width + column
                    if (row > 0 && !inside[i - width]) || (row + 1 < height && !inside[i + width])
                        || (column > 0 && !inside[i - 1]) || (column + 1 < width && !inside[i + 1])
                    {
                        border.append(i)
                    }
                }
            }
            for i in border {
                inside[i] = false
                for c in 0..<3 { result.pixels[3 * i + c] = colour[c] }
            }
        }
        return result
    }

    /// An RGB copy of `image` with `colour` mixed into the area of `mask` (non-zero = inside) at `opacity` (0 to 1).
    /// - Throws: `.sizesDiffer`.
    public static func tint(
        mask: Raster, on image: Raster, colour: RGBColour = .outline, opacity: Double = 0.35
    ) throws(ImagingError) -> Raster {
        try check(mask, image)
        let share = Int((min(max(opacity, 0), 1) * 256).rounded()), step = mask.channels
        var result = image.converted(toChannels: 3)
        for i in 0..<image.width * image.height where mask.pixels[i * step] != 0 {
            for c in 0..<3 {
                let old = Int(result.pixels[3 * i + c])
                result.pixels[3 * i + c] = UInt8((old * (256 - share) + Int(colour[c]) * share + 128) >> 8)
            }
        }
        return result
    }

    private static func check(_ mask: Raster, _ image: Raster) throws(ImagingError) {
        if mask.width != image.width || mask.height != image.height {
            throw .sizesDiffer(
                first: "the mask", firstWidth: mask.width, firstHeight: mask.height, second: "the image", secondWidth: image.width,
                secondHeight: image.height)
        }
    }
}
