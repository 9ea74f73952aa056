// The progress line's share of peak: over a second of steps, with a peak that is measured again where it cannot be right, and seldom.
import Testing
import Training

@Suite struct ShareOfPeakTests {
    @Test func stepsThatComeBackTogetherCountTogether() {
        var share = ShareOfPeak(operationsPerImage: 2) { 100 }
        share.add(images: 8, seconds: 5, now: 5)
        #expect(share.value == nil, "the first step carries start-up costs")
        share.add(images: 8, seconds: 0.75, now: 5.75)
        share.add(images: 8, seconds: 0, now: 5.75)
        #expect(share.value == nil)
        share.add(images: 8, seconds: 0.25, now: 6)
        #expect(share.value == 0.48)
        // A new stretch: the last value stands meanwhile.
        share.add(images: 100, seconds: 0, now: 6)
        #expect(share.value == 0.48)
        share.add(images: 0, seconds: 4, now: 10)
        #expect(share.value == 0.5)
    }

    @Test func aPeakThatStepsBeatIsMeasuredAgainAndSeldom() {
        var peaks = [10.0, 100, 50], measurements = 0
        var share = ShareOfPeak(operationsPerImage: 1) {
            measurements += 1
            return peaks.removeFirst()
        }
        share.add(images: 1, seconds: 1, now: 1)
        share.add(images: 40, seconds: 1, now: 2)
        #expect(share.value == 4 && measurements == 1, "twenty seconds must have gone by")
        share.add(images: 40, seconds: 1, now: 30)
        #expect(share.value == 0.4 && measurements == 2)
        share.add(images: 110, seconds: 1, now: 40)
        #expect(share.value == 1.1 && measurements == 2)
        share.add(images: 120, seconds: 1, now: 60)
        #expect(share.value == 1.2 && measurements == 3, "the higher of two measurements counts")
    }
}
