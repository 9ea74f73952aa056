// The parts of Segmenting that need no model: resizing of probabilities, the mean mask.
import Imaging
import Segmenting
import TestSupport
import Testing
import Training

@Suite struct SegmentingTests {
    @Test func bilinearEqualsPyTorch() throws {
        for golden in try TrainingGolden.load().bilinear {
            let map = ProbabilityMap(width: golden.width, height: golden.height, values: golden.values)
                .resized(width: golden.newWidth, height: golden.newHeight)
            #expect(map.values.count == golden.result.count)
            for (value, wanted) in zip(map.values, golden.result) { #expect(abs(value - wanted) < 1e-6) }
        }
    }

    @Test func theThresholdIsExclusive() {
        #expect(ProbabilityMap(width: 3, height: 1, values: [0.5, 0.51, 0]).mask().pixels == [0, 1, 0])
    }

    @Test func theMeanMaskIsCutWhereDiceIsBest() {
        // Four masks; pixel 0 in all, pixel 1 in three, pixel 2 in one, pixel 3 in none. By hand: cut 4: 8/12, cut 3: 14/16, cut 1: 16/20.
        let best = MeanMask.best(sums: [4, 3, 1, 0], images: 4)
        #expect(best.mask == [1, 1, 0, 0])
        #expect(best.threshold == 0.75)
    }

    /// 16-bit images are scaled as the training images were; what would come out nearly black is never so without a word.
    @Test func sixteenBitImagesAreReducedAsInTraining() throws {
        func decoded(_ largest: Int, trained: Int?) throws -> (most: UInt8, notes: [String]) {
            let file = SixteenBitTIFF.grey([0, UInt16(largest / 2), UInt16(largest), 0], width: 2, height: 2)
            let (image, notes) = try Predictor.decode(file, path: "a.tif", trainedBits: trained)
            return (image.raster.pixels.max() ?? 0, image.notes.map { "\($0)" } + notes)
        }
        var (most, notes) = try decoded(2000, trained: 12)
        #expect(most == 125 && notes == ["16-bit samples that use 12 bits, scaled by those"])
        (most, notes) = try decoded(65_535, trained: 12)
        #expect(most == 255 && notes.contains("it uses 16 bits, but the training images used 12; it is scaled by its own bits"))
        (most, notes) = try decoded(4095, trained: nil)
        #expect(most == 255 && notes.contains { $0.contains("the checkpoint does not say") })
        (most, notes) = try decoded(16_383, trained: nil)
        #expect(most == 63 && notes.contains { $0.contains("it uses 14 of its 16 bits") })
        (most, notes) = try decoded(65_535, trained: nil)
        #expect(most == 255 && notes == ["16-bit samples reduced to their high byte"])
    }
}
