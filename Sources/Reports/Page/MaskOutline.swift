// The border of a mask as an SVG path: the outline is sharp at every size and can be hidden. Not for measuring.
import Imaging

package enum MaskOutline {
    /// Closed paths along the pixel edges between inside and outside. The area beyond the picture counts as outside. Empty for an empty
    /// mask.
    /// - Parameter mask: one channel, non-zero is inside.
    package static func path(_ mask: Raster) -> String {
        let width = mask.width, height = mask.height, across = width + 1
        func inside(_ x: Int, _ y: Int) -> Bool { x >= 0 && y >= 0 && x < width && y < height && mask.pixels[y * width + x] != 0 }
        // Directed edges from corner to corner with the inside on their right; at most two edges leave a corner.
        var next: [Int: [Int]] = [:]
        for y in 0..<height {
            for x in 0..<width where inside(x, y) {
                let corner = y * across + x
                if !inside(x, y - 1) { next[corner, default: []].append(corner + 1) }
                if !inside(x + 1, y) { next[corner + 1, default: []].append(corner + 1 + across) }
                if !inside(x, y + 1) { next[corner + 1 + across, default: []].append(corner + across) }
                if !inside(x - 1, y) { next[corner + across, default: []].append(corner) }
            }
        }
        var path = ""
        for start in next.keys.sorted() {
            while let first = next[start]?.first {
                next[start]?.removeFirst()
                path += "M\(start % across) \(start / across)"
                var corner = first, direction = first - start
                while corner != start {
                    guard let leaving = next[corner], !leaving.isEmpty else { break }
                    let index = leaving.firstIndex { $0 - corner == direction } ?? 0, following = leaving[index]
                    next[corner]?.remove(at: index)
                    if following - corner != direction {
                        path += abs(direction) == 1 ? "H\(corner % across)" : "V\(corner / across)"
                        direction = following - corner
                    }
                    corner = following
                }
                path += "Z"
            }
        }
        return path
    }
}
