// The generator's sequences and its shuffle, held to values that must never change: published ones where there are any, else those of the
// same formulas in Python's integers.
import Randomness
import Testing

@Suite struct SplitMix64Tests {
    private func numbers(_ random: SplitMix64, _ count: Int) -> [UInt64] {
        var random = random
        return (0..<count).map { _ in random.next() }
    }

    /// The reference implementation's first numbers from the state 1234567.
    @Test func givesThePublishedSequence() {
        let wanted: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ]
        #expect(numbers(SplitMix64(state: 1_234_567), 5) == wanted)
        #expect(numbers(SplitMix64(state: 1_234_567).skipping(3), 2) == Array(wanted[3...]))
        #expect(SplitMix64.hash(1_234_567) == wanted[0] && SplitMix64.mixed(0) == 0 && SplitMix64.hash(0) == 16_294_208_416_658_607_535)
    }

    @Test func keysGiveTheSameSequencesForEver() {
        #expect(
            numbers(SplitMix64(seed: 1, stream: 0x5911), 3) == [
                15_391_848_100_376_673_354, 11_155_623_973_564_599_081, 13_150_868_232_048_748_618,
            ])
        #expect(
            numbers(SplitMix64(keys: 7, 3, 1), 3) == [11_179_434_551_830_368_955, 7_649_124_335_101_324_141, 7_068_955_313_107_132_308])
        var random = SplitMix64(seed: 5)
        #expect(random.unit() == 0.6106124939108885)
    }

    @Test func shufflesTheSameForEver() {
        var random = SplitMix64(seed: 42)
        #expect(random.shuffled(0..<12) == [3, 4, 2, 10, 8, 5, 11, 0, 7, 6, 1, 9])
        var tail = Array(0..<12)
        random = SplitMix64(keys: 1, 2, 6)
        random.shuffle(&tail, from: 4)
        #expect(tail == [0, 1, 2, 3, 9, 5, 6, 4, 8, 10, 11, 7])
    }

    /// Every order of four elements comes about equally often: 24 orders, 24,000 draws, each within five standard deviations of 1,000.
    @Test func shufflesWithoutBias() {
        var random = SplitMix64(seed: 9), counts: [[Int]: Int] = [:]
        for _ in 0..<24_000 { counts[random.shuffled(0..<4), default: 0] += 1 }
        #expect(counts.count == 24 && counts.values.allSatisfy { abs($0 - 1000) < 155 }, "\(counts.values.sorted())")
    }

    @Test func staysWithinBounds() {
        var random = SplitMix64(seed: 3), seen: Set<Int> = []
        for _ in 0..<1000 {
            #expect((0..<1).contains(random.unit()) && (2...3).contains(random.number(in: 2...3)))
            seen.insert(random.index(below: 7))
        }
        #expect(seen == Set(0..<7))
        var none: [Int] = [], one = [5]
        random.shuffle(&none)
        random.shuffle(&one)
        #expect(none.isEmpty && one == [5])
    }
}
