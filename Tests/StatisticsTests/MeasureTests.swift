// The figures of a dataset, on lists and pictures small enough to count by hand.
import Datasets
import Imaging
import Statistics
import Testing
import Text

@Suite struct MeasureTests {
    @Test func distribution() {
        #expect(Distribution([]) == nil)
        let odd = Distribution([3, 1, 2])
        #expect(odd?.minimum == 1 && odd?.mean == 2 && odd?.median == 2 && odd?.maximum == 3)
        #expect(odd?.standardDeviation == (2.0 / 3).squareRoot())
        let even = Distribution([4, 1, 2, 10])
        #expect(even?.mean == 4.25 && even?.median == 3)
        // NumPy: percentile([1, 2, 4, 10], [5, 25, 75, 95]) = [1.15, 1.75, 5.5, 9.1].
        for (found, wanted) in [(even?.p5, 1.15), (even?.p25, 1.75), (even?.p75, 5.5), (even?.p95, 9.1)] {
            #expect(abs((found ?? 0) - wanted) < 1e-12)
        }
    }

    @Test func histograms() {
        #expect(Histogram([0, 0.024, 0.025, 1, -1], start: 0, width: 0.025, bins: 40).counts[0...1] == [3, 1])
        #expect(Histogram([0, 0.024, 0.025, 1, -1], start: 0, width: 0.025, bins: 40).counts.last == 1)
        let whole = Histogram(whole: [7, 5, 5, 9])
        #expect(whole.start == 5 && whole.counts == [2, 0, 1, 0, 1])
    }

    @Test func componentsTouchAtCorners() {
        #expect(MaskShape(Samples.mask("....", "....")).lesions == [])
        #expect(MaskShape(Samples.mask("#...", ".#..", "..#.")).lesions == [3])
        #expect(MaskShape(Samples.mask("#.#", ".#.", "#.#")).lesions == [5])
        #expect(MaskShape(Samples.mask("#..#", "....", "##.#")).lesions == [2, 1, 1, 1])
        // A U joins late; a ring holds an island that is not part of it.
        #expect(MaskShape(Samples.mask("#.#.", "#.#.", "###.")).lesions == [7])
        #expect(MaskShape(Samples.mask("#####", "#...#", "#.#.#", "#...#", "#####")).lesions == [16, 1])
        // The run below touches the last of several above only at the corner.
        #expect(MaskShape(Samples.mask("#.#..#", "...##.")).lesions == [4, 1])
        #expect(MaskShape(Samples.mask("#")).lesions == [1])
    }

    /// Against the slow way: spreading from pixel to pixel.
    @Test func componentsOfRandomMasks() {
        var state: UInt64 = 7
        for side in [5, 9, 17] {
            for _ in 0..<40 {
                let pixels = (0..<side * side).map { _ -> UInt8 in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return state >> 61 < 3 ? 1 : 0
                }
                let mask = Raster(width: side, height: side, channels: 1, pixels: pixels)
                var left = pixels, areas: [Int] = []
                for start in left.indices where left[start] != 0 {
                    var stack = [start], area = 0
                    left[start] = 0
                    while let place = stack.popLast() {
                        area += 1
                        for row in max(place / side - 1, 0)...min(place / side + 1, side - 1) {
                            for column in max(place % side - 1, 0)...min(place % side + 1, side - 1) where left[row * side + column] != 0 {
                                left[row * side + column] = 0
                                stack.append(row * side + column)
                            }
                        }
                    }
                    areas.append(area)
                }
                #expect(MaskShape(mask).lesions == areas.sorted(by: >))
            }
        }
    }

    @Test func shapeOfAMask() {
        let shape = MaskShape(Samples.mask("#...", "#...", "....", "..##"))
        #expect(shape.foreground == 0.25 && shape.lesions == [2, 2] && shape.pixels == 16)
        #expect(shape.cells == [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
        // A mask of 64x32: each cell of the 32x32 grid holds two pixels of a row.
        var wide = Raster(width: 64, height: 32, channels: 1)
        wide[0, 0] = 1
        for column in 62..<64 { wide[31, column] = 1 }
        let grid = MaskShape(wide).grid
        #expect(grid[0] == 0.5 && grid[32 * 32 - 1] == 1 && grid.reduce(0, +) == 1.5)
        #expect(MaskShape(Raster(width: 3, height: 3, channels: 1)).foreground == 0)
    }

    @Test func specksAreTinyBesideLargerOnes() {
        var mask = Raster(width: 100, height: 100, channels: 1)
        for row in 10..<40 { for column in 10..<40 { mask[row, column] = 1 } }
        #expect(MaskShape(mask).specks == 0)
        mask[90, 90] = 1
        #expect(MaskShape(mask).specks == 1 && MaskShape(mask).lesions == [900, 1])
        // Two pixels are 0.02 %: no speck any more. And what stands alone is no speck.
        mask[90, 91] = 1
        #expect(MaskShape(mask).specks == 0)
        var alone = Raster(width: 100, height: 100, channels: 1)
        alone[5, 5] = 1
        #expect(MaskShape(alone).specks == 0)
    }

