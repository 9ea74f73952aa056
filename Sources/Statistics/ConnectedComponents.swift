// Lesions in a mask: connected components with 8-connectivity (pixels that touch at a corner belong together).
// Method: each row is split into runs of foreground. Union-find joins a run with the runs that it touches in the row above. One pass over
// the pixels.
import Imaging

public enum ConnectedComponents {
    /// The pixel counts of the components of the non-zero pixels, largest first.
    /// - Parameter mask: one channel.
    public static func areas(_ mask: Raster) -> [Int] {
        var parents: [Int] = [], sizes: [Int] = []
        func root(_ index: Int) -> Int {
            var index = index
            while parents[index] != index {
                parents[index] = parents[parents[index]]
                index = parents[index]
            }
            return index
        }
        var above: [Run] = []
        mask.pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<mask.height {
                var current: [Run] = [], first = 0, column = 0
                let line = row * mask.width
                while column < mask.width {
                    guard pixels[line + column] != 0 else {
                        column += 1
                        continue
                    }
                    let start = column
                    while column < mask.width && pixels[line + column] != 0 { column += 1 }
                    let label = parents.count
                    parents.append(label)
                    sizes.append(column - start)
                    // A run above that ends left of column start - 1 touches neither this run nor a later one.
                    while first < above.count && above[first].end < start { first += 1 }
                    var other = first
                    while other < above.count && above[other].start <= column {
                        parents[root(above[other].label)] = root(label)
                        other += 1
                    }
                    current.append(Run(start: start, end: column, label: label))
                }
                above = current
            }
        }
        var areas: [Int: Int] = [:]
        for index in parents.indices { areas[root(index), default: 0] += sizes[index] }
        return areas.values.sorted(by: >)
    }

    /// Columns start ..< end.
    private struct Run {
        let start: Int, end: Int, label: Int
    }
}
