// A mask: which pixels of an image are foreground. Every measure of this target takes masks in this form.
// Invariant: `pixels` holds width x height bytes, row by row, each 0 or 1, so that loops may use them in bit operations.

public struct BinaryMask: Sendable, Equatable {
    public let width: Int, height: Int
    /// 0: background, 1: foreground; row-major.
    public let pixels: [UInt8]

    /// Any value except 0 is foreground.
    /// - Parameter values: width x height values, row by row.
    /// - Throws: `MaskError.size` if a side is negative or their number is another.
    public init(width: Int, height: Int, values: [UInt8]) throws(MaskError) {
        let (area, overflow) = width.multipliedReportingOverflow(by: height)
        guard width >= 0, height >= 0, !overflow, area == values.count else {
            throw .size(width: width, height: height, values: values.count)
        }
        self.width = width
        self.height = height
        pixels = values.map { $0 == 0 ? 0 : 1 }
    }

    /// Rows of a given width; any value except 0 is foreground.
    /// - Parameter values: a whole number of rows.
    public init(values: [UInt8], width: Int) {
        let height = width > 0 ? values.count / width : 0
        precondition(width * height == values.count, "\(values.count) values in rows of \(width)")
        self.width = width
        self.height = height
        pixels = values.map { $0 == 0 ? 0 : 1 }
    }

    /// Foreground where a probability reaches the threshold.
    /// - Parameter probabilities: width x height values, row by row. NaN is background.
    /// - Throws: `MaskError.size` if a side is negative or their number is another.
    public init(width: Int, height: Int, probabilities: [Float], threshold: Float = 0.5) throws(MaskError) {
        try self.init(width: width, height: height, values: probabilities.map { $0 >= threshold ? 1 : 0 })
    }

    /// The number of foreground pixels.
    public var area: Int {
        pixels.withUnsafeBufferPointer { pixels in
            var sum = 0
            for pixel in pixels { sum += Int(pixel) }
            return sum
        }
    }

    /// The smallest box that contains all foreground; nil if there is none.
    public var bounds: PixelBox? {
        pixels.withUnsafeBufferPointer { pixels in
            var top = height, bottom = 0, left = width, right = 0
            for row in 0..<height {
                let line = UnsafeBufferPointer(rebasing: pixels[row * width..<(row + 1) * width])
                // One pass without branches finds the empty rows. The ends of the others are searched only outside the box so far.
                var any: UInt8 = 0
                for pixel in line { any |= pixel }
                guard any != 0 else { continue }
                top = min(top, row)
                bottom = row + 1
                for column in 0..<left where line[column] != 0 {
                    left = column
                    break
                }
                var end = width
                while end > right && line[end - 1] == 0 { end -= 1 }
                right = end
            }
            return bottom == 0 ? nil : PixelBox(rows: top..<bottom, columns: left..<right)
        }
    }
}
