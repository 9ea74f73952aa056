// Dice, IoU and accuracy from counts, over pixels and over images.
import Foundation
import Testing
import Training

@Suite struct MetricsTests {
    private let half = PixelCounts.comparing(prediction: [1, 1, 0, 0] as [UInt8], truth: [1, 0, 255, 0] as [UInt8])

    @Test func countsOfTwoMasks() {
        #expect(half == PixelCounts(truePositive: 1, falsePositive: 1, falseNegative: 1, trueNegative: 1))
        #expect(Dice.value(half) == 0.5)
        #expect(IntersectionOverUnion.value(half) == 1.0 / 3)
        #expect(Accuracy.value(half) == 0.5)
    }

    @Test func twoEmptyMasksAgree() {
        let empty = PixelCounts.comparing(prediction: [0, 0] as [UInt8], truth: [0, 0] as [UInt8])
        #expect(Dice.value(empty) == 1 && IntersectionOverUnion.value(empty) == 1 && Accuracy.value(empty) == 1)
    }

    @Test func sensitivityAndPrecisionCountWhatIsMissedAndWhatIsTooMuch() {
        let counts = PixelCounts(truePositive: 6, falsePositive: 2, falseNegative: 4, trueNegative: 88)
        #expect(Sensitivity.value(counts) == 0.6 && Precision.value(counts) == 0.75)
        let nothingFound = PixelCounts(falseNegative: 4, trueNegative: 96)
        #expect(Sensitivity.value(nothingFound) == 0 && Precision.value(nothingFound) == 0)
        let nothingThere = PixelCounts(trueNegative: 100)
        #expect(Sensitivity.value(nothingThere) == 1 && Precision.value(nothingThere) == 1)
    }

    @Test func pixelsAndImagesAreAveragedDifferently() {
        var metrics = SegmentationMetrics()
        metrics.add(PixelCounts(truePositive: 90, trueNegative: 10))
        metrics.add(PixelCounts(falsePositive: 5, falseNegative: 5, trueNegative: 90))
        #expect(metrics.images == 2)
        #expect(metrics["dice"] == 180.0 / 190)
        #expect(metrics["intersectionOverUnion"] == 0.9)
        #expect(metrics["accuracy"] == 0.95)
        #expect(metrics["meanImageDice"] == 0.5)
        #expect(metrics["meanImageIntersectionOverUnion"] == 0.5)
    }

    /// Every metric of the list: merging parts gives the whole, and names in files are its own.
    @Test func partsMergeToTheWhole() {
        func merged<M: Metric>(_ type: M.Type) -> (whole: Double?, merged: Double?) {
            let images = [
                PixelCounts(truePositive: 90, trueNegative: 10), PixelCounts(falsePositive: 5, falseNegative: 5, trueNegative: 90), half,
            ]
            .map { ScoredImage(counts: $0) }
            var whole = M(), first = M(), second = M()
            for image in images { whole.add(image) }
            first.add(images[0])
            for image in images[1...] { second.add(image) }
            first.merge(second)
            return (whole.value, first.value)
        }
        for type in Metrics.all {
            let values = merged(type)
            #expect(values.whole != nil && values.whole == values.merged, "\(type.name)")
        }
        let entries = SegmentationMetrics().entries
        #expect(Set(entries.map(\.name)).count == entries.count && Set(entries.map(\.column)).count == entries.count)
        #expect(entries.map(\.column) == ["dice", "iou", "accuracy", "sensitivity", "precision", "image_dice", "image_iou"])
    }
}
