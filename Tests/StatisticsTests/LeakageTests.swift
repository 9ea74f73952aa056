// Near copies are found, and only across splits.
import Datasets
import Imaging
import Statistics
import Testing

@Suite struct LeakageTests {
    /// A few soft spots whose places depend on the seed.
    private func picture(_ seed: Int, width: Int = 96, height: Int = 80, brighter: Int = 0) -> Raster {
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let u = Double(x) / Double(width), v = Double(y) / Double(height)
                var value = 60.0 + Double(brighter)
                for spot in 0..<4 {
                    let cx = Double((seed * 37 + spot * 59) % 97) / 97, cy = Double((seed * 71 + spot * 43) % 89) / 89
                    let distance = ((u - cx) * (u - cx) + (v - cy) * (v - cy)) * 30
                    value += 45 / (1 + distance)
                }
                pixels.append(UInt8(min(255, value)))
            }
        }
        return Raster(width: width, height: height, channels: 1, pixels: pixels)
    }

    @Test func copiesHashAlikeAndOthersDoNot() {
        let hash = PerceptualHash.hash(picture(1))
        #expect((hash ^ PerceptualHash.hash(picture(1, width: 192, height: 160))).nonzeroBitCount <= 4)
        #expect((hash ^ PerceptualHash.hash(picture(1, brighter: 20))).nonzeroBitCount <= 4)
        for seed in 2..<12 { #expect((hash ^ PerceptualHash.hash(picture(seed))).nonzeroBitCount > 8) }
    }

    @Test func onlyPairsAcrossSplitsAreListed() {
        let leakage = Leakage([
            ("d", .test, 0b1), ("a", .train, 0b0), ("b", .train, 0b0), ("far", .val, ~0), ("c", .val, 0b1111),
        ])
        #expect(leakage.pairs.map { "\($0.first) \($0.second) \($0.distance)" } == ["a d 1", "b d 1", "c d 3", "a c 4", "b c 4"])
        #expect(leakage.pairs[0].firstSplit == .train && leakage.pairs[0].secondSplit == .test)
    }

    @Test func smallPicturesHaveAHash() {
        #expect(PerceptualHash.hash(Raster(width: 1, height: 1, channels: 3, filledWith: 9)) == 0)
        _ = PerceptualHash.hash(picture(1, width: 7, height: 50))
    }
}
