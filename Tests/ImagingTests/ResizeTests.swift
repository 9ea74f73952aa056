// Resizing equals Pillow's bicubic and nearest sample for sample, and PyTorch's bicubic; grey conversion equals Pillow's.
import Files
import Imaging
import Testing

@Suite struct ResizeTests {
    @Test(arguments: Golden.all.resizes)
    func bicubicEqualsPillow(_ golden: Golden.Resize) {
        let source = TestRasters.noise(height: golden.height, width: golden.width, channels: golden.channels)
        let result = source.resizedBicubic(width: golden.newWidth, height: golden.newHeight)
        #expect(Digest.sha256(result.pixels) == golden.bicubic)
        let rowsFirst = source.resizedBicubic(width: golden.newWidth, height: golden.newHeight, order: .rowsFirst)
        #expect(Digest.sha256(rowsFirst.pixels) == golden.bicubicRowsFirst)
    }

    @Test(arguments: Golden.all.resizes)
    func nearestEqualsPillow(_ golden: Golden.Resize) {
        let source = TestRasters.noise(height: golden.height, width: golden.width, channels: golden.channels)
        let result = source.resizedNearest(width: golden.newWidth, height: golden.newHeight)
        #expect(Digest.sha256(result.pixels) == golden.nearest)
    }

    // Float sums in another order may round the other way at a tie, so samples may differ by 1.
    @Test(arguments: Golden.all.resizes)
    func referenceBicubicEqualsTorch(_ golden: Golden.Resize) {
        let source = TestRasters.noise(height: golden.height, width: golden.width, channels: golden.channels)
        let result = source.resizedBicubicReference(width: golden.newWidth, height: golden.newHeight)
        let step = max(1, result.pixels.count / 97)
        let samples = stride(from: 0, to: result.pixels.count, by: step).map { Int(result.pixels[$0]) }
        #expect(samples.count == golden.referenceSamples.count)
        let worst = zip(samples, golden.referenceSamples).map { abs($0 - $1) }.max() ?? 0
        #expect(worst <= 1)
    }

    @Test func greyEqualsPillow() {
        let source = TestRasters.noise(height: 64, width: 64, channels: 3)
        let grey = source.converted(toChannels: 1)
        #expect(Digest.sha256(grey.pixels) == Golden.all.greyOfNoise64)
        #expect(grey.converted(toChannels: 3).converted(toChannels: 1) == grey)
    }

    @Test func sameSizeIsACopy() {
        let source = TestRasters.noise(height: 9, width: 11, channels: 3)
        #expect(source.resizedBicubic(width: 11, height: 9) == source)
        #expect(source.resizedNearest(width: 11, height: 9) == source)
        #expect(source.resizedBicubicReference(width: 11, height: 9) == source)
    }
}
