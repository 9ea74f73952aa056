// The numbers of a comparison: tests against SciPy, seeds, the choice of images.
import Foundation
import Metrics
import Testing

import Comparing

@Suite struct ComparisonTests {
    private struct Golden: Decodable {
        struct Test: Decodable { let difference: Double, p: Double, holm: Double, effect: Double, better: Int, worse: Int, equal: Int }
        struct Seeds: Decodable { let mean: Double, deviation: Double }
        let dice: [[Double]], tests: [Test], seeds: Seeds
    }

    @Test func aWholeComparisonEqualsSciPy() throws {
        let url = try #require(Bundle.module.url(forResource: "comparison", withExtension: "json", subdirectory: "Golden"))
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        let runs = golden.dice.enumerated().map { Comparisons.run("run\($0)", $1, seed: $0 < 3 ? UInt64($0) : nil) }
        let comparison = Comparisons.comparison(runs)
        #expect(comparison.tests.count == 4 && comparison.tests[0] == nil)
        for (test, wanted) in zip(comparison.tests.dropFirst(), golden.tests) {
            let test = try #require(test), ranks = test.paired.signedRanks
            #expect(abs(test.paired.difference.value - wanted.difference) < 1e-12)
            #expect(abs(ranks.p / wanted.p - 1) < 1e-8 && abs(test.holm / wanted.holm - 1) < 1e-8)
            #expect(abs(ranks.rankBiserial - wanted.effect) < 1e-10 && ranks.zeros == wanted.equal)
            let low = try #require(test.paired.difference.low), high = try #require(test.paired.difference.high)
            #expect(low < wanted.difference && wanted.difference < high)
        }
        // The table shows the same.
        let rows = comparison.testTable.rows.map { $0.cells.suffix(3).map(\.text) }
        #expect(rows == golden.tests.map { ["\($0.better)", "\($0.worse)", "\($0.equal)"] })
        let figure = try #require(ComparisonFigure.named("meanImageDice"))
        let spread = try #require(comparison.seeds.first?.spread(figure, in: comparison)), deviation = try #require(spread.deviation)
        #expect(comparison.seeds.map(\.members) == [[0, 1, 2]])
        #expect(abs(spread.mean - golden.seeds.mean) < 1e-12 && abs(deviation - golden.seeds.deviation) < 1e-12)
    }

    @Test func patientsAreDrawnWhereTheyAreKnown() throws {
        let first = [0.9, 0.8, 0.7, 0.2, 0.95, 0.6], second = [0.92, 0.85, 0.6, 0.5, 0.95, 0.1]
        let runs = [Comparisons.run("first", first), Comparisons.run("second", second)]
        let images = Comparisons.comparison(runs), patients = Comparisons.comparison(runs, patients: ["a", "a", "b", nil, "b", "a"])
        for (comparison, bootstrap) in [
            (images, Bootstrap(images: 6, resamples: 200)), (patients, Bootstrap(images: 6, groups: [0, 0, 1, 2, 1, 0], resamples: 200)),
        ] { #expect(comparison.tests[1]?.paired == PairedComparison(second, against: first, bootstrap: bootstrap)) }
        #expect(images.tests[1]?.paired.difference != patients.tests[1]?.paired.difference)
        #expect(images.text.contains("95 % intervals: percentile bootstrap, resampled: 6 images, 200 times."))
        #expect(patients.text.contains("95 % intervals: percentile bootstrap, resampled: 3 patients, 200 times."))
        #expect(patients.text.contains("takes the images of a patient as independent") && !images.text.contains("as independent"))
        let json = String(decoding: try patients.json(CaseSelection(patients, count: 0)), as: UTF8.self)
        #expect(json.contains("\"method\" : \"percentile bootstrap of patients\"") && json.contains("\"units\" : 3"))
        #expect(json.matches(of: /"patient" : "a"/).count == 6)
    }

    @Test func onlyRunsThatDifferBySeedAloneAreAGroup() {
        let dice: [Double?] = [0.5, 0.6]
        let runs = [
            Comparisons.run("a", dice, seed: 0), Comparisons.run("b", dice, seed: 1), Comparisons.run("c", dice, seed: 0, setting: "two"),
            Comparisons.run("d", dice, seed: 1, setting: "three"), Comparisons.run("e", dice, seed: 1, setting: "three"),
            Comparisons.run("f", dice),
        ]
        // d and e have the same seed: they are one run twice.
        #expect(Comparisons.comparison(runs).seeds == [SeedGroup(members: [0, 1])])
    }

    @Test func oneRunHasNoTests() {
        let comparison = Comparisons.comparison([Comparisons.run("only", [0.5, nil, 0.7])])
        #expect(comparison.tests.allSatisfy { $0 == nil } && comparison.tables.count == 1)
        #expect(CaseSelection(comparison, count: 2) == CaseSelection(comparison, count: 9))
        #expect(CaseSelection(comparison, count: 9).worst == [0, 2] && CaseSelection(comparison, count: 9).different.isEmpty)
    }

    @Test func worstAndMostDifferentImagesAreChosenOnce() {
        // Means 0.91, 0.825, 0.65, 0.35, 0.95, 0.35; differences 0.02, 0.05, 0.1, 0.3, 0, 0.5.
        let few = CaseSelection(Comparisons.two, count: 2), all = CaseSelection(Comparisons.two, count: 9)
        #expect(few.worst == [3, 5] && few.different == [2, 1])
        #expect(all.worst.count == 6 && all.different.isEmpty)
        #expect(CaseSelection(Comparisons.two, count: 1).worst == [3] && CaseSelection(Comparisons.two, count: 1).different == [5])
    }

    @Test func masksArePackedAndUnpacked() {
        for width in [1, 7, 64, 65] {
            let mask = Comparisons.panel("x", shifts: [2]).predictions[0].mask.resizedNearest(width: width, height: 9)
            #expect(PackedMask(mask).raster == mask)
        }
    }

    @Test func figuresAreNamedAsInAnEvaluation() {
        let keys = ComparisonFigure.all.map(\.key)
        #expect(Set(keys).count == keys.count)
        #expect(Set(MetricList.all.map { $0.key }).isSubset(of: keys))
        #expect(
            ComparisonFigure.shown.map(\.key)
                == ["parameters", "operations", "dice", "iou", "meanIou", "meanImageDice", "meanImageHd95", "ece", "imagesPerSecond"])
    }
}
