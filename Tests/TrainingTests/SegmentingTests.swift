// The parts of Segmenting that need no model: .npy, resizing of probabilities, the mean mask.
import Imaging
import Segmenting
import Testing
import Training

@Suite struct SegmentingTests {
    @Test func npyBytes() {
        let bytes = NPY.encode([1, -2.5], shape: [1, 2])
        #expect(bytes.count == 128 + 8)
        #expect(Array(bytes[0..<10]) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0])
        #expect(String(decoding: bytes[10..<128], as: UTF8.self).hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"))
        #expect(bytes[127] == 10)
        #expect(Array(bytes[128...]) == [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0])
    }

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
}
