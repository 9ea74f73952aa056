// Draws maps over images: values from 0 to 1 in colours from blue to red, signed values in blue (less) and red (more). Small values leave
// the image as it is.
import Imaging

package enum HeatColours {
    /// From 0 to 1 in equal steps.
    private static let ramp: [(Float, Float, Float)] = [
        (40, 60, 190), (30, 180, 210), (110, 215, 80), (250, 210, 50), (245, 120, 30), (200, 20, 25),
    ]
    private static let less: (Float, Float, Float) = (25, 85, 230), more: (Float, Float, Float) = (230, 25, 35)
    private static let opacity: Float = 0.7

    static func colour(_ value: Float) -> (Float, Float, Float) {
        let place = min(max(value, 0), 1) * Float(ramp.count - 1), low = min(Int(place), ramp.count - 2), weight = place - Float(low)
        let a = ramp[low], b = ramp[low + 1]
        return (a.0 + (b.0 - a.0) * weight, a.1 + (b.1 - a.1) * weight, a.2 + (b.2 - a.2) * weight)
    }

    /// An activation map over the image, in colours of its own: from its smallest to its largest value.
    package static func activation(_ map: HeatMap, on image: Raster) -> Raster {
        heat(map.scaled().resized(width: image.width, height: image.height).scaled(), on: image)
    }

    /// - Parameter map: of the image's size, values from 0 to 1.
    static func heat(_ map: HeatMap, on image: Raster) -> Raster {
        mixed(map, on: image.converted(toChannels: 3)) { value in (colour(value), opacity * min(max(value, 0), 1).squareRoot()) }
    }

    /// - Parameters:
    ///   - map: of the image's size.
    ///   - scale: the magnitude that gets the full colour.
    static func change(_ map: HeatMap, scale: Float, on image: Raster) -> Raster {
        mixed(map, on: image.converted(toChannels: 1).converted(toChannels: 3)) { value in
            (value < 0 ? less : more, opacity * min(1, abs(value) / max(scale, 1e-6)))
        }
    }

    private static func mixed(
        _ map: HeatMap, on image: Raster, _ paint: (Float) -> (colour: (Float, Float, Float), opacity: Float)
    ) -> Raster {
        precondition(map.width == image.width && map.height == image.height)
        var result = image
        for (pixel, value) in map.values.enumerated() {
            let (colour, opacity) = paint(value)
            for (channel, part) in [colour.0, colour.1, colour.2].enumerated() {
                let old = Float(result.pixels[3 * pixel + channel])
                result.pixels[3 * pixel + channel] = UInt8(max(0, min(255, (old + (part - old) * opacity).rounded())))
            }
        }
        return result
    }
}
