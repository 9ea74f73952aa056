// The order of samples in an epoch, and random numbers of one sample: pure functions of (seed, epoch, sample), never of threads or time.

/// splitmix64: small, fast, splittable by hashing.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    /// A generator of its own for every combination of keys.
    init(_ keys: UInt64...) {
        state = 0
        for key in keys { state = Self.mix(state ^ Self.mix(key)) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// Uniform in [0, 1).
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

enum SampleOrder {
    /// All sample numbers below `count`, shuffled over the whole set.
    static func shuffled(count: Int, seed: UInt64, epoch: Int) -> [Int] {
        var order = Array(0..<count)
        var random = SplitMix(seed, UInt64(epoch), 1)
        order.shuffle(using: &random)
        return order
    }
}
