// What stops the making of a mask, a pair or a spacing. The texts are in MaskError+Description.swift.

public enum MaskError: Error, Sendable, CustomStringConvertible {
    /// The number of values is not width x height, or a side is negative.
    case size(width: Int, height: Int, values: Int)
    /// Truth and prediction do not have the same size.
    case differentSizes(truth: (width: Int, height: Int), prediction: (width: Int, height: Int))
    /// A distance between pixels that is not positive and finite.
    case spacing(row: Double, column: Double)
}
