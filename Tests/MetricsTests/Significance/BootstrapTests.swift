// Bootstrap intervals: SciPy's for the same resamples, the same whatever else is asked for, and about as often right as they claim.
import Foundation
import Metrics
import Randomness
import Testing

@Suite struct BootstrapTests {
    @Test func intervalsEqualSciPysForTheSameResamples() throws {
        for wanted in try SignificanceGolden.read().bootstraps {
            let bootstrap = Bootstrap(images: wanted.dice.count, groups: wanted.groups, resamples: wanted.resamples, seed: wanted.seed)
            #expect(bootstrap.draws(resample: 0) + bootstrap.draws(resample: 1) == wanted.draws, "\(wanted.name)")
            let known = wanted.dice.enumerated().map { $0 % 6 == 1 ? nil : $1 }
            let statistics: [BootstrapStatistic] = [
                .mean(wanted.dice), .ratio(of: wanted.parts, to: wanted.wholes), .mean(known), .meanDifference(wanted.other, wanted.dice),
            ]
            let estimates = bootstrap.estimates(statistics, level: wanted.level)
            for (estimate, golden) in zip(estimates, [wanted.mean, wanted.ratio, wanted.knownMean, wanted.difference]) {
                #expect(isNear(estimate?.value, golden[0]) && isNear(estimate?.low, golden[1]) && isNear(estimate?.high, golden[2]))
            }
            let paired = try #require(
                PairedComparison(wanted.other, against: wanted.dice, bootstrap: bootstrap, level: wanted.level))
            #expect(isNear(paired.p, wanted.differenceP) && isNear(paired.difference.low, wanted.difference[1]))
            #expect(paired.images == wanted.dice.count)
        }
    }

    private func values(_ count: Int, seed: UInt64) -> [Double] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in random.unit() }
    }

    @Test func anIntervalDoesNotDependOnOtherFigures() {
        let a = values(30, seed: 1), b = values(30, seed: 2)
        let bootstrap = Bootstrap(images: 30, resamples: 300, seed: 9)
        let together = bootstrap.estimates([.mean(b), .mean(a), .ratio(of: b, to: a)])
        #expect(bootstrap.estimates([.mean(a)])[0] == together[1] && bootstrap.estimates([.ratio(of: b, to: a)])[0] == together[2])
        #expect(Bootstrap(images: 30, resamples: 300, seed: 10).estimates([.mean(a)])[0] != together[1])
        // More resamples begin with the same ones.
        let longer = Bootstrap(images: 30, resamples: 400, seed: 9)
        #expect(longer.distributions([.mean(a)])[0].prefix(300) == bootstrap.distributions([.mean(a)])[0][...])
    }

    @Test func groupsOfOneImageAreImages() {
        let a = values(25, seed: 3)
        let plain = Bootstrap(images: 25, resamples: 200, seed: 4)
        let grouped = Bootstrap(images: 25, groups: (0..<25).map { "patient \($0)" }, resamples: 200, seed: 4)
        #expect(plain.estimates([.mean(a)]) == grouped.estimates([.mean(a)]))
        // Copies of an image in one group say nothing new: the interval does not shrink.
        let doubled = Bootstrap(images: 50, groups: (0..<50).map { $0 / 2 }, resamples: 200, seed: 4)
        let copies = doubled.estimates([.mean(a.flatMap { [$0, $0] })])[0], once = plain.estimates([.mean(a)])[0]
        #expect(isNear(copies?.low, once?.low) && isNear(copies?.high, once?.high) && doubled.units == 25)
    }

    @Test func patientsAreDrawnWhereTwoImagesAreOfOne() {
        let a = values(6, seed: 5)
        // An image of an unknown patient is drawn alone, two unknown ones are not one patient.
        let patients = Bootstrap(patients: ["x", nil, "y", "x", nil, "z"], resamples: 200, seed: 4)
        let groups = Bootstrap(images: 6, groups: [0, 1, 2, 0, 3, 4], resamples: 200, seed: 4)
        #expect(patients.estimates([.mean(a)]) == groups.estimates([.mean(a)]) && patients.drawsGroups && patients.units == 5)
        let plain = Bootstrap(images: 6, resamples: 200, seed: 4)
        for apart in [[nil, nil, nil, nil, nil, nil], ["u", "v", "w", "x", "y", nil]] {
            let images = Bootstrap(patients: apart, resamples: 200, seed: 4)
            #expect(images.estimates([.mean(a)]) == plain.estimates([.mean(a)]) && !images.drawsGroups && images.units == 6)
        }
        #expect(Bootstrap(patients: []).units == 0)
    }

    @Test func nothingToResampleHasNoInterval() {
        #expect(Bootstrap(images: 0).estimates([.mean([])]) == [nil])
        #expect(Bootstrap(images: 1).estimates([.mean([0.5])]) == [Estimate(value: 0.5)])
        #expect(Bootstrap(images: 3, groups: [7, 7, 7]).estimates([.mean([0, 0.5, 1])]) == [Estimate(value: 0.5)])
        #expect(Bootstrap(images: 2).estimates([.mean([nil, nil]), .ratio(of: [0, 0], to: [0, 0], ifEmpty: 1)])[0] == nil)
        let empty = Bootstrap(images: 2, resamples: 50).estimates([.ratio(of: [0, 0], to: [0, 0], ifEmpty: 1)])
        #expect(empty == [Estimate(value: 1, low: 1, high: 1)])
        // Resamples without the only known image are left out.
        #expect(Bootstrap(images: 2, resamples: 50).estimates([.mean([0.25, nil])]) == [Estimate(value: 0.25, low: 0.25, high: 0.25)])
    }

    @Test func anEstimateInJSONHasAllThreeKeys() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(Estimate(value: 0.5)), as: UTF8.self) == #"{"high":null,"low":null,"value":0.5}"#)
        let whole = Estimate(value: 0.5, low: 0.25, high: 1)
        #expect(try JSONDecoder().decode(Estimate.self, from: encoder.encode(whole)) == whole)
    }

    @Test func anyFunctionOfSumsCanBeResampled() throws {
        let tp = values(20, seed: 5), fp = values(20, seed: 6), fn = values(20, seed: 7), tn = values(20, seed: 8)
        let both = BootstrapStatistic(sums: [tp, fp, fn, tn]) { s in (s[0] / (s[0] + s[1] + s[2]) + s[3] / (s[3] + s[1] + s[2])) / 2 }
        let bootstrap = Bootstrap(images: 20, resamples: 100, seed: 1)
        let found = bootstrap.distributions([both])[0]
        for resample in [0, 57, 99] {
            let drawn = bootstrap.draws(resample: resample)
            func sum(_ column: [Double]) -> Double { drawn.reduce(0) { $0 + column[$1] } }
            let wrong = sum(fp) + sum(fn)
            #expect(isNear(found[resample], (sum(tp) / (sum(tp) + wrong) + sum(tn) / (sum(tn) + wrong)) / 2, 1e-12))
        }
        let difference = BootstrapStatistic.difference(.ratio(of: tp, to: fp), .mean(fn))
        let parts = bootstrap.distributions([.ratio(of: tp, to: fp), .mean(fn), difference])
        #expect(zip(parts[2], zip(parts[0], parts[1])).allSatisfy { isNear($0, ($1.0 ?? 0) - ($1.1 ?? 0), 1e-12) })
        #expect(try #require(bootstrap.difference(.difference(.mean(fn), .mean(fn)))).p == 1)
    }

    @Test func theIntervalHoldsTheTrueMeanAboutAsOftenAsItSays() {
        // 250 samples of 40 values of mean 1/2. The percentile interval of so few values is a little too short: about 94 of 100.
        var held = 0
        for trial in 0..<250 {
            let sample = values(40, seed: UInt64(1000 + trial))
            let estimate = Bootstrap(images: 40, resamples: 200, seed: UInt64(trial)).estimates([.mean(sample)])[0]
            if let low = estimate?.low, let high = estimate?.high, low <= 0.5, 0.5 <= high { held += 1 }
        }
        #expect(held > 221 && held < 248, "\(held) of 250")
    }

    @Test func pairsThatDifferAreFoundAndPairsThatDoNotAreNot() throws {
        let a = values(60, seed: 11), noise = values(60, seed: 12)
        let bootstrap = Bootstrap(images: 60, seed: 2)
        let better = zip(a, noise).map { $0 + 0.1 + 0.1 * ($1 - 0.5) }, same = zip(a, noise).map { $0 + 0.1 * ($1 - 0.5) }
        let clear = try #require(PairedComparison(better, against: a, bootstrap: bootstrap))
        #expect(clear.p == 2.0 / 2001 && clear.signedRanks.p < 1e-8 && clear.signedRanks.rankBiserial == 1)
        #expect(clear.difference.low ?? 0 > 0.08 && clear.difference.high ?? 1 < 0.12)
        let unclear = try #require(PairedComparison(same, against: a, bootstrap: bootstrap))
        #expect(unclear.p ?? 0 > 0.05 && unclear.signedRanks.p > 0.05)
        let equal = try #require(PairedComparison(a, against: a, bootstrap: bootstrap))
        #expect(equal.p == 1 && equal.signedRanks.p == 1 && equal.difference == Estimate(value: 0, low: 0, high: 0))
        let turned = try #require(PairedComparison(a, against: better, bootstrap: bootstrap))
        #expect(
            turned.p == clear.p && isNear(turned.difference.value, -clear.difference.value) && turned.signedRanks.p == clear.signedRanks.p)
        let holes = a.enumerated().map { $0 % 2 == 0 ? nil : $1 }
        #expect(PairedComparison(holes, against: better, bootstrap: bootstrap)?.images == 30)
        #expect(PairedComparison(a.map { _ in nil }, against: a, bootstrap: bootstrap) == nil)
    }
}
