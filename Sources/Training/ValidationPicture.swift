// A validation sample as a picture for people: image with the outlines of truth and prediction, and the map of probabilities beside it.
import Imaging

struct ValidationPicture: Sendable {
    let id: String
    /// Of the sample's size, 1 or 3 channels.
    let image: Raster
    /// One channel of 0 and 1.
    let truth: Raster
    /// Of foreground, row by row.
    let probabilities: [Float]

    /// The prediction's outline; the truth has the usual colour.
    private static let predicted = RGBColour(red: 255, green: 96, blue: 32)

    /// PNG, twice as wide as the image.
    func png() throws(ImagingError) -> [UInt8] {
        let width = image.width, height = image.height
        let mask = Raster(width: width, height: height, channels: 1, pixels: probabilities.map { $0 > 0.5 ? 1 : 0 })
        let left = try Overlay.outline(
            mask: mask, on: try Overlay.outline(mask: truth, on: image), colour: Self.predicted)
        let grey = probabilities.map { UInt8(max(0, min(255, ($0 * 255).rounded()))) }
        let right = Raster(width: width, height: height, channels: 1, pixels: grey).converted(toChannels: 3)
        var joined = Raster(width: 2 * width, height: height, channels: 3)
        for row in 0..<height {
            let from = 3 * width * row, to = 2 * from
            joined.pixels.replaceSubrange(to..<to + 3 * width, with: left.pixels[from..<from + 3 * width])
            joined.pixels.replaceSubrange(to + 3 * width..<to + 6 * width, with: right.pixels[from..<from + 3 * width])
        }
        return try PNGEncoder.encode(joined)
    }
}
