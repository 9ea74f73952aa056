// The signed-rank test against SciPy, Holm's correction against statsmodels, spread over runs against NumPy.
import Metrics
import Randomness
import Testing

@Suite struct SignedRankTests {
    private let golden: SignificanceGolden

    init() throws { golden = try SignificanceGolden.read() }

    @Test func equalsSciPysDefault() {
        for wanted in golden.signedRanks {
            let test = SignedRankTest(wanted.differences)
            #expect(isNear(test.statistic, wanted.statistic) && isNear(test.positiveRanks, wanted.positiveRanks), "\(wanted.name)")
            for alternative in [SignedRankTest.Alternative.twoSided, .greater, .less] {
                let p = wanted.p[alternative.rawValue] ?? .nan, corrected = wanted.p[alternative.rawValue + "Corrected"] ?? .nan
                #expect(isNear(SignedRankTest(wanted.differences, alternative: alternative).p, p, 1e-9 * p + 1e-12), "\(wanted.name)")
                let normal = SignedRankTest(wanted.differences, alternative: alternative, method: .normal, continuityCorrection: true)
                #expect(isNear(normal.p, corrected, 1e-9), "\(wanted.name), corrected, \(alternative)")
            }
        }
    }

    @Test func exactMeansEverySignIsTried() {
        var random = SplitMix64(seed: 77)
        for count in 1...9 {
            let differences = (0..<count).map { _ in Double(random.index(below: 7) - 3) }
            let kept = differences.filter { $0 != 0 }, ranks = RankCorrelation.ranks(kept.map(abs))
            let found = zip(kept, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
            var below = 0.0, above = 0.0
            for signs in 0..<(1 << kept.count) {
                let sum = ranks.enumerated().reduce(0) { $0 + (signs >> $1.offset & 1 == 1 ? $1.element : 0) }
                below += sum <= found ? 1 : 0
                above += sum >= found ? 1 : 0
            }
            let wanted = min(1, 2 * min(below, above) / Double(1 << kept.count))
            #expect(isNear(SignedRankTest(differences, method: .exact).p, wanted, 1e-12))
        }
    }

    @Test func exchangedSidesGiveTheSame() {
        for wanted in golden.signedRanks {
            let test = SignedRankTest(wanted.differences), turned = SignedRankTest(wanted.differences.map { -$0 })
            #expect(isNear(test.p, turned.p, 1e-12) && test.statistic == turned.statistic && test.rankBiserial == -turned.rankBiserial)
            #expect(
                isNear(
                    SignedRankTest(wanted.differences, alternative: .greater).p,
                    SignedRankTest(wanted.differences.map { -$0 }, alternative: .less).p, 1e-12))
        }
    }

    @Test func choosesTheMethodAsSciPyDoes() {
        func method(_ count: Int, ties: Bool) -> SignedRankTest.Method {
            let differences: [Double] = (0..<count).map { index -> Double in ties && index == 1 ? 1 : Double(index + 1) }
            return SignedRankTest(differences).method
        }
        #expect(method(50, ties: false) == .exact && method(51, ties: false) == .normal)
        #expect(method(13, ties: true) == .exact && method(14, ties: true) == .normal)
        #expect(SignedRankTest((0..<14).map(Double.init)).method == .normal)
    }

    @Test func nothingDiffers() {
        for differences: [Double?] in [[], [0, 0], [nil], Array(repeating: 0, count: 60)] {
            let test = SignedRankTest(differences)
            #expect(test.p == 1 && test.pairs == 0 && test.statistic == 0 && test.rankBiserial == 0)
        }
        let test = SignedRankTest([0, nil, 1, -2])
        #expect(test.zeros == 1 && test.pairs == 2 && test.positiveRanks == 1 && test.negativeRanks == 2)
    }

    @Test func holmEqualsStatsmodels() {
        for wanted in golden.corrections {
            let adjusted = MultipleTests.holm(wanted.values)
            #expect(zip(adjusted, wanted.holm).allSatisfy { isNear($0, $1) } && adjusted.count == wanted.holm.count)
        }
        #expect(MultipleTests.holm([nil, 0.03, nil, 0.02]) == [nil, 0.04, nil, 0.04] && MultipleTests.holm([]).isEmpty)
    }

    @Test func spreadOverRunsEqualsNumPys() {
        let spread = RunSpread(golden.spread.values)
        #expect(isNear(spread?.mean, golden.spread.mean) && isNear(spread?.deviation, golden.spread.deviation))
        #expect(spread?.runs == golden.spread.values.count && spread?.lowest == golden.spread.values.min())
        #expect(RunSpread([nil]) == nil && RunSpread([]) == nil)
        #expect(RunSpread([2, nil])?.deviation == nil && RunSpread([2, nil])?.mean == 2 && RunSpread([2, 5])?.highest == 5)
    }
}
