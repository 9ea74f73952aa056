// One pass of an image through a network, and flips of pixels. Invariant: a flip is its own inverse.
import Text

package struct Pass: Sendable, Equatable {
    /// How the image is mirrored; its prediction is turned back.
    package var mirroring = Mirroring(horizontal: false, vertical: false)
    /// What the network reads; nil if it reads no text.
    package var caption: String?
    /// Whether dropout drops.
    package var dropout = false

    /// The image and its three flips, each with the caption of the flipped image. A flip for which the caption cannot be rewritten is left
    /// out.
    static func mirrored(caption: String?) -> [Pass] {
        [(false, false), (true, false), (false, true), (true, true)].compactMap { horizontal, vertical in
            let mirroring = Mirroring(horizontal: horizontal, vertical: vertical)
            guard let caption, horizontal || vertical else { return Pass(mirroring: mirroring, caption: caption) }
            guard case .caption(let rewritten) = MirroredCaption.rewrite(caption, mirroring) else { return nil }
            return Pass(mirroring: mirroring, caption: rewritten)
        }
    }
}

extension Mirroring {
    /// Values [H,W,C] of the mirrored picture.
    func applied<Value>(to values: [Value], width: Int, height: Int, channels: Int = 1) -> [Value] {
        guard horizontal || vertical else { return values }
        var result: [Value] = []
        result.reserveCapacity(values.count)
        for row in 0..<height {
            let start = (vertical ? height - 1 - row : row) * width * channels
            if horizontal {
                for column in (0..<width).reversed() {
                    for channel in 0..<channels { result.append(values[start + column * channels + channel]) }
                }
            } else {
                result += values[start..<start + width * channels]
            }
        }
        return result
    }
}
