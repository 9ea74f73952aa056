// Calibration errors, scores and curves of 15 drawn images of 1,024 pixels, against torchmetrics, netcal, torch-uncertainty, scikit-learn.
// Sums of float32 probabilities are in float64 on both sides, so that 1e-9 holds; where the peer computes in float32, 1e-6.
import Metrics
import Testing

@Suite struct CalibrationGoldenTests {
    private static let images = DrawnPixels.images(0..<15)
    private static let all = DrawnPixels.joined(images)
    private static let score = {
        var score = CalibrationScore()
        for image in images { score.add(probabilities: image.probabilities, truth: image.truth) }
        return score
    }()

    private let golden: CalibrationGolden
    private var images: [DrawnPixels] { Self.images }
    private var all: DrawnPixels { Self.all }
    private var score: CalibrationScore { Self.score }

    init() throws { golden = try CalibrationGolden.read() }

    @Test func bothSidesDrawTheSamePixels() {
        #expect(Array(all.probabilities.prefix(golden.probabilities.count)) == golden.probabilities)
        #expect(Array(all.logits.prefix(golden.logits.count)) == golden.logits)
        #expect(Array(all.truth.prefix(golden.truth.count)) == golden.truth)
        #expect(all.truth.reduce(0) { $0 + Int($1) } == golden.foreground && score.pixels == all.truth.count)
        #expect(images.count == golden.images && score.table.binCount == golden.bins)
    }

    @Test func errorsEqualTorchmetricsAndNetcal() {
        let wanted = golden.whole
        #expect(isNear(score.expectedError(), wanted.torchmetricsECE) && isNear(score.expectedError(), wanted.netcalECE))
        #expect(isNear(score.maximumError(), wanted.torchmetricsMCE) && isNear(score.maximumError(), wanted.netcalMCE))
        #expect(isNear(score.expectedError(.predictedClass), wanted.torchmetricsClassECE, 1e-5))
        #expect(isNear(score.maximumError(.predictedClass), wanted.torchmetricsClassMCE, 1e-5))
        #expect(isNear(score.expectedError(.predictedClass), wanted.numpyClassECE))
        #expect(isNear(score.maximumError(.predictedClass), wanted.numpyClassMCE))
        // netcal's ACE is the plain mean of the gaps of equal-width bins, another quantity than equal-mass bins.
        let gaps = score.table.bins().filter { $0.count > 0 }.map(\.gap)
        #expect(isNear(gaps.reduce(0, +) / Double(gaps.count), wanted.netcalACE))
    }

    @Test func errorsOfImagesEqualTorchmetrics() {
        for (image, wanted) in zip(images, golden.perImage) {
            var table = ReliabilityTable(bins: golden.bins)
            table.add(probabilities: image.probabilities, truth: image.truth)
            #expect(isNear(table.expectedError(), wanted))
        }
        #expect(isNear(score.meanImageExpectedError(), golden.perImage.reduce(0, +) / Double(golden.images)))
    }

    @Test func theReliabilityDiagramEqualsScikitLearns() {
        let bins = score.table.bins()
        #expect(bins.count == golden.curveConfidence.count && bins.reduce(0) { $0 + $1.count } == all.truth.count)
        for (index, bin) in bins.enumerated() {
            #expect(isNear(bin.confidence, golden.curveConfidence[index]) && isNear(bin.frequency, golden.curveFrequency[index]))
        }
    }

    @Test func scoresEqualScikitLearns() {
        #expect(isNear(score.brier, golden.brier))
        #expect(isNear(score.negativeLogLikelihood, golden.logLoss, 1e-6))
        var logits = ProperScores()
        logits.add(logits: all.logits, truth: all.truth)
        #expect(isNear(logits.negativeLogLikelihood, golden.logitLoss, 1e-7) && isNear(logits.brier, golden.brier, 1e-7))
        var clipped = ProperScores()
        clipped.add(probabilities: [0, 1, 1], truth: [1, 0, 1])
        #expect(isNear(clipped.negativeLogLikelihood, golden.clippedLoss, 1e-6))
    }

    @Test func adaptiveErrorsEqualTorchUncertaintysWithoutTies() {
        var seen: Set<Float> = []
        let p = all.probabilities, kept = p.indices.filter { seen.insert(p[$0]).inserted }.prefix(golden.distinct)
        let values = kept.map { p[$0] }, truth = kept.map { all.truth[$0] }
        #expect(isNear(Ranking(values: values, positives: truth).adaptiveCalibrationError(bins: golden.bins), golden.adaptive))
        let correct = zip(values, truth).map { ($0 > 0.5) == ($1 != 0) ? UInt8(1) : 0 }
        let confidences = Ranking(values: values.map { max($0, 1 - $0) }, positives: correct)
        #expect(isNear(confidences.adaptiveCalibrationError(bins: golden.bins), golden.torchUncertaintyACE, 1e-6))
        // The histogram's bins blur the edges of the equal-mass bins alone.
        var histogram = CalibrationScore(bins: golden.bins)
        histogram.add(probabilities: values, truth: truth)
        #expect(isNear(histogram.adaptiveError(), golden.adaptive, 2e-4))
        #expect(isNear(histogram.adaptiveError(.predictedClass), golden.torchUncertaintyACE, 2e-4))
    }

    @Test func rankedScoresEqualScikitLearns() {
        let exact = Ranking(values: all.probabilities, positives: all.truth)
        #expect(isNear(exact.averagePrecision, golden.averagePrecision) && isNear(exact.areaUnderROC, golden.areaUnderROC))
        #expect(isNear(exact.averagePrecision, golden.torchmetricsAveragePrecision, 1e-6))
        let binned = score.histogram.ranking
        #expect(isNear(binned.averagePrecision, golden.averagePrecision, 1e-4))
        #expect(isNear(binned.areaUnderROC, golden.areaUnderROC, 1e-5))
    }

    @Test func theThresholdCurveEqualsScikitLearnsAndPlainCounting() {
        var curve = ThresholdCurve()
        for image in images { curve.add(probabilities: image.probabilities, truth: image.truth) }
        let points = curve.points
        for (index, step) in golden.thresholds.enumerated() {
            let point = points[step]
            #expect(point.threshold == Double(step) / 1024)
            #expect(isNear(point.precision, golden.precision[index]) && isNear(point.recall, golden.recall[index]))
            #expect(isNear(point.dice, golden.pixelDice[index]) && isNear(point.meanImageDice, golden.imageDice[index]))
        }
        #expect(isNear(curve.bestForPixels?.dice, golden.bestForPixels.dice))
        #expect(curve.bestForPixels?.threshold == golden.bestForPixels.threshold)
        #expect(isNear(curve.bestForImages?.meanImageDice, golden.bestForImages.dice))
        #expect(curve.bestForImages?.threshold == golden.bestForImages.threshold)
    }

    @Test func temperaturesEqualSciPys() {
        for fit in golden.fits {
            var histogram = LogitHistogram()
            for image in images.prefix(fit.images) {
                histogram.add(logits: image.logits.map { $0 * fit.scale + fit.shift }, truth: image.truth)
            }
            let temperature = histogram.fittedTemperature()
            #expect(isNear(temperature?.value, fit.temperature, 1e-5 * fit.temperature), "\(fit.name)")
            #expect(isNear(temperature?.before, fit.before, 1e-5) && isNear(temperature?.after, fit.after, 1e-6), "\(fit.name)")
            #expect(temperature?.isAtLimit == false)
        }
    }
}
