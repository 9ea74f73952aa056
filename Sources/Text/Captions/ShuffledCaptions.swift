// Gives every sample the caption of another sample.
// Invariants: a permutation, which depends on the seed and the list alone. As few samples as possible keep their own text: none, if no text
// belongs to more than half of the samples; otherwise 2c - n of n, where the commonest text has c samples.
import Randomness

enum ShuffledCaptions {
    /// "shuffle" in ASCII: other draws with the same seed are independent of this one.
    private static let stream: UInt64 = 0x73_6875_6666_6C65

    /// For each sample, the sample whose caption it gets.
    static func sources(_ captions: [String], seed: UInt64) -> [Int] {
        var numbers: [String: Int] = [:]
        let texts = captions.map { caption in
            let key = CaptionText.normalised(caption).lowercased()
            let number = numbers[key, default: numbers.count]
            numbers[key] = number
            return number
        }
        var random = SplitMix64(seed: seed, stream: stream)
        var sources = random.shuffled(texts.indices)
        // Each sample that has its own text exchanges with one for which that makes no new case. If there is no partner, every sample has
        // this text or gets it, and then 2c - n of them must have both: more exchanges cannot help.
        for place in texts.indices where texts[sources[place]] == texts[place] {
            let start = random.index(below: texts.count), own = texts[place]
            for step in texts.indices {
                let other = (start + step) % texts.count
                if texts[other] != own, texts[sources[other]] != own {
                    sources.swapAt(place, other)
                    break
                }
            }
        }
        return sources
    }
}
