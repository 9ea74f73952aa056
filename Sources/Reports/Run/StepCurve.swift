// The curve of a run's steps, in bounded memory: means over equal numbers of steps, whose number doubles as the run grows.
// Invariant: a function of the sequence of steps alone, so a resumed run has the curve of one that was not stopped.

package struct StepCurve: Sendable, Equatable {
    /// Buckets are at most this many.
    static let most = 320

    private struct Bucket: Sendable, Equatable {
        var count = 0
        var position = 0.0
        /// Aligned with `names`; later names may be missing at the end.
        var sums: [Double] = []
    }

    private var buckets: [Bucket] = []
    /// Steps in a full bucket.
    private var width = 1
    /// Of the values, in the order in which they appeared.
    package private(set) var names: [String] = []
    /// Steps in all.
    package private(set) var count = 0

    package init() {}

    /// - Parameters:
    ///   - position: in epochs: 1.5 is the middle of the second.
    ///   - values: the same names at each step.
    package mutating func add(position: Double, _ values: [(name: String, value: Double)]) {
        if buckets.last.map({ $0.count == width }) ?? true {
            if buckets.count == Self.most { halve() }
            buckets.append(Bucket())
        }
        var bucket = buckets.removeLast()
        bucket.count += 1
        bucket.position += position
        for (name, value) in values {
            let place = names.firstIndex(of: name) ?? names.count
            if place == names.count { names.append(name) }
            while bucket.sums.count <= place { bucket.sums.append(0) }
            bucket.sums[place] += value
        }
        buckets.append(bucket)
        count += 1
    }

    /// Joins neighbours; all buckets are full.
    private mutating func halve() {
        buckets = stride(from: 0, to: buckets.count, by: 2).map { index in
            var joined = buckets[index]
            let other = buckets[index + 1]
            joined.count += other.count
            joined.position += other.position
            for (place, sum) in other.sums.enumerated() {
                while joined.sums.count <= place { joined.sums.append(0) }
                joined.sums[place] += sum
            }
            return joined
        }
        width *= 2
    }

    /// The points of one name: position in epochs, and mean.
    package func points(_ name: String) -> [(x: Double, y: Double)] {
        guard let place = names.firstIndex(of: name) else { return [] }
        return buckets.compactMap { bucket in
            guard place < bucket.sums.count else { return nil }
            return (x: bucket.position / Double(bucket.count), y: bucket.sums[place] / Double(bucket.count))
        }
    }
}
