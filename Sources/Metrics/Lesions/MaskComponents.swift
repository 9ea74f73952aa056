// The connected components of a mask: its lesions. 8-connected, so pixels that touch at a corner belong together, as in `prep stats`.
// Method: each row is split into runs of foreground; union-find joins a run with the runs that it touches in the row above. One pass over
// the pixels, then work only for each run.
// Invariant: components are numbered by their first pixel in row-major order, whatever the shape.

/// One component of a mask.
public struct MaskComponent: Sendable, Hashable {
    /// In pixels.
    public let area: Int
    public let bounds: PixelBox
}

public struct MaskComponents: Sendable {
    public let width: Int, height: Int
    /// In the order of their first pixels, row by row.
    public let components: [MaskComponent]
    /// Row by row, left to right; each with the index of its component.
    let runs: [ComponentRun]
    /// The index of each row's first run, and at the end the number of runs.
    let rowStarts: [Int]

    public init(_ mask: BinaryMask) {
        width = mask.width
        height = mask.height
        var forest = RunForest()
        forest.scan(mask)
        (runs, components) = forest.numbered()
        rowStarts = forest.rowStarts
    }

    public var count: Int { components.count }

    /// For each pixel 0 in the background, else 1 + the index of its component: the labels of `scipy.ndimage.label` with a 3x3 structure.
    public var labels: [Int32] {
        var labels = [Int32](repeating: 0, count: width * height)
        for run in runs {
            for column in run.start..<run.end { labels[run.row * width + column] = Int32(run.component + 1) }
        }
        return labels
    }
}

/// Foreground pixels that are neighbours in a row: columns start ..< end.
struct ComponentRun: Sendable {
    let row: Int, start: Int, end: Int
    let component: Int
}

/// The runs of a mask and the trees that join them. A root is the first run of its component.
private struct RunForest {
    private var parents: [Int] = [], rows: [Int] = [], starts: [Int] = [], ends: [Int] = []
    private(set) var rowStarts: [Int] = []

    mutating func scan(_ mask: BinaryMask) {
        let width = mask.width
        rowStarts.reserveCapacity(mask.height + 1)
        mask.pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<mask.height {
                var above = rowStarts.last ?? 0
                let aboveEnd = parents.count, line = row * width
                rowStarts.append(aboveEnd)
                var column = 0
                while true {
                    while column < width && pixels[line + column] == 0 { column += 1 }
                    guard column < width else { break }
                    let start = column
                    while column < width && pixels[line + column] != 0 { column += 1 }
                    let run = parents.count
                    parents.append(run)
                    rows.append(row)
                    starts.append(start)
                    ends.append(column)
                    // A run above that ends left of column start - 1 touches neither this run nor a later one.
                    while above < aboveEnd && ends[above] < start { above += 1 }
                    // The last run that touches may touch the next run of this row too, so `above` stays.
                    var touching = above
                    while touching < aboveEnd && starts[touching] <= column {
                        join(touching, run)
                        touching += 1
                    }
                }
            }
        }
        rowStarts.append(parents.count)
    }

    private mutating func root(_ run: Int) -> Int {
        var run = run
        while parents[run] != run {
            parents[run] = parents[parents[run]]
            run = parents[run]
        }
        return run
    }

    private mutating func join(_ one: Int, _ other: Int) {
        let one = root(one), other = root(other)
        parents[max(one, other)] = min(one, other)
    }

    /// The runs with the numbers of their components, and the components. A root comes before the other runs of its tree, so one pass in
    /// order numbers the components by their first pixels.
    mutating func numbered() -> ([ComponentRun], [MaskComponent]) {
        var numbers = [Int](repeating: 0, count: parents.count)
        var runs: [ComponentRun] = [], areas: [Int] = [], boxes: [PixelBox] = []
        runs.reserveCapacity(parents.count)
        for run in parents.indices {
            let first = root(run)
            let box = PixelBox(rows: rows[run]..<rows[run] + 1, columns: starts[run]..<ends[run])
            if first == run {
                numbers[run] = areas.count
                areas.append(box.width)
                boxes.append(box)
            } else {
                let number = numbers[first]
                numbers[run] = number
                areas[number] += box.width
                boxes[number] = boxes[number].union(box)
            }
            runs.append(ComponentRun(row: rows[run], start: starts[run], end: ends[run], component: numbers[run]))
        }
        return (runs, zip(areas, boxes).map { MaskComponent(area: $0, bounds: $1) })
    }
}
