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

package enum SampleOrder {
    /// All sample numbers below `count`, shuffled over the whole set.
    package static func shuffled(count: Int, seed: UInt64, epoch: Int) -> [Int] {
        var order = Array(0..<count)
        var random = SplitMix(seed, UInt64(epoch), 1)
        order.shuffle(using: &random)
        return order
    }

    /// All sample numbers, shuffled so that a reader that goes through them has samples of at most `window` shards in hand: see
    /// docs/decisions/shuffle-window.md. Shards come in random order, one with every step, and stay for `window` steps; each step takes the next
    /// part of every shard that is there, and shuffles what it took.
    package static func shuffled(samplesPerShard counts: [Int], window: Int, seed: UInt64, epoch: Int) -> [Int] {
        let total = counts.reduce(0, +)
        guard window < counts.count else { return shuffled(count: total, seed: seed, epoch: epoch) }
        let window = max(1, window)
        var starts: [Int] = [], start = 0
        for count in counts {
            starts.append(start)
            start += count
        }
        var random = SplitMix(seed, UInt64(epoch), 4)
        let shards = Array(counts.indices).shuffled(using: &random)
        let samples = shards.map { shard in
            var random = SplitMix(seed, UInt64(epoch), UInt64(shard), 5)
            return (starts[shard]..<(starts[shard] + counts[shard])).shuffled(using: &random)
        }
        var order: [Int] = []
        order.reserveCapacity(total)
        for step in 0..<(shards.count + window - 1) {
            let first = order.count
            for place in max(0, step - window + 1)...min(step, shards.count - 1) {
                let part = step - place, all = samples[place]
                order += all[(all.count * part / window)..<(all.count * (part + 1) / window)]
            }
            var random = SplitMix(seed, UInt64(epoch), UInt64(step), 6)
            order[first...].shuffle(using: &random)
        }
        return order
    }
}
