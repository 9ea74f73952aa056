// Calibration without a peer: known cases, edges, merging, resolution of the fine histogram.
import Foundation
import Metrics
import Randomness
import Testing

@Suite struct CalibrationPropertyTests {
    @Test func nothingHasNoValue() {
        let score = CalibrationScore()
        #expect(score.expectedError() == nil && score.maximumError() == nil && score.adaptiveError() == nil)
        #expect(score.brier == nil && score.negativeLogLikelihood == nil && score.meanImageExpectedError() == nil)
        #expect(ThresholdCurve().bestForPixels == nil && LogitHistogram().fittedTemperature() == nil)
        #expect(score.histogram.ranking.areaUnderROC == nil && score.histogram.ranking.averagePrecision == nil)
        var empty = score
        empty.add(probabilities: [], truth: [])
        #expect(empty.images == 0 && empty.expectedError() == nil)
    }

    @Test func sureAndRightIsPerfect() {
        var score = CalibrationScore()
        score.add(probabilities: [0, 1, 1, 0], truth: [0, 1, 255, 0])
        for reading in CalibrationReading.allCases {
            #expect(score.expectedError(reading) == 0 && score.maximumError(reading) == 0 && isNear(score.adaptiveError(reading), 0))
        }
        #expect(score.brier == 0 && isNear(score.negativeLogLikelihood, 0, 2e-7))
    }

    @Test func sureAndWrongIsWorst() {
        var score = CalibrationScore()
        score.add(probabilities: [0, 1], truth: [1, 0])
        #expect(score.expectedError() == 1 && score.expectedError(.predictedClass) == 1 && score.brier == 1)
        #expect(isNear(score.negativeLogLikelihood, 23 * log(2.0), 1e-6))
    }

    @Test func onePixelAtOneHalfIsBackground() {
        var score = CalibrationScore()
        score.add(probabilities: [0.5], truth: [0])
        let bin = score.table.bins(.predictedClass)[7]
        #expect(bin.count == 1 && bin.confidence == 0.5 && bin.frequency == 1)
        #expect(score.adaptiveError(.predictedClass) == 0.5)
        #expect(score.table.bins(.predictedClass).prefix(7).allSatisfy { $0.count == 0 && $0.gap == 0 })
    }

    @Test func valuesThatAreNoProbabilitiesAreClamped() {
        var score = CalibrationScore()
        score.add(probabilities: [.nan, -1, 2, .infinity, -.infinity], truth: [0, 0, 1, 1, 0])
        #expect(score.expectedError() == 0 && score.brier == 0 && score.pixels == 5)
        var curve = ThresholdCurve()
        curve.add(probabilities: [.nan, 7], truth: [0, 1])
        #expect(curve.points.allSatisfy { $0.dice == 1 })
        var logits = LogitHistogram()
        logits.add(logits: [.nan, .infinity, -.infinity, 1e9], truth: [0, 1, 0, 1])
        #expect(logits.fittedTemperature()?.isAtLimit == true)
    }

    @Test func gapsOfImagesThatCancelInTheSplitCountInTheMeanOfImages() {
        var score = CalibrationScore()
        score.add(probabilities: [0.5, 0.5], truth: [1, 1])
        score.add(probabilities: [0.5, 0.5], truth: [0, 0])
        #expect(score.expectedError() == 0 && score.meanImageExpectedError() == 0.5)
    }

