// Measures of counts, and the list of metrics: over pixels, over images, over lesions; merged, and with intervals.
import Metrics
import Testing

@Suite struct MetricListTests {
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
        #expect(metrics["iou"] == 0.9)
        #expect(metrics["accuracy"] == 0.95)
        #expect(metrics["meanImageDice"] == 0.5)
        #expect(metrics["meanImageIou"] == 0.5)
    }

    @Test func backgroundCounts() {
        let counts = PixelCounts(truePositive: 6, falsePositive: 2, falseNegative: 2, trueNegative: 90)
        #expect(Specificity.value(counts) == 90.0 / 92 && Specificity.value(PixelCounts(truePositive: 4)) == 1)
        #expect(MeanIntersectionOverUnion.value(counts) == (6.0 / 10 + 90.0 / 94) / 2)
    }

    /// Two lesions of which one is found, one exact mask, one missed.
    private func images() throws -> [ScoredImage] {
        func mask(_ boxes: [(rows: Range<Int>, columns: Range<Int>)]) throws -> BinaryMask {
            var values = [UInt8](repeating: 0, count: 16 * 20)
            for box in boxes { for row in box.rows { for column in box.columns { values[row * 20 + column] = 1 } } }
            return try BinaryMask(width: 20, height: 16, values: values)
        }
        let left = (rows: 2..<8, columns: 1..<7), right = (rows: 9..<13, columns: 12..<18), near = (rows: 3..<8, columns: 1..<7)
        return try [
            MaskPair(truth: mask([left, right]), prediction: mask([near])), MaskPair(truth: mask([right]), prediction: mask([right])),
            MaskPair(truth: mask([left]), prediction: mask([])),
        ].map { try ScoredImage($0, tolerance: 1, millimetres: .init(spacing: Spacing(row: 0.5, column: 0.5), tolerance: 0.5)) }
    }

    /// Every metric of the list: merging parts gives the whole, and names in files are its own.
    @Test func partsMergeToTheWhole() throws {
        let images = try images()
        var whole = SegmentationMetrics(MetricList.all), first = SegmentationMetrics(MetricList.all), second = first
        for image in images { whole.add(image) }
        first.add(images[0])
        for image in images[1...] { second.add(image) }
        first.merge(second)
        #expect(first.images == 3 && first.counts == whole.counts)
        for (merged, entry) in zip(first.entries, whole.entries) {
            let value = try #require(entry.value), other = try #require(merged.value)
            // Counts are whole numbers; sums of an image's values may round otherwise in another order.
            #expect(entry.type.scope == .images ? abs(other - value) <= 1e-14 * abs(value) : other == value, "\(entry.type.key)")
        }
        let types = MetricList.all
        #expect(Set(types.map { $0.key }).count == types.count && Set(types.map { $0.column }).count == types.count)
        #expect(Set(types.compactMap { $0.reportName }).count == types.compactMap { $0.reportName }.count)
        #expect(
            MetricList.ofCounts.map { $0.column }.prefix(7)
                == ["dice", "iou", "accuracy", "sensitivity", "precision", "specificity", "mean_iou"])
    }

    @Test func distancesAreMeansOfTheImagesThatHaveThem() throws {
        var metrics = SegmentationMetrics(MetricList.all)
        for image in try images() { metrics.add(image) }
        let one = try images()[0]
        let distance = try #require(HausdorffDistance95.value(of: one))
        #expect(distance > 0 && metrics["meanImageHd95"] == distance / 2, "an exact mask has 0, a missed one no distance")
        #expect(metrics["meanImageNsd"] == (try #require(SurfaceDice.value(of: one)) + 1 + 0) / 3, "a missed one has NSD 0")
        // Half a millimetre a pixel, and half the tolerance.
        #expect(metrics["meanImageHd95Mm"] == metrics["meanImageHd95"].map { $0 / 2 })
        #expect(metrics["meanImageNsdMm"] == metrics["meanImageNsd"])
        #expect(metrics["lesionSensitivityAt50"] == 2.0 / 4 && metrics["lesionPrecisionAt50"] == 1)
    }

    /// Two pixels that are three rows and four columns apart, 2 mm and 0.5 mm each; an image of unknown spacing has no part in the mean.
    @Test func millimetresFollowRowsAndColumns() throws {
        func dot(_ row: Int, _ column: Int) throws -> BinaryMask {
            var values = [UInt8](repeating: 0, count: 8 * 8)
            values[row * 8 + column] = 1
            return try BinaryMask(width: 8, height: 8, values: values)
        }
        let masks = try MaskPair(truth: dot(1, 1), prediction: dot(4, 5)), spacing = try Spacing(row: 2, column: 0.5)
        let known = ScoredImage(masks, tolerance: 5, millimetres: .init(spacing: spacing, tolerance: 6))
        #expect(HausdorffDistance95.value(of: known) == 5 && AverageSurfaceDistanceInMillimetres.value(of: known) == 40.0.squareRoot())
        #expect(SurfaceDice.value(of: known) == 1 && SurfaceDiceInMillimetres.value(of: known) == 0)
        var table = MetricTable()
        table.add(known)
        table.add(ScoredImage(masks, tolerance: 5))
        #expect(table.imagesWithSurfaces == 2 && table.imagesWithMillimetres == 1)
        let estimates = table.estimates(Bootstrap(images: 2, resamples: 0))
        #expect(estimates.first { $0.metric.key == "meanImageHd95Mm" }?.estimate?.value == 40.0.squareRoot())
    }

    @Test func intervalsHoldTheValueAndEqualThatOfTheSums() throws {
        let images = try images()
        var table = MetricTable(), metrics = SegmentationMetrics(MetricList.all)
        for image in images {
            table.add(image)
            metrics.add(image)
        }
        #expect(table.images == 3 && table.imagesWithSurfaces == 2)
        let estimates = table.estimates(Bootstrap(images: 3, resamples: 200))
        for ((metric, estimate), entry) in zip(estimates, metrics.entries) {
            #expect(metric.key == entry.type.key && estimate?.value == entry.value)
            #expect(try #require(estimate?.low) <= #require(estimate?.high), "\(metric.key)")
        }
        let plain = table.estimates(Bootstrap(images: 3, resamples: 0))
        #expect(plain.map(\.estimate?.value) == estimates.map(\.estimate?.value) && plain.allSatisfy { $0.estimate?.low == nil })
    }

    /// A split without a lesion, true or predicted, has overlaps, and no figures of lesions.
    @Test func nothingToFindGivesNoFiguresOfLesions() throws {
        let empty = try BinaryMask(width: 4, height: 4, values: [UInt8](repeating: 0, count: 16))
        var metrics = SegmentationMetrics(MetricList.all)
        metrics.add(ScoredImage(try MaskPair(truth: empty, prediction: empty), tolerance: 1))
        #expect(metrics["dice"] == 1 && metrics["meanImageHd95"] == 0 && metrics["lesionF1At10"] == nil)
    }
}
