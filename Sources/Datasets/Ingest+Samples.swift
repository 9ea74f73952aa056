// What Ingest says of all samples together, and what it finds out about one beyond its files. Not for the order of the steps (Ingest).
import Imaging

extension Ingest {
    /// The patient or study of a sample. A column of the table is not mixed with names: an empty cell is an unknown patient.
    static func group(of id: String, _ groups: ColumnGroups?, _ options: IngestOptions) -> String? {
        groups.map { $0.name(of: id) } ?? (options.groupBy ?? .patient).name(in: id)
    }

    /// Remarks of one kind in one line, with the files' names.
    static func remarks(_ outcomes: [SampleValidation.Outcome]) -> [String] {
        let byKind = Dictionary(grouping: outcomes.flatMap(\.remarks)) { ($0.isMask ? "mask" : "image") + "\n" + $0.what }
        return byKind.sorted { $0.key < $1.key }.compactMap { _, all in
            guard let first = all.first else { return nil }
            let subject = (first.isMask ? "mask" : "image") + (all.count == 1 ? "" : "s")
            return Listing.line("\(all.count) \(subject), \(first.what)", all.map(\.path))
        }
    }

    static func counts(_ samples: [ManifestSample]) -> ManifestSummary.Counts {
        func count(_ split: Split) -> Int { samples.count { $0.split == split } }
        return ManifestSummary.Counts(train: count(.train), val: count(.val), test: count(.test), all: samples.count)
    }
}