    @Test func mergedPartsEqualTheWhole() {
        let images = DrawnPixels.images(0..<4)
        var whole = CalibrationScore(), parts = [CalibrationScore(), CalibrationScore()]
        var curve = ThresholdCurve(), curves = [ThresholdCurve(), ThresholdCurve()]
        var logits = LogitHistogram(), halves = [LogitHistogram(), LogitHistogram()]
        for (index, image) in images.enumerated() {
            whole.add(probabilities: image.probabilities, truth: image.truth)
            parts[index % 2].add(probabilities: image.probabilities, truth: image.truth)
            curve.add(probabilities: image.probabilities, truth: image.truth)
            curves[index % 2].add(probabilities: image.probabilities, truth: image.truth)
            logits.add(logits: image.logits, truth: image.truth)
            halves[index % 2].add(logits: image.logits, truth: image.truth)
        }
        parts[0].merge(parts[1])
        curves[0].merge(curves[1])
        halves[0].merge(halves[1])
        #expect(
            isNear(parts[0].expectedError(), whole.expectedError(), 1e-12) && isNear(parts[0].adaptiveError(), whole.adaptiveError(), 1e-12)
        )
        #expect(isNear(parts[0].brier, whole.brier, 1e-12) && parts[0].images == 4)
        #expect(isNear(parts[0].negativeLogLikelihood, whole.negativeLogLikelihood, 1e-12))
        #expect(zip(curves[0].points, curve.points).allSatisfy { $0.dice == $1.dice && isNear($0.meanImageDice, $1.meanImageDice, 1e-12) })
        #expect(isNear(halves[0].fittedTemperature()?.value, logits.fittedTemperature()?.value, 1e-9))
    }

    @Test func theFineScaleRisesWithTheValue() {
        var random = SplitMix64(seed: 3),
            values: [Float] = [0, 1, 0.5, 0x1p-32, 0x1p-33, 1 - 0x1p-24, Float(0.5).nextDown, Float(0.5).nextUp]
        for _ in 0..<2000 { values.append(Float(pow(random.unit(), 12))) }
        values += values.map { 1 - $0 }
        values.sort()
        for (a, b) in zip(values, values.dropFirst()) {
            let (i, j) = (ValueScale.index(a), ValueScale.index(b))
            #expect(i <= j && i >= 0 && j < ValueScale.count)
            let near = a > 0.5 ? 1 - a : a
            if i == j, near > 0x1p-31 { #expect(b - a <= near / 1000) }
        }
        #expect(ValueScale.index(0.5) == ValueScale.count / 2 - 1 && ValueScale.index(Float(0.5).nextUp) == ValueScale.count / 2)
        #expect(ValueScale.index(1 - 0x1p-24) < ValueScale.index(1) && ValueScale.index(-3) == 0 && ValueScale.index(.nan) == 0)
    }

    @Test func equalProbabilitiesAreSharedBetweenEqualMassBins() {
        let bins = Ranking(values: Array(repeating: 0.25, count: 10), positives: [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]).equalMassBins(3)
        #expect(bins.count == 3 && bins.allSatisfy { isNear($0.mass, 10 / 3) && isNear($0.confidence, 0.25) && isNear($0.frequency, 0.5) })
        let one = Ranking(values: [0.75], positives: [1]).equalMassBins(15)
        #expect(one.count == 15 && one.allSatisfy { isNear($0.confidence, 0.75, 1e-12) && isNear($0.frequency, 1, 1e-12) })
    }

    @Test func temperatureKeepsTheOrderAndTheMask() throws {
        var histogram = LogitHistogram()
        let pixels = DrawnPixels(image: 1)
        histogram.add(logits: pixels.logits, truth: pixels.truth)
        let temperature = try #require(histogram.fittedTemperature())
        #expect(temperature.value > 1 && temperature.after < temperature.before)
        #expect(temperature.probability(0) == 0 && temperature.probability(0.5) == 0.5 && temperature.probability(1) == 1)
        for p: Float in [0.01, 0.4, 0.6, 0.999] {
            #expect((temperature.probability(p) > 0.5) == (p > 0.5) && abs(temperature.probability(p) - 0.5) < abs(p - 0.5))
        }
        #expect(abs(temperature.probability(0.9) - temperature.probability(logit: 2.1972246)) < 1e-6)
        // Nearby temperatures are no better.
        for factor in [0.99, 1.01] {
            #expect(try #require(histogram.negativeLogLikelihood(temperature: temperature.value * factor)) > temperature.after)
        }
        var fromProbabilities = LogitHistogram()
        fromProbabilities.add(probabilities: pixels.probabilities, truth: pixels.truth)
        #expect(isNear(fromProbabilities.fittedTemperature()?.value, temperature.value, 5e-3 * temperature.value))
    }

    @Test func temperaturesWithoutAMinimumStopAtTheLimit() {
        var separable = LogitHistogram(), upsideDown = LogitHistogram(), zero = LogitHistogram()
        separable.add(logits: [-1, 2], truth: [0, 1])
        upsideDown.add(logits: [-1, 2], truth: [1, 0])
        zero.add(logits: [0, 0], truth: [1, 0])
        #expect(isNear(separable.fittedTemperature()?.value, 0.01) && separable.fittedTemperature()?.isAtLimit == true)
        #expect(isNear(upsideDown.fittedTemperature()?.value, 100) && upsideDown.fittedTemperature()?.isAtLimit == true)
        #expect(zero.fittedTemperature()?.value == 1 && zero.fittedTemperature()?.isAtLimit == false)
    }

    @Test func thresholdsAreExactAtTheirEdges() {
        var curve = ThresholdCurve()
        curve.add(probabilities: [0.25, Float(0.25).nextUp, 1], truth: [1, 1, 0])
        let points = curve.points
        #expect(points.count == 1024 && points[256].truePositive == 1 && points[255].truePositive == 2 && points[1023].falsePositive == 1)
        curve = ThresholdCurve()
        curve.add(probabilities: [0, 0], truth: [0, 0])
        #expect(curve.points.allSatisfy { $0.dice == 1 && $0.precision == 1 && $0.recall == 1 && $0.meanImageDice == 1 })
        #expect(curve.bestForPixels?.threshold == 0.5 && curve.bestForImages?.threshold == 0.5)
    }
}
