// The exact Euclidean distance transform: for each pixel the distance to the nearest source. The arithmetic is in RowEnvelope.swift.

public enum DistanceTransform {
    /// The squared distance of each pixel centre to the nearest foreground pixel's centre, row-major: 0 in the foreground, infinite
    /// everywhere if there is no foreground. The unit is the square of the spacing's.
    ///
    /// Its square root equals `scipy.ndimage.distance_transform_edt` of the inverted mask.
    public static func squaredDistances(to mask: BinaryMask, spacing: Spacing = .pixels) -> [Double] {
        let width = mask.width
        return [Double](unsafeUninitializedCapacity: mask.pixels.count) { result, count in
            RowEnvelope.withEnvelope(sources: mask.pixels, width: width, height: mask.height, spacing: spacing) { envelope in
                for row in 0..<mask.height {
                    envelope.build(row: row)
                    let line = UnsafeMutableBufferPointer(rebasing: result[row * width..<(row + 1) * width])
                    var cursor = 0
                    for column in 0..<width { line[column] = envelope.value(at: column, from: &cursor) }
                }
            }
            count = mask.pixels.count
        }
    }
}
