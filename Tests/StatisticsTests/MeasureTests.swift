// The figures of a dataset, on lists small enough to count by hand.
import Datasets
import Files
import Imaging
import Statistics
import TestSupport
import Testing
import Text

@Suite struct MeasureTests {
    @Test func distribution() {
        #expect(Distribution([]) == nil)
        let odd = Distribution([3, 1, 2])
        #expect(odd?.minimum == 1 && odd?.mean == 2 && odd?.median == 2 && odd?.maximum == 3)
        let even = Distribution([4, 1, 2, 10])
        #expect(even?.mean == 4.25 && even?.median == 3)
    }

    private func sample(
        _ id: String, _ split: Split, width: Int = 10, channels: Int = 3, foreground: Double = 0.5, caption: String = "a polyp",
        tokens: TokenMeasure? = nil
    ) -> SampleMeasure {
        SampleMeasure(
            id: id, split: split, width: width, height: 20, channels: channels, foreground: foreground, caption: caption, tokens: tokens)
    }

    @Test func partsAndAll() {
        let statistics = DatasetStatistics(name: "x", source: .manifest, path: "m/x.jsonl", measures: [
            sample("a", .train, foreground: 0), sample("b", .train, width: 30, foreground: 0.25, caption: "a  polyp "),
            sample("c", .test, channels: 1, caption: "two polyps, left.."),
        ])
        #expect(statistics.train.samples == 2 && statistics.val.samples == 0 && statistics.test.samples == 1 && statistics.all.samples == 3)
        #expect(statistics.all.sizes == ["10x20": 2, "30x20": 1])
        #expect(statistics.all.grey == 1 && statistics.all.colour == 2)
        #expect(statistics.train.emptyMasks == 1)
        #expect(statistics.train.foreground?.mean == 0.125)
        #expect(statistics.val.foreground == nil)
        #expect(statistics.train.distinctCaptions == 1 && statistics.all.distinctCaptions == 2)
        #expect(statistics.all.captionWords?.maximum == 3)
        #expect(statistics.all.oddities == ["doubleBlank": 1, "trailingBlank": 1, "doubleFullStop": 1])
        #expect(statistics.all.captionTokens == nil && statistics.all.truncatedCaptions == nil)
    }

    @Test func tokens() throws {
        let vocabulary = try Vocabulary(tokens: Vocabulary.specials + ["a", "polyp", "##s", "left"])
        let tokenizer = WordPieceTokenizer(vocabulary: vocabulary)
        #expect(TokenMeasure("a  polyps left", tokenizer: tokenizer, length: 6) == TokenMeasure(count: 6, isTruncated: false, unknown: 0))
        #expect(TokenMeasure("a polyps left", tokenizer: tokenizer, length: 5) == TokenMeasure(count: 6, isTruncated: true, unknown: 0))
        #expect(TokenMeasure("strange polyp here", tokenizer: tokenizer, length: 24) == TokenMeasure(count: 5, isTruncated: false, unknown: 2))
        let part = PartStatistics([
            sample("a", .train, tokens: TokenMeasure(count: 6, isTruncated: true, unknown: 1)),
            sample("b", .train, tokens: TokenMeasure(count: 4, isTruncated: false, unknown: 2)),
        ])
        #expect(part.captionTokens?.mean == 5 && part.truncatedCaptions == 1 && part.unknownWords == 3)
    }

    @Test func tableIsReadable() {
        let text = StatisticsTable.text(DatasetStatistics(
            name: "demo", source: .shards, path: "shards/demo", measures: [
                sample("a", .train, foreground: 0.125, tokens: TokenMeasure(count: 4, isTruncated: false, unknown: 0)),
                sample("b", .test, tokens: TokenMeasure(count: 26, isTruncated: true, unknown: 0)),
            ], leakage: Leakage([("a", .train, 0), ("b", .test, 1)])))
        #expect(text == """
            demo (shards shards/demo)
                                                       train    val              test               all
              samples                                      1      0                 1                 2
              grey / colour                            0 / 1  0 / 0             0 / 1             0 / 2
              size, most frequent                  10x20 (1)      -         10x20 (1)         10x20 (2)
              different sizes                              1      0                 1                 1
              foreground, mean                        12.5 %      -            50.0 %            31.2 %
              foreground, median                      12.5 %      -            50.0 %            31.2 %
              foreground, range             12.5 % to 12.5 %      -  50.0 % to 50.0 %  12.5 % to 50.0 %
              empty masks                                  0      0                 0                 0
              distinct captions                            1      0                 1                 1
              caption words, mean (range)          2.0 (2-2)      -         2.0 (2-2)         2.0 (2-2)
              caption tokens, mean (range)         4.0 (4-4)      -      26.0 (26-26)       15.0 (4-26)
              truncated captions                           0      -                 1                 1
              unknown words                                0      -                 0                 0
            near copies across splits (hash distance up to 4): 1
              a (train) and b (test), distance 1
            """, "\(text)")
    }
}
