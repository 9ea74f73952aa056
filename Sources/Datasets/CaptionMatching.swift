// Which caption row belongs to which image. Names are compared without folder and extension, with and without "mask_".
// Invariant: every row ends as an image's caption, as a repetition that is warned about, or as a problem.
import Tables
import Text

/// The caption of one entry.
struct ChosenCaption: Equatable {
    let text: String
    let source: String
    /// The split that the caption's file stands for.
    let split: Split?
    let maskName: String?
    let location: String
}

struct CaptionMatching {
    /// By index of the entry.
    private(set) var chosen: [Int: ChosenCaption] = [:]
    private(set) var problems: [SampleProblem] = []
    private(set) var warnings: [String] = []

    init(_ tables: [CaptionTable], pairing: Pairing, sets: [ImageFolders]) {
        let lookup = Lookup(pairing.entries)
        var rows: [Int: [CaptionRow]] = [:]
        var recased: [String] = []
        for table in tables {
            problems += table.problems.map { .badCaptionRow(place: $0.location, reason: $0.reason) }
            for row in table.rows {
                let split = row.split.flatMap(Split.init(rawValue:))
                let found = lookup.indices(for: row.imageName)
                if found.indices.isEmpty {
                    problems.append(.captionWithoutImage(name: FileName.last(row.imageName), place: row.location))
                }
                if found.recased { recased.append(FileName.last(row.imageName)) }
                // A name in two splits' folders is a problem already; its row goes to the folder of its own split.
                let fitting = found.indices.filter { split == nil || sets[pairing.entries[$0].set].split == split }
                for index in fitting.isEmpty ? found.indices : fitting { rows[index, default: []].append(row) }
            }
        }
        if !recased.isEmpty { warnings.append(Listing.line("caption rows whose names differ from the files' in capitals", recased)) }
        for (index, entry) in pairing.entries.enumerated() {
            guard let mine = rows[index] else {
                problems.append(.missingCaption(id: entry.id, image: entry.image))
                continue
            }
            choose(mine, index, entry, folder: sets[entry.set])
        }
        reportOddities(pairing.entries)
    }

    private mutating func choose(_ rows: [CaptionRow], _ index: Int, _ entry: Entry, folder: ImageFolders) {
        let texts = Set(rows.map { CaptionText.normalised($0.caption) })
        if texts.count > 1 {
            problems.append(.severalCaptions(id: entry.id, places: rows.map(\.location)))
            return
        }
        if texts.first?.isEmpty != false {
            problems.append(.emptyCaption(id: entry.id, place: rows[0].location))
            return
        }
        let splits = Set(rows.compactMap { $0.split.flatMap(Split.init(rawValue:)) }).sorted()
        if splits.count > 1, !folder.splitIsFinal {
            problems.append(.inSeveralSplits(id: entry.id, place: entry.image, splits: splits, places: rows.map(\.location)))
            return
        }
        if rows.count > 1 { warnings.append("\(rows[0].location): the caption of \"\(entry.id)\" stands \(rows.count) times, each time the same") }
        if let said = splits.first, let split = folder.split, said != split, folder.splitIsFinal || split == .test || said == .test {
            warnings.append("\(rows[0].location): puts \"\(entry.id)\" in \(said.rawValue), its folder in \(split.rawValue); "
                + "\(folder.splitIsFinal ? split.rawValue : said.rawValue) is used")
        }
        chosen[index] = ChosenCaption(
            text: rows[0].caption, source: rows[0].source, split: splits.first, maskName: rows.compactMap(\.maskName).first,
            location: rows[0].location)
    }

    private mutating func reportOddities(_ entries: [Entry]) {
        var named: [CaptionOddity: [String]] = [:]
        for (index, caption) in chosen.sorted(by: { $0.key < $1.key }) {
            for oddity in CaptionText.oddities(caption.text) { named[oddity, default: []].append(entries[index].id) }
        }
        for (oddity, ids) in named.sorted(by: { $0.key < $1.key }) {
            warnings.append(Listing.line("\(ids.count) caption\(ids.count == 1 ? "" : "s") with \(oddity.description), kept as written", ids, limit: 5))
        }
    }

    /// Entries by the names a row may use for them.
    struct Lookup {
        private var byStem: [String: [Int]] = [:]
        private var byMask: [String: [Int]] = [:]
        private var byLowerStem: [String: [Int]] = [:]
        private var byAlias: [String: [Int]] = [:]

        init(_ entries: [Entry]) {
            for (index, entry) in entries.enumerated() {
                byStem[entry.id, default: []].append(index)
                byLowerStem[entry.id.lowercased(), default: []].append(index)
                if let alias = entry.alias { byAlias[alias, default: []].append(index) }
                for mask in [entry.mask].compactMap({ $0 }) + entry.furtherMasks { byMask[FileName.stem(FileName.last(mask)), default: []].append(index) }
            }
        }

        func indices(for name: String) -> (indices: [Int], recased: Bool) {
            let stem = FileName.stem(FileName.last(name).trimmingBlanks())
            for candidate in FileName.imageStems(for: stem) { if let found = byStem[candidate] { return (found, false) } }
            if let found = byMask[stem] ?? byAlias[stem] { return (found, false) }
            for candidate in FileName.imageStems(for: stem.lowercased()) { if let found = byLowerStem[candidate] { return (found, true) } }
            return ([], false)
        }
    }
}

extension String {
    func trimmingBlanks() -> String {
        var view = self[...]
        while view.first?.isWhitespace == true { view.removeFirst() }
        while view.last?.isWhitespace == true { view.removeLast() }
        return String(view)
    }
}
