// Images of different splits that look alike: they let a model be tested on what it was trained on.
import Datasets

public struct Leakage: Codable, Sendable, Equatable {
    public struct Pair: Codable, Sendable, Equatable {
        public let first: String, firstSplit: Split
        public let second: String, secondSplit: Split
        /// Bits of 63 in which the perceptual hashes differ; 0 is practically the same picture.
        public let distance: Int
    }

    /// Pairs up to this distance are listed.
    public let limit: Int
    /// By distance, then by id.
    public let pairs: [Pair]

    /// Compares every image with those of the other splits: N squared comparisons of 64 bits.
    public init(_ hashes: [(id: String, split: Split, hash: UInt64)], limit: Int = 4) {
        self.limit = limit
        var pairs: [Pair] = []
        for (index, one) in hashes.enumerated() {
            for other in hashes[(index + 1)...] where other.split != one.split {
                let distance = (one.hash ^ other.hash).nonzeroBitCount
                guard distance <= limit else { continue }
                let (a, b) = one.split < other.split ? (one, other) : (other, one)
                pairs.append(Pair(first: a.id, firstSplit: a.split, second: b.id, secondSplit: b.split, distance: distance))
            }
        }
        self.pairs = pairs.sorted { ($0.distance, $0.first, $0.second) < ($1.distance, $1.first, $1.second) }
    }

    /// By id: in words, which picture of another split it resembles most.
    var twins: [String: String] {
        var twins: [String: String] = [:]
        for pair in pairs {
            for (id, other, split) in [(pair.first, pair.second, pair.secondSplit), (pair.second, pair.first, pair.firstSplit)] where twins[id] == nil {
                twins[id] = "looks like \(other) of \(split.rawValue), distance \(pair.distance)"
            }
        }
        return twins
    }
}
