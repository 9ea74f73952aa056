// The effect of a decision about masks: how many samples are empty or full. Not for deciding.
// Invariant: a data set whose masks are all empty or full is an error.
import Imaging

extension MaskFile {
    /// The masks of all good samples, in order.
    static func all(_ samples: [(id: String, facts: SampleValidation.Facts?)]) -> [MaskFile] {
        samples.enumerated().flatMap { index, sample in
            (sample.facts?.masks ?? []).map { MaskFile(sample: index, id: sample.id, path: $0.path, census: $0.census) }
        }
    }
}

extension MaskDecision {
    /// - Parameters:
    ///   - files: those of good samples, each sample's beside each other.
    ///   - exact: counts a file's foreground by its pixels. Asked if the census, which skips small blurred regions, finds none.
    package func report(_ files: [MaskFile], exact: (MaskFile) -> Int? = { _ in nil }) throws(DatasetError) -> MaskReport {
        let samples = Dictionary(grouping: files, by: \.sample)
        var empty = 0, full = 0
        for masks in samples.values {
            let foreground = masks.map { mask in
                let count = mask.foreground(reading) ?? 0
                return count == 0 && mask.census.plane == .colours && mask.census.isNoisy ? exact(mask) ?? 0 : count
            }
            if foreground.allSatisfy({ $0 == 0 }) {
                empty += 1
            } else if zip(masks, foreground).contains(where: { $0.isFull($1) }) {
                full += 1
            }
        }
        if !samples.isEmpty, empty + full >= samples.count {
            let what = [empty > 0 ? "empty" : "", full > 0 ? "foreground throughout" : ""].filter { !$0.isEmpty }.joined(separator: " or ")
            throw .masksWithoutContrast(what: what, count: samples.count, held: Self.held(files))
        }
        let united = samples.values.count { $0.count > 1 }
        return MaskReport(
            text: text, files: files.count, empty: empty, full: full, united: united > 0 ? united : nil, rule: reading.rule)
    }

    /// "they hold values 0 and 1"; of many files the values of all together.
    private static func held(_ files: [MaskFile]) -> String {
        let counts =
            files.contains { $0.census.plane == .colours }
            ? regions(files).map { "\($0.colour.text) in \(Words.files($0.files))" } : fileCounts(files)
        return "they hold " + Words.list(counts, limit: 12)
    }
}
