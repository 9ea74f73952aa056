// The distances of one row's pixels to the nearest source, as the lower envelope of parabolas.
// Method: P. Felzenszwalb, D. Huttenlocher, "Distance transforms of sampled functions", Theory of Computing 8 (2012). Two sweeps give the
// distance within each column. Along a row each column is then a parabola, and the squared distance is the least of these parabolas.
// Time is linear in the number of pixels.
// Invariant: with unit spacing and sides up to 100,000 all products are integers below 2^53, so results are exact. There is no division: a
// parabola d + (x - p)^2 is the line h - 2 p x with h = d + p^2, plus the common x^2, and the lower envelope of lines is a convex hull.

struct RowEnvelope {
    private let width: Int, rowSpacing: Double, columnSpacing: Double
    /// The distance to the nearest source of the same column, in rows; `none` or more if the column has no source.
    private let inColumn: UnsafeMutablePointer<Int32>
    /// The parabolas of the row: column, least value, and height of the line.
    private let places: UnsafeMutablePointer<Double>, depths: UnsafeMutablePointer<Double>, heights: UnsafeMutablePointer<Double>
    private var parabolas = 0

    private static let none: Int32 = 1 << 29

    /// Calls the body with an envelope of an image. Its memory is valid during the call only.
    /// - Parameter sources: width x height bytes; those that are not 0 are sources.
    static func withEnvelope(
        sources: [UInt8], width: Int, height: Int, spacing: Spacing, _ body: (inout RowEnvelope) -> Void
    ) {
        guard width > 0, height > 0, sources.count == width * height else { return }
        let inColumn = UnsafeMutablePointer<Int32>.allocate(capacity: width * height)
        let lines = UnsafeMutablePointer<Double>.allocate(capacity: 3 * width)
        defer {
            inColumn.deallocate()
            lines.deallocate()
        }
        sources.withUnsafeBufferPointer { sources in
            if let bytes = sources.baseAddress { sweep(bytes, width: width, height: height, into: inColumn) }
        }
        var envelope = RowEnvelope(
            width: width, rowSpacing: spacing.row, columnSpacing: spacing.column, inColumn: inColumn,
            places: lines, depths: lines + width, heights: lines + 2 * width)
        body(&envelope)
    }

    /// Down and up each column. The inner loops run along rows, so that the compiler makes vector code of them.
    private static func sweep(_ sources: UnsafePointer<UInt8>, width: Int, height: Int, into distances: UnsafeMutablePointer<Int32>) {
        for column in 0..<width { distances[column] = sources[column] != 0 ? 0 : none }
        for row in 1..<height {
            let line = distances + row * width, above = line - width, source = sources + row * width
            for column in 0..<width { line[column] = source[column] != 0 ? 0 : above[column] &+ 1 }
        }
        for row in stride(from: height - 2, through: 0, by: -1) {
            let line = distances + row * width, below = line + width
            for column in 0..<width { line[column] = min(line[column], below[column] &+ 1) }
        }
    }

    /// Makes the envelope of a row.
    mutating func build(row: Int) {
        let line = inColumn + row * width
        let squaredRow = rowSpacing * rowSpacing, squaredColumn = columnSpacing * columnSpacing
        // The upper two parabolas are kept in variables: a loop through memory would wait for each store.
        var count = 0
        var place = 0.0, height = 0.0, placeBelow = 0.0, heightBelow = 0.0
        for column in 0..<width {
            let rows = line[column]
            guard rows < Self.none else { continue }
            let newPlace = Double(column), distance = Double(rows)
            let depth = squaredRow * (distance * distance), newHeight = depth + squaredColumn * (newPlace * newPlace)
            // A parabola is nowhere the lowest if its line lies on or above the crossing of its neighbours' lines.
            while count >= 2 && (height - heightBelow) * (newPlace - place) >= (newHeight - height) * (place - placeBelow) {
                count -= 1
                place = placeBelow
                height = heightBelow
                if count >= 2 {
                    placeBelow = places[count - 2]
                    heightBelow = heights[count - 2]
                }
            }
            places[count] = newPlace
            depths[count] = depth
            heights[count] = newHeight
            count += 1
            placeBelow = place
            heightBelow = height
            place = newPlace
            height = newHeight
        }
        parabolas = count
    }

    /// The squared distance at a column of the row that was built. Columns must rise from call to call, with the same cursor, 0 at first.
    func value(at column: Int, from cursor: inout Int) -> Double {
        guard parabolas > 0 else { return .infinity }
        let place = Double(column)
        var best = value(of: cursor, at: place)
        while cursor + 1 < parabolas {
            let next = value(of: cursor + 1, at: place)
            if next > best { break }
            best = next
            cursor += 1
        }
        return best
    }

    private func value(of parabola: Int, at place: Double) -> Double {
        let across = columnSpacing * (place - places[parabola])
        return depths[parabola] + across * across
    }

    /// The squared distance at a single pixel, without an envelope: the neighbouring columns are searched outwards, until a column is
    /// farther away than the best source so far. This costs as many steps as the source is columns away.
    /// - Parameter steps: lowered by the steps of the search.
    /// - Returns: nil if more steps are needed.
    func searched(row: Int, column: Int, steps: inout Int) -> Double? {
        let line = inColumn + row * width
        let squaredRow = rowSpacing * rowSpacing
        func depth(_ column: Int) -> Double {
            let rows = line[column]
            return rows < Self.none ? squaredRow * (Double(rows) * Double(rows)) : .infinity
        }
        var best = depth(column), offset = 1
        while true {
            let across = columnSpacing * Double(offset), squared = across * across
            if squared >= best || (offset > column && column + offset >= width) { break }
            if offset <= column { best = min(best, depth(column - offset) + squared) }
            if column + offset < width { best = min(best, depth(column + offset) + squared) }
            offset += 1
            steps -= 1
            if steps < 0 { return nil }
        }
        return best
    }
}
