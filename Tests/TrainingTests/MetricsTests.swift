// Dice, IoU and accuracy from counts, over pixels and over images.
import Foundation
import Testing
import Training

@Suite struct MetricsTests {
    private let half = PixelCounts.comparing(prediction: [1, 1, 0, 0] as [UInt8], truth: [1, 0, 255, 0] as [UInt8])

    @Test func countsOfTwoMasks() {
        #expect(half == PixelCounts(truePositive: 1, falsePositive: 1, falseNegative: 1, trueNegative: 1))
        #expect(half.dice == 0.5)
        #expect(half.intersectionOverUnion == 1.0 / 3)
        #expect(half.accuracy == 0.5)
    }

    @Test func twoEmptyMasksAgree() {
        let empty = PixelCounts.comparing(prediction: [0, 0] as [UInt8], truth: [0, 0] as [UInt8])
        #expect(empty.dice == 1 && empty.intersectionOverUnion == 1 && empty.accuracy == 1)
    }

    @Test func pixelsAndImagesAreAveragedDifferently() {
        var metrics = SegmentationMetrics()
        metrics.add(PixelCounts(truePositive: 90, trueNegative: 10))
        metrics.add(PixelCounts(falsePositive: 5, falseNegative: 5, trueNegative: 90))
        #expect(metrics.images == 2)
        #expect(metrics.dice == 180.0 / 190)
        #expect(metrics.intersectionOverUnion == 0.9)
        #expect(metrics.accuracy == 0.95)
        #expect(metrics.meanImageDice == 0.5)
        #expect(metrics.meanImageIntersectionOverUnion == 0.5)
    }
}
