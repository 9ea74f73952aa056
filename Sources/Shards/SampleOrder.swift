// The order of samples in an epoch: a pure function of (seed, epoch), never of threads or time.
import Randomness

package enum SampleOrder {
    /// Increased whenever the same seed would give another order: a run that began with another version cannot continue with the same
    /// batches.
    package static let version = 2

    /// All sample numbers below `count`, shuffled over the whole set.
    package static func shuffled(count: Int, seed: UInt64, epoch: Int) -> [Int] {
        var random = SplitMix64(keys: seed, UInt64(epoch), 1)
        return random.shuffled(0..<count)
    }

    /// All sample numbers, shuffled so that a reader needs the samples of at most `window` shards at a time: see
    /// docs/decisions/shuffle-window.md. Shards come in random order, one with every step, and stay for `window` steps. Each step takes the
    /// next part of every shard in the window, and shuffles what it took.
    package static func shuffled(samplesPerShard counts: [Int], window: Int, seed: UInt64, epoch: Int) -> [Int] {
        let total = counts.reduce(0, +)
        guard window < counts.count else { return shuffled(count: total, seed: seed, epoch: epoch) }
        let window = max(1, window)
        var starts: [Int] = [], start = 0
        for count in counts {
            starts.append(start)
            start += count
        }
        var random = SplitMix64(keys: seed, UInt64(epoch), 4)
        let shards = random.shuffled(counts.indices)
        let samples = shards.map { shard in
            var random = SplitMix64(keys: seed, UInt64(epoch), UInt64(shard), 5)
            return random.shuffled(starts[shard]..<(starts[shard] + counts[shard]))
        }
        var order: [Int] = []
        order.reserveCapacity(total)
        for step in 0..<(shards.count + window - 1) {
            let first = order.count
            for place in max(0, step - window + 1)...min(step, shards.count - 1) {
                let part = step - place, all = samples[place]
                let begin: Int = all.count * part / window, end: Int = all.count * (part + 1) / window
                order += all[begin..<end]
            }
            var random = SplitMix64(keys: seed, UInt64(epoch), UInt64(step), 6)
            random.shuffle(&order, from: first)
        }
        return order
    }
}
