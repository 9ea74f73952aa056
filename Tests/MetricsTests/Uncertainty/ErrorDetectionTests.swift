// Does uncertainty find errors: areas under curves against scikit-learn, rank correlation against SciPy, risk and coverage against plain
// formulas and torch-uncertainty.
import Foundation
import Metrics
import Randomness
import Testing

@Suite struct ErrorDetectionTests {
    private let golden: UncertaintyGolden

    init() throws { golden = try UncertaintyGolden.read() }

    @Test func entropyAgainstErrorsEqualsScikitLearn() {
        let wanted = golden.detection
        var detection = ErrorDetection(), parts = [ErrorDetection(), ErrorDetection()]
        for number in wanted.firstImage..<wanted.firstImage + wanted.images {
            let image = DrawnPixels(image: number), p = image.probabilities
            let h = BinaryEntropy.normalised(BinaryEntropy.nats(of: p)), mask = p.map { $0 > 0.5 ? UInt8(1) : 0 }
            detection.add(uncertainties: h, predicted: mask, truth: image.truth)
            parts[number % 2].add(uncertainties: h, predicted: mask, truth: image.truth)
        }
        #expect(isNear(detection.errorRate, wanted.errorRate))
        #expect(isNear(detection.areaUnderROC, wanted.areaUnderROC, 1e-4))
        #expect(isNear(detection.averagePrecision, wanted.averagePrecision, 2e-4))
        parts[0].merge(parts[1])
        #expect(isNear(parts[0].areaUnderROC, detection.areaUnderROC, 1e-12) && parts[0].errors == detection.errors)
    }

    @Test func tiesCountOneHalfAsInScikitLearn() {
        for wanted in golden.ties {
            let exact = Ranking(values: wanted.values, positives: wanted.positives)
            #expect(isNear(exact.areaUnderROC, wanted.areaUnderROC) && isNear(exact.averagePrecision, wanted.averagePrecision))
            // Values this far apart have bins of their own, so that the histogram is exact too.
            var histogram = TwoClassHistogram()
            histogram.add(values: wanted.values, positives: wanted.positives)
            #expect(isNear(histogram.ranking.areaUnderROC, wanted.areaUnderROC))
        }
        #expect(
            isNear(golden.ties[0].areaUnderROC, bruteArea(golden.ties[0])) && isNear(golden.ties[1].areaUnderROC, bruteArea(golden.ties[1]))
        )
    }

    private func bruteArea(_ ties: UncertaintyGolden.Ties) -> Double {
        var won = 0.0, pairs = 0.0
        for i in ties.values.indices where ties.positives[i] == 1 {
            for j in ties.values.indices where ties.positives[j] == 0 {
                won += ties.values[i] > ties.values[j] ? 1 : ties.values[i] == ties.values[j] ? 0.5 : 0
                pairs += 1
            }
        }
        return won / pairs
    }

    @Test func theAreaNeedsErrorsAndRightPixels() {
        var detection = ErrorDetection()
        #expect(detection.errorRate == nil && detection.areaUnderROC == nil)
        detection.add(uncertainties: [0.1, 0.2], predicted: [1, 0], truth: [1, 0])
        #expect(detection.areaUnderROC == nil && detection.errorRate == 0 && detection.averagePrecision == nil)
        detection.add(uncertainties: [0.9], predicted: [1], truth: [0])
        #expect(detection.areaUnderROC == 1 && detection.averagePrecision == 1)
        // Sure pixels are told apart however sure they are.
        var sure = ErrorDetection()
        sure.add(uncertainties: [1e-8, 2e-8, 1e-9], predicted: [1, 0, 1], truth: [0, 0, 1])
        #expect(sure.areaUnderROC == 0.5)
    }

    @Test func ranksAndSpearmanEqualSciPys() {
        for wanted in golden.correlations {
            #expect(RankCorrelation.ranks(wanted.first) == wanted.ranks)
            #expect(isNear(RankCorrelation.spearman(wanted.first, wanted.second), wanted.spearman))
        }
        #expect(RankCorrelation.spearman([1], [2]) == nil && RankCorrelation.spearman([], []) == nil)
        #expect(RankCorrelation.spearman([1, 1, 1], [1, 2, 3]) == nil)
        #expect(RankCorrelation.spearman([1, 2, 3], [9, 8, 1]) == -1)
    }

    @Test func riskAndCoverageEqualPlainFormulasAndTorchUncertainty() throws {
        for wanted in golden.coverage {
            let curve = RiskCoverage(uncertainties: wanted.uncertainties, scores: wanted.dice)
            let points = curve.points
            #expect(points.count == wanted.risks.count && zip(points, wanted.risks).allSatisfy { isNear($0.risk, $1) })
            #expect(points.last?.coverage == 1 && isNear(curve.areaUnderCurve, wanted.areaUnderCurve))
            #expect(isNear(curve.idealAreaUnderCurve, wanted.idealAreaUnderCurve))
            #expect(isNear(curve.excessAreaUnderCurve, wanted.areaUnderCurve - wanted.idealAreaUnderCurve))
            let rows = curve.referrals([0.1, 0.5])
            #expect(isNear(rows[0].meanScore, wanted.rest10) && isNear(rows[1].meanScore, wanted.rest50))
            // torch-uncertainty integrates the same curve by trapezoids from 1/n to 1.
            let risks = points.map(\.risk), n = Double(risks.count)
            let inner = zip(risks, risks.dropFirst()).reduce(0) { $0 + ($1.0 + $1.1) / 2 } / (n - 1)
            #expect(isNear(inner, wanted.trapezoid))
            if let theirs = wanted.torchUncertainty { #expect(isNear(inner, theirs, 1e-6)) }
        }
    }

    @Test func equalUncertaintiesCountWithTheirMean() {
        let scores = [0.2, 0.9, 0.4, 0.8], uncertainties = [1.0, 0, 1, 1]
        let curve = RiskCoverage(uncertainties: uncertainties, scores: scores)
        let turned = RiskCoverage(uncertainties: uncertainties.reversed(), scores: scores.reversed())
        #expect(zip(curve.points, turned.points).allSatisfy { isNear($0.risk, $1.risk) })
        #expect(isNear(curve.referrals([0.5])[0].meanScore, (0.9 + 1.4 / 3) / 2))
        #expect(isNear(curve.points[3].risk, 1 - 2.3 / 4))
    }

    @Test func referralsOfNothingAndOfEverything() {
        let none = RiskCoverage(uncertainties: [0.5, 1], scores: [nil, nil])
        #expect(none.images == 0 && none.areaUnderCurve == nil && none.excessAreaUnderCurve == nil && none.points.isEmpty)
        #expect(none.referrals([0.1]).first?.referred == 0 && none.referrals([0.1]).first?.meanScore == nil)
        let one = RiskCoverage(uncertainties: [0.5, 2], scores: [0.75, nil])
        #expect(one.referrals([0, 1]).map(\.meanScore) == [0.75, nil] && one.areaUnderCurve == 0.25 && one.excessAreaUnderCurve == 0)
        #expect(one.referrals().count == 6)
    }
}
