// Colours for numbers from 0 to 1: black, violet, red, yellow, white. Invariant: larger numbers are lighter, also in grey.
import Imaging

enum ColourRamp {
    /// Colours at equal distances.
    private static let stops: [RGBColour] = [
        RGBColour(red: 0, green: 0, blue: 0), RGBColour(red: 60, green: 15, blue: 110), RGBColour(red: 170, green: 35, blue: 95),
        RGBColour(red: 240, green: 110, blue: 40), RGBColour(red: 250, green: 205, blue: 70), RGBColour(red: 255, green: 255, blue: 235),
    ]

    /// The colour of a number; numbers beyond 0 and 1 are clamped, and what is no number counts as 0.
    static func colour(of share: Float) -> RGBColour {
        let place = min(1, max(0, share.isNaN ? 0 : share)) * Float(stops.count - 1)
        let lower = min(Int(place), stops.count - 2), weight = place - Float(lower)
        func mixed(_ channel: (RGBColour) -> UInt8) -> UInt8 {
            let low = Float(channel(stops[lower])), high = Float(channel(stops[lower + 1]))
            return UInt8((low + (high - low) * weight).rounded())
        }
        return RGBColour(red: mixed { $0.red }, green: mixed { $0.green }, blue: mixed { $0.blue })
    }

    /// An RGB picture of numbers in row-major order.
    static func picture(of shares: [Float], width: Int, height: Int) -> Raster {
        let table = (0...255).map { colour(of: Float($0) / 255) }
        return Raster(
            width: width, height: height, channels: 3,
            pixels: shares.flatMap { share -> [UInt8] in
                let colour = table[Int((min(1, max(0, share.isNaN ? 0 : share)) * 255).rounded())]
                return [colour.red, colour.green, colour.blue]
            })
    }
}
