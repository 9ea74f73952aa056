// The bins of the fine histogram for values in [0, 1]: narrow near 0 and near 1, because networks give most pixels a probability there.
// Invariant: the index never falls as the value rises, and values above 0.5 share no bin
// with others.

/// 31 octaves of 1,024 equal steps from 2^-32 to 0.5, and their mirror image from 0.5 to 1. Two values fall into one bin only if their
/// distances from the nearer end differ by less than 1/1,024 of that distance, or are below 2^-32. Every value of float32 above
/// 1 - 2^-14 has a bin of its own.
public enum ValueScale {
    private static let octaves = 31, stepBits = 10
    private static let half = octaves << stepBits
    /// The bits of a Float that tell steps of one octave apart are above this many others.
    private static let dropped = 23 - stepBits
    private static let first = Int((Float(sign: .plus, exponent: -32, significand: 1)).bitPattern >> UInt32(dropped))

    /// Number of bins.
    public static let count = 2 * half

    /// The bin of a value. Values outside [0, 1] are clamped; what is no number counts as 0.
    public static func index(_ value: Float) -> Int { index(clamped: min(1, max(0, value))) }

    private static func index(clamped value: Float) -> Int {
        // 1 - value is exact from 0.5 on.
        value > 0.5 ? count - 1 - lower(1 - value) : lower(value)
    }

    private static func lower(_ value: Float) -> Int {
        max(0, min(half - 1, Int(value.bitPattern >> UInt32(dropped)) - first))
    }
}
