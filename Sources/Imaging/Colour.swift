// Colour arithmetic in Pillow's integer formulas, so that pixels agree: RGB to grey (ITU-R 601-2 luma in 16-bit fixed point), grey to RGB,
// CMYK to RGB. Not for colour profiles: they are always ignored.

extension Raster {
    /// This raster with 1 (grey) or 3 (RGB) channels. Grey is (19595 R + 38470 G + 7471 B + 32768) >> 16; RGB repeats grey.
    /// - Precondition: `wanted` is 1 or 3, and so is this raster's channel count.
    public func converted(toChannels wanted: Int) -> Raster {
        precondition((wanted == 1 || wanted == 3) && (channels == 1 || channels == 3), "rasters have 1 or 3 channels")
        if wanted == channels { return self }
        return Raster.filling(width: width, height: height, channels: wanted) { target in
            pixels.withUnsafeBufferPointer { source in
                if wanted == 1 {
                    for i in 0..<target.count {
                        let red = UInt32(source[3 * i]), green = UInt32(source[3 * i + 1]), blue = UInt32(source[3 * i + 2])
                        target[i] = UInt8(truncatingIfNeeded: (red &* 19595 &+ green &* 38470 &+ blue &* 7471 &+ 0x8000) >> 16)
                    }
                } else {
                    for i in 0..<source.count {
                        let value = source[i]
                        target[3 * i] = value
                        target[3 * i + 1] = value
                        target[3 * i + 2] = value
                    }
                }
            }
        }
    }
}

extension Raster {
    /// The colours of palette indexes.
    /// - Precondition: every index has an entry.
    init(width: Int, height: Int, indexes: [UInt8], palette: [PaletteColour]) {
        self = Raster.filling(width: width, height: height, channels: 3) { target in
            for i in 0..<width * height {
                let colour = palette[Int(indexes[i])]
                target[3 * i] = colour.red
                target[3 * i + 1] = colour.green
                target[3 * i + 2] = colour.blue
            }
        }
    }
}

enum Colour {
    /// RGB from ink values. Each colour is (255 - K) minus the share of its ink: (255 - K) - round((255 - K) * ink / 255), as in Pillow.
    static func rgb(fromCMYK inks: [UInt8], width: Int, height: Int, inverted: Bool) -> Raster {
        let flip: UInt8 = inverted ? 255 : 0
        return Raster.filling(width: width, height: height, channels: 3) { target in
            inks.withUnsafeBufferPointer { source in
                for i in 0..<width * height {
                    let light = 255 - Int32(source[4 * i + 3] ^ flip)
                    for c in 0..<3 {
                        let product = Int32(source[4 * i + c] ^ flip) &* light &+ 128
                        target[3 * i + c] = UInt8(truncatingIfNeeded: max(0, light &- ((product >> 8 &+ product) >> 8)))
                    }
                }
            }
        }
    }
}
