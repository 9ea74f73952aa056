// Matching of lesions, counts, and groups by size and number.
import Metrics
import Randomness
import Testing

@Suite struct LesionTests {
    private static func overlaps(_ truth: [String], _ prediction: [String]) throws -> LesionOverlaps {
        LesionOverlaps(try MaskPair(truth: BinaryMask(rows: truth), prediction: BinaryMask(rows: prediction)))
    }

    @Test func theThresholdIsInclusive() throws {
        let overlaps = try Self.overlaps(["####"], ["##.."])
        #expect(overlaps.pairs.map(\.iou) == [0.5])
        #expect(overlaps.counts(atIoU: 0.5) == LesionCounts(truePositive: 1))
        #expect(overlaps.counts(atIoU: 0.51) == LesionCounts(falsePositive: 1, falseNegative: 1))
    }

    @Test func theGreatestOverlapIsMatchedFirst() throws {
        // The predicted lesion joins two true ones: it detects one of them, the larger.
        let overlaps = try Self.overlaps(["##.####"], ["#######"])
        let match = try #require(overlaps.matches(atIoU: 0.1).first)
        #expect(match.truth == 1 && match.prediction == 0 && match.iou == 4.0 / 7)
        #expect(overlaps.counts(atIoU: 0.1) == LesionCounts(truePositive: 1, falseNegative: 1))
    }

    @Test func tiesGoToTheFirst() throws {
        let overlaps = try Self.overlaps(["##.##"], ["#####"])
        #expect(overlaps.matches(atIoU: 0.1).map(\.truth) == [0])
        let split = try Self.overlaps(["#####"], ["##.##"])
        #expect(split.matches(atIoU: 0.1).map(\.prediction) == [0])
        #expect(split.counts(atIoU: 0.1) == LesionCounts(truePositive: 1, falsePositive: 1))
    }

    @Test func pixelsThatAreNotSharedAreNoOverlap() throws {
        let overlaps = try Self.overlaps(["##..", "...."], ["..##", "...."])
        #expect(overlaps.pairs.isEmpty)
        #expect(overlaps.counts(atIoU: 0) == LesionCounts(falsePositive: 1, falseNegative: 1))
    }

    @Test func sharesAndWhatIsUndefined() {
        let counts = LesionCounts(truePositive: 2, falsePositive: 1, falseNegative: 2)
        #expect(counts.sensitivity == 0.5 && counts.precision == 2.0 / 3 && counts.f1 == 4.0 / 7)
        let none = LesionCounts()
        #expect(none.sensitivity == nil && none.precision == nil && none.f1 == nil)
        let missed = LesionCounts(falseNegative: 1), false_ = LesionCounts(falsePositive: 1)
        #expect(missed.sensitivity == 0 && missed.precision == nil && missed.f1 == 0)
        #expect(false_.sensitivity == nil && false_.precision == 0 && false_.f1 == 0)
        #expect(counts + missed == LesionCounts(truePositive: 2, falsePositive: 1, falseNegative: 3))
    }

    @Test func everyLesionIsCountedOnce() throws {
        var generator = SplitMix64(seed: 8)
        let thirds = SizeThirds(lower: 2, upper: 5)
        for _ in 0..<60 {
            let pair = try MaskPair(
                truth: .random(width: 14, height: 12, share: 0.25, &generator),
                prediction: .random(width: 14, height: 12, share: 0.25, &generator))
            let overlaps = LesionOverlaps(pair)
            for iou in [0.05, 0.1, 0.3, 0.5, 1] {
                let counts = overlaps.counts(atIoU: iou)
                #expect(counts.truePositive + counts.falseNegative == overlaps.truth.count)
                #expect(counts.truePositive + counts.falsePositive == overlaps.prediction.count)
                #expect(overlaps.counts(atIoU: iou, by: thirds).values.reduce(LesionCounts(), +) == counts)
                // No pair of two free lesions is left over.
                let matches = overlaps.matches(atIoU: iou)
                for pair in overlaps.pairs where pair.iou >= iou {
                    #expect(matches.contains { $0.truth == pair.truth || $0.prediction == pair.prediction })
                }
            }
        }
    }

    @Test func aboveOneHalfThereIsNoChoice() throws {
        var generator = SplitMix64(seed: 9)
        for _ in 0..<40 {
            let truth = try BinaryMask.boxes(4, width: 16, height: 16, &generator)
            // The same with a few pixels changed.
            let values = truth.pixels.map { generator.unit() < 0.04 ? 1 - $0 : $0 }
            let overlaps = LesionOverlaps(
                try MaskPair(truth: truth, prediction: BinaryMask(width: 16, height: 16, values: values)))
            let above = overlaps.pairs.filter { $0.iou > 0.5 }
            #expect(Set(above.map(\.truth)).count == above.count && Set(above.map(\.prediction)).count == above.count)
            #expect(overlaps.matches(atIoU: 0.5.nextUp) == above)
        }
    }

    @Test func lesionsBySize() throws {
        // True: 1 pixel (missed), 3 pixels (found); predicted besides: 7 pixels.
        let overlaps = try Self.overlaps(["#.###........"], ["..###.#######"])
        let thirds = SizeThirds(lower: 1, upper: 6)
        #expect(
            overlaps.counts(atIoU: 0.5, by: thirds) == [
                .small: LesionCounts(falseNegative: 1), .medium: LesionCounts(truePositive: 1), .large: LesionCounts(falsePositive: 1),
            ])
        #expect(
            overlaps.counts(atIoU: 0.5, by: thirds, scale: 10)[.large] == LesionCounts(truePositive: 1, falsePositive: 1, falseNegative: 1))
    }

    @Test func thirdsOfASplitHaveEqualNumbers() throws {
        var generator = SplitMix64(seed: 10)
        let sizes = generator.shuffled((1...300).map(Double.init))
        let thirds = try #require(SizeThirds(ofSizes: sizes))
        for sizeClass in SizeClass.allCases { #expect(sizes.filter { thirds.sizeClass(of: $0) == sizeClass }.count == 100) }
        #expect(SizeThirds(ofSizes: []) == nil)
        let equal = try #require(SizeThirds(ofSizes: [4, 4, 4]))
        #expect(equal.sizeClass(of: 4) == .small && equal.sizeClass(of: 4.1) == .large)
    }

    @Test func numbersOfLesions() {
        #expect([0, 1, 2, 3, 40].map(LesionNumber.init) == [.none, .one, .two, .threeOrMore, .threeOrMore])
        #expect(LesionNumber.allCases.map(\.rawValue) == ["0", "1", "2", "3+"])
    }
}
