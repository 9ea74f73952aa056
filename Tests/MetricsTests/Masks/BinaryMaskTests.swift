// Masks, pairs, boxes and spacings: what is accepted, and what is computed from them.
import Foundation
import Metrics
import Randomness
import Testing

@Suite struct BinaryMaskTests {
    @Test func anyValueExceptZeroIsForeground() throws {
        let mask = try BinaryMask(width: 3, height: 1, values: [0, 255, 1])
        #expect(mask.pixels == [0, 1, 1])
        #expect(mask.area == 2)
    }

    @Test func probabilitiesReachTheThresholdInclusively() throws {
        #expect(try BinaryMask(width: 4, height: 1, probabilities: [0.5, 0.49, 1, .nan]).pixels == [1, 0, 1, 0])
        #expect(try BinaryMask(width: 2, height: 1, probabilities: [0.25, 0.2], threshold: 0.25).pixels == [1, 0])
    }

    @Test func anotherNumberOfValuesIsRefused() {
        for (width, height, count) in [(2, 2, 3), (-1, -4, 4), (0, 3, 1), (Int.max, 2, 0)] {
            #expect(throws: MaskError.self) { try BinaryMask(width: width, height: height, values: [UInt8](repeating: 0, count: count)) }
        }
    }

    @Test func anImageWithoutPixelsIsAMask() throws {
        let mask = try BinaryMask(width: 0, height: 0, values: [])
        #expect(mask.area == 0 && mask.bounds == nil)
        let pair = try MaskPair(truth: mask, prediction: mask)
        #expect(SurfaceDistances(pair).hausdorff() == 0)
        #expect(DistanceTransform.squaredDistances(to: mask) == [])
        #expect(LesionOverlaps(pair).counts(atIoU: 0.5) == LesionCounts())
        #expect(MaskComponents(mask).labels == [])
    }

    @Test func boundsAreThoseOfASearch() throws {
        var generator = SplitMix64(seed: 1)
        for (width, height) in testSizes {
            for share in [0, 0.02, 0.2, 1] {
                let mask = try BinaryMask.random(width: width, height: height, share: share, &generator)
                let places = mask.pixels.indices.filter { mask.pixels[$0] != 0 }
                let rows = places.map { $0 / width }, columns = places.map { $0 % width }
                let expected =
                    places.isEmpty
                    ? nil
                    : PixelBox(
                        rows: rows.min()!..<rows.max()! + 1, columns: columns.min()!..<columns.max()! + 1)
                #expect(mask.bounds == expected)
                #expect(mask.area == places.count)
            }
        }
    }

    @Test func masksOfDifferentSizesAreNoPair() throws {
        let wide = try BinaryMask(width: 3, height: 2, values: [0, 0, 0, 0, 0, 0])
        let tall = try BinaryMask(width: 2, height: 3, values: [0, 0, 0, 0, 0, 0])
        let error = #expect(throws: MaskError.self) { try MaskPair(truth: wide, prediction: tall) }
        #expect(
            error?.description
                == "the prediction is 2x3 pixels, the true mask 3x2; expected the same size: resize the prediction first")
        #expect(try MaskPair(truth: wide, prediction: wide).exchanged == MaskPair(truth: wide, prediction: wide))
    }

    @Test func spacingsArePositiveAndFinite() throws {
        for (row, column) in [(0, 1), (1, -1), (.nan, 1), (1, .infinity)] as [(Double, Double)] {
            #expect(throws: MaskError.self) { try Spacing(row: row, column: column) }
        }
        let spacing = try Spacing(row: 0.5, column: 2)
        #expect(spacing.pixelArea == 1)
        #expect(spacing.diagonal(width: 3, height: 7) == 5)
        #expect(try JSONDecoder().decode(Spacing.self, from: JSONEncoder().encode(spacing)) == spacing)
        #expect(throws: (any Error).self) { try JSONDecoder().decode(Spacing.self, from: Data(#"{"row": 0, "column": 1}"#.utf8)) }
    }
}
