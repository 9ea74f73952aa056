// The boundary of a mask: the foreground pixels of which at least one of the four neighbours is background.
// Convention: pixels outside the image are background, so that foreground at the image's border is boundary. This is the mask minus its
// erosion with a cross, as in MONAI and MetricsReloaded (`scipy.ndimage.binary_erosion`).

enum Boundary {
    /// The boundary pixels within a box, as bytes 0 and 1 of the box's size, row-major.
    /// - Parameter box: it lies within the mask and contains all foreground.
    static func pixels(of mask: BinaryMask, in box: PixelBox) -> [UInt8] {
        let width = box.width, padded = width + 2
        // A copy with a margin of background, so that every pixel has four neighbours. Row pointers let the compiler make vector code.
        let copy = [UInt8](unsafeUninitializedCapacity: padded * (box.height + 2)) { copy, count in
            copy.initialize(repeating: 0)
            count = copy.count
            mask.pixels.withUnsafeBufferPointer { pixels in
                guard let target = copy.baseAddress, let source = pixels.baseAddress else { return }
                for row in 0..<box.height {
                    let line = source + (box.rows.lowerBound + row) * mask.width + box.columns.lowerBound
                    (target + (row + 1) * padded + 1).update(from: line, count: width)
                }
            }
        }
        return [UInt8](unsafeUninitializedCapacity: width * box.height) { result, count in
            count = width * box.height
            copy.withUnsafeBufferPointer { copy in
                guard let target = result.baseAddress, let source = copy.baseAddress else { return }
                for row in 0..<box.height {
                    let line = source + (row + 1) * padded + 1, above = line - padded, below = line + padded
                    let edge = target + row * width
                    for column in 0..<width {
                        let inside = above[column] & below[column] & line[column - 1] & line[column + 1]
                        edge[column] = line[column] & (inside ^ 1)
                    }
                }
            }
        }
    }
}
