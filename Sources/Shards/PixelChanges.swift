// Flips, small rotations, contrast and brightness of one stored sample, in place. Masks take the nearest value and stay 0 and 1.
// Shape letters: H W rows and columns, C channels.
import Foundation
import Text

struct PixelChanges {
    /// uint8 [H,W,C].
    let image: UnsafeMutableBufferPointer<UInt8>
    /// uint8 [H,W].
    let mask: UnsafeMutableBufferPointer<UInt8>
    let width: Int, height: Int

    private var channels: Int { image.count / (width * height) }

    func mirror(_ mirroring: Mirroring) {
        if mirroring.horizontal {
            for row in 0..<height {
                Self.reverse(image, from: row * width * channels, count: width, size: channels)
                Self.reverse(mask, from: row * width, count: width, size: 1)
            }
        }
        if mirroring.vertical {
            Self.reverse(image, from: 0, count: height, size: width * channels)
            Self.reverse(mask, from: 0, count: height, size: width)
        }
    }

    /// Reverses the order of `count` items of `size` values each.
    private static func reverse(_ values: UnsafeMutableBufferPointer<UInt8>, from start: Int, count: Int, size: Int) {
        for item in 0..<(count / 2) {
            let first = start + item * size, second = start + (count - 1 - item) * size
            for value in 0..<size { values.swapAt(first + value, second + value) }
        }
    }

    /// Rotates around the centre: the image by bilinear interpolation with a repeated edge, the mask by the nearest value with zeros beyond
    /// its edge.
    func rotate(degrees: Double) {
        let channels = channels
        let oldImage = Array(image), oldMask = Array(mask)
        let sine = sin(degrees * .pi / 180), cosine = cos(degrees * .pi / 180)
        let centreX = Double(width - 1) / 2, centreY = Double(height - 1) / 2
        for row in 0..<height {
            let y = Double(row) - centreY
            for column in 0..<width {
                let x = Double(column) - centreX
                // The source position of this pixel. Rows grow downwards, so a positive angle rotates anticlockwise on the screen.
                let fromX = cosine * x - sine * y + centreX, fromY = sine * x + cosine * y + centreY
                let place = row * width + column
                let nearX = Int(fromX.rounded()), nearY = Int(fromY.rounded())
                let isInside = (0..<width).contains(nearX) && (0..<height).contains(nearY)
                mask[place] = isInside ? oldMask[nearY * width + nearX] : 0
                let heldX = min(max(fromX, 0), Double(width - 1)), heldY = min(max(fromY, 0), Double(height - 1))
                let left = Int(heldX), top = Int(heldY)
                let right = min(left + 1, width - 1), bottom = min(top + 1, height - 1)
                let partX = heldX - Double(left), partY = heldY - Double(top)
                for channel in 0..<channels {
                    func value(_ y: Int, _ x: Int) -> Double { Double(oldImage[(y * width + x) * channels + channel]) }
                    let upper = value(top, left) * (1 - partX) + value(top, right) * partX
                    let lower = value(bottom, left) * (1 - partX) + value(bottom, right) * partX
                    image[place * channels + channel] = UInt8((upper * (1 - partY) + lower * partY).rounded())
                }
            }
        }
    }

    /// value -> (mean + contrast * (value - mean)) * brightness, one mean for the whole image, clamped to 0...255.
    func scale(contrast: Double, brightness: Double) {
        guard !image.isEmpty else { return }
        let sum = image.reduce(0) { $0 + Int($1) }
        let mean = Double(sum) / Double(image.count)
        let table = (0...255).map { value -> UInt8 in
            let scaled = (mean + contrast * (Double(value) - mean)) * brightness
            return UInt8(min(max(scaled, 0), 255).rounded())
        }
        for index in image.indices { image[index] = table[Int(image[index])] }
    }
}
