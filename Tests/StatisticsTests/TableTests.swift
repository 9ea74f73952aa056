// The terminal's table, whole.
import Datasets
import Imaging
import Statistics
import Testing

@Suite struct TableTests {
    @Test func tableIsReadable() throws {
        let ramp = try PictureFingerprint(
            Raster(width: 32, height: 32, channels: 1, pixels: (0..<1024).map { UInt8($0 % 32 * ($0 / 32) / 4) }))
        let text = StatisticsTable.text(
            DatasetStatistics(
                name: "demo", source: .shards, path: "shards/demo",
                measures: [
                    Samples.measure(
                        "a", mask: Samples.spots([(1, 1), (8, 8)]), caption: "two polyps, located in left, right",
                        tokens: TokenMeasure(count: 4, isTruncated: false, unknown: 0)),
                    Samples.measure(
                        "b", .test, caption: "one polyp, located in top left",
                        tokens: TokenMeasure(count: 26, isTruncated: true, unknown: 0)),
                ],
                leakage: Leakage([
                    .init(id: "a", split: .train, digest: "x", fingerprint: ramp),
                    .init(id: "b", split: .test, digest: "x", fingerprint: ramp),
                    .init(id: "case1_1", split: .val, digest: "y", fingerprint: ramp),
                ])))
        #expect(
            text == """
                demo (shards shards/demo)
                                                            train  val            test             all
                  samples                                       1    0               1               2
                  grey / colour                             0 / 1    -           0 / 1           0 / 2
                  size, most frequent                   40x40 (1)    -       40x40 (1)       40x40 (2)
                  different sizes                               1    -               1               1
                  foreground, mean                          2.0 %    -           1.0 %           1.5 %
                  foreground, median                        2.0 %    -           1.0 %           1.5 %
                  foreground, range                2.0 % to 2.0 %    -  1.0 % to 1.0 %  1.0 % to 2.0 %
                  background to foreground              49.0 to 1    -       99.0 to 1       65.7 to 1
                  empty masks                                   0    -               0               0
                  lesions per image, mean (range)       2.0 (2-2)    -       1.0 (1-1)       1.5 (1-2)
                  lesion size, median                      1.00 %    -          1.00 %          1.00 %
                  distinct captions                             1    -               1               2
                  distinct words                                6    -               6               9
                  caption words, mean (range)           6.0 (6-6)    -       6.0 (6-6)       6.0 (6-6)
                  caption tokens, mean (range)          4.0 (4-4)    -    26.0 (26-26)     15.0 (4-26)
                  truncated captions                            0    -               1               1
                  unknown words                                 0    -               0               0
                  place named, mask not there              0 of 1    -          0 of 1          0 of 2
                  number named, mask has another           0 of 1    -          0 of 1          0 of 2
                red values: mean 99.5, standard deviation 57.7, percentiles 1 5 25 50 75 95 99: 1 9 49 99 149 189 197
                green values: mean 99.5, standard deviation 57.7, percentiles 1 5 25 50 75 95 99: 1 9 49 99 149 189 197
                blue values: mean 99.5, standard deviation 57.7, percentiles 1 5 25 50 75 95 99: 1 9 49 99 149 189 197
                most frequent words: in (2), left (2), located (2), one (1), polyp (1), polyps (1), right (1), top (1), two (1)
                left and right: 1 of 1 captions with one side fit the picture's left and right, 0 the patient's (mirrored): too few or too mixed to tell; left is taken as the picture's left
                same image in two splits: 1
                  a (train) and b (test)
                near copies across splits (at most 8 of 63 bits, correlation at least 0.95): 2
                  a (train) and case1_1 (val), 0 bits, correlation 1.0
                  case1_1 (val) and b (test), 0 bits, correlation 1.0
                copies within a split: 0
                patients in several splits: 0 of 1 (known for 1 samples)
                worth a look: 2 samples
                  b (test): the same picture as a of train; 26 tokens do not fit
                  a (train): the same picture as b of test
                """, "\(text)")
    }
}