    @Test func intensities() {
        let grey = IntensityHistogram(Raster(width: 2, height: 2, channels: 1, pixels: [0, 0, 100, 200]))
        let channel = ChannelIntensity.measured([grey])
        #expect(channel.map(\.channel) == ["grey"] && channel[0].mean == 75)
        #expect(abs(channel[0].standardDeviation - 6875.0.squareRoot()) < 1e-9)
        #expect((channel[0].p1, channel[0].p25, channel[0].p50) == (0, 0, 0) && channel[0].p75 == 100 && channel[0].p99 == 200)
        #expect(channel[0].histogram[0] == 0.5 && channel[0].histogram[12] == 0.25 && channel[0].histogram[25] == 0.25)
        // Grey stored as RGB is grey; one coloured pixel makes three channels. Images count alike, whatever their size.
        #expect(IntensityHistogram(Raster(width: 1, height: 2, channels: 3, pixels: [5, 5, 5, 9, 9, 9])).channels == 1)
        let red = IntensityHistogram(Raster(width: 1, height: 1, channels: 3, pixels: [255, 0, 0]))
        let mixed = ChannelIntensity.measured([grey, red])
        #expect(mixed.map(\.channel) == ["red", "green", "blue"])
        #expect(mixed.map(\.mean) == [(75 + 255) / 2.0, 37.5, 37.5])
        #expect(ChannelIntensity.measured([]).isEmpty)
    }

    @Test func words() {
        let counts = WordCounts(["One polyp, one flat.", "a Polyp"])
        #expect(counts.distinct == 4 && counts.once == ["a", "flat"])
        #expect(counts.frequent.map { "\($0.word) \($0.count) \($0.captions)" } == ["one 2 1", "polyp 2 2", "a 1 1", "flat 1 1"])
    }

    @Test func partsAndAll() {
        let wide = Raster(width: 50, height: 40, channels: 3, filledWith: 7)
        let statistics = DatasetStatistics(
            name: "x", source: .manifest, path: "m/x.jsonl",
            measures: [
                Samples.measure("a", mask: Raster(width: 40, height: 40, channels: 1)),
                Samples.measure("b", mask: Raster(width: 50, height: 40, channels: 1, filledWith: 1), image: wide, caption: "a  polyp "),
                Samples.measure("c", .test, caption: "two polyps, lower right.."),
            ])
        #expect(statistics.train.samples == 2 && statistics.val.samples == 0 && statistics.test.samples == 1 && statistics.all.samples == 3)
        #expect(statistics.all.sizes == ["40x40": 2, "50x40": 1])
        #expect(statistics.all.grey == 1 && statistics.all.colour == 2 && statistics.all.greyStoredAsColour == 1)
        let masks = statistics.train.masks
        #expect(masks.empty == 1 && masks.foreground?.mean == 0.5 && masks.backgroundToForeground == 1)
        #expect(masks.lesionHistogram == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0] && masks.heatMap.allSatisfy { $0 == 0.5 })
        #expect(masks.lesionPixels?.maximum == 2000 && masks.lesionShare?.minimum == 1)
        #expect(statistics.val.masks.foreground == nil && statistics.val.masks.heatMap.isEmpty)
        #expect(
            statistics.train.captions.distinct == 1 && statistics.train.captions.mostRepeated == 2 && statistics.all.captions.distinct == 2)
        #expect(statistics.all.captions.words?.maximum == 4)
        #expect(statistics.all.captions.oddities == ["doubleBlank": 1, "trailingBlank": 1, "doubleFullStop": 1])
        #expect(statistics.all.captions.tokens == nil && statistics.all.captions.truncated == nil)
        #expect(statistics.suspicious.map(\.id) == ["b", "c", "a"])
        #expect(statistics.suspicious[0].concerns.map(\.kind) == [.uniformImage, .fullMask, .oddCaption])
        #expect(
            statistics.suspicious[1].concerns.map(\.text) == [
                "says lower right, where 0 % of the mask lies", "says 2, the mask has 1 lesion", "caption with a double full stop",
            ])
    }

    @Test func tokens() throws {
        let vocabulary = try Vocabulary(tokens: Vocabulary.specials + ["a", "polyp", "##s", "left"])
        let tokenizer = WordPieceTokenizer(vocabulary: vocabulary)
        #expect(TokenMeasure("a  polyps left", tokenizer: tokenizer, length: 6) == TokenMeasure(count: 6, isTruncated: false, unknown: 0))
        #expect(TokenMeasure("a polyps left", tokenizer: tokenizer, length: 5) == TokenMeasure(count: 6, isTruncated: true, unknown: 0))
        #expect(
            TokenMeasure("strange polyp here", tokenizer: tokenizer, length: 24) == TokenMeasure(count: 5, isTruncated: false, unknown: 2))
        let captions = PartStatistics([
            Samples.measure(tokens: TokenMeasure(count: 6, isTruncated: true, unknown: 1)),
            Samples.measure(tokens: TokenMeasure(count: 4, isTruncated: false, unknown: 0)),
        ]).captions
        #expect(captions.tokens?.mean == 5 && captions.truncated == 1 && captions.unknownWords == 1 && captions.withUnknownWords == 1)
        #expect(captions.tokenHistogram?.counts == [1, 0, 1])
    }
}
