// What a changed caption does to a prediction, from two maps of probabilities.
import Explaining
import Imaging
import Segmenting
import Testing
import Text

@Suite struct WordEffectTests {
    private let before = ProbabilityMap(width: 2, height: 2, values: [0.9, 0.8, 0.1, 0.2])
    private let after = ProbabilityMap(width: 2, height: 2, values: [0.9, 0.3, 0.1, 0.1])

    @Test func differencesAreNewMinusOld() throws {
        let words = CaptionWords("one small polyp, left")
        let effect = WordEffect(
            .without(words.words[3]), caption: words.without(3), unchanged: nil, probabilities: after, original: before,
            truth: [1, 0, 0, 0])
        for (found, expected) in zip(effect.difference.values, [0, -0.5, 0, -0.1] as [Float]) { #expect(abs(found - expected) < 1e-6) }
        #expect(effect.area == 0.25 && effect.areaChange == -0.25)
        #expect(abs(effect.meanChange - 0.15) < 1e-6 && abs(effect.largestChange - 0.5) < 1e-6)
        // Two pixels before, one of them after: Dice 2/3 with each other and with the truth before.
        #expect(abs(effect.agreement - 2.0 / 3) < 1e-9 && effect.dice == 1)
        #expect(abs(try #require(effect.diceChange) - 1.0 / 3) < 1e-9)
        #expect(effect.title == "without \"left\"")
    }

    @Test func withoutATruthThereIsNoDice() {
        let effect = WordEffect(
            .variant(.mirrored), caption: "one polyp", unchanged: .noSide, probabilities: before, original: before, truth: nil)
        #expect(effect.dice == nil && effect.diceChange == nil && effect.agreement == 1 && effect.meanChange == 0)
        #expect(effect.unchanged == .noSide && effect.title == "left and right exchanged")
    }
}
