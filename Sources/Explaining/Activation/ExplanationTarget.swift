// What a class activation map explains: the mean of the logits over a set of pixels.
import Imaging

public enum ExplanationTarget: Sendable, Equatable {
    /// The pixels that the network predicts as foreground. If it predicts none, the pixel with the largest logit.
    case prediction
    /// The pixels of a mask of the network's input size; non-zero is inside.
    case mask(Raster)
    /// One pixel of the network's input.
    case point(column: Int, row: Int)

    /// The pixels, as places in the row-major logits of one image. Empty for an empty mask or a point outside.
    public func pixels(logits: [Float], width: Int) -> [Int] {
        switch self {
        case .prediction:
            let inside = logits.indices.filter { logits[$0] > 0 }
            if !inside.isEmpty { return inside }
            return logits.indices.max { logits[$0] < logits[$1] }.map { [$0] } ?? []
        case .mask(let mask):
            precondition(mask.pixels.count == logits.count, "a mask of another size than the logits")
            return logits.indices.filter { mask.pixels[$0] != 0 }
        case .point(let column, let row):
            let place = row * width + column
            return (0..<width).contains(column) && logits.indices.contains(place) ? [place] : []
        }
    }
}
