// Which caption row belongs to which image. Names are compared without folder and extension, with and without "mask_".
// Invariant: every row ends as an image's caption, as a repetition that is warned about, or as a problem.
import Imaging
import Tables
import Text

/// The caption of one entry.
struct ChosenCaption: Equatable {
    let text: String
    let source: String
    /// The split of the caption's file.
    let split: Split?
    let maskName: String?
    let location: String
    /// The patient or study, where the table has a column of them.
    var group: String?
    /// Further captions of the image in the same source.
    var others: [String] = []
    /// Millimetres a pixel, where the table has columns of them.
    var spacing: PixelSpacing?
}

struct CaptionMatching {
    /// By index of the entry.
    private(set) var chosen: [Int: ChosenCaption] = [:]
    private(set) var problems: [SampleProblem] = []
    private(set) var warnings: [String] = []

    init(_ captions: CaptionSources, pairing: Pairing, sets: [ImageFolders]) {
        if captions.areLeftOut { return }
        if let caption = captions.constant {
            for index in pairing.entries.indices {
                chosen[index] = ChosenCaption(text: caption, source: "--caption", split: nil, maskName: nil, location: "--caption")
            }
            reportOddities(pairing.entries)
            return
        }
        let lookup = Lookup(pairing.entries)
        var rows: [Int: [CaptionRow]] = [:]
        // Images whose row already has a problem.
        var excused: Set<Int> = []
        var recased: [String] = [], alike: [String] = []
        for table in captions.tables {
            for problem in table.problems {
                let mine = problem.names.lazy.map { lookup.indices(for: $0).indices }.first { !$0.isEmpty } ?? []
                excused.formUnion(mine)
                problems.append(
                    .badCaptionRow(id: mine.first.map { pairing.entries[$0].id }, place: problem.location, reason: problem.reason))
            }
            for row in table.rows {
                let split = row.split.flatMap(Split.init(rawValue:))
                let found = lookup.indices(for: row.imageName)
                // The name stays as written; whoever prints it escapes control and invisible characters.
                let written = FileName.last(row.imageName)
                if found.indices.isEmpty {
                    problems.append(
                        MissingValue.word(in: row.imageName).map {
                            .badCaptionRow(
                                id: nil, place: row.location, reason: "the image's name is \"\($0)\", a word for a missing value")
                        }
                            ?? .captionWithoutImage(
                                name: written, place: row.location,
                                zeros: LostZeros.restored(written) { !lookup.indices(for: $0).indices.isEmpty }))
                }
                if found.recased { recased.append(written) }
                if found.isAlike { alike.append("\(written) (\(row.location))") }
                // A name in two splits' folders is a problem already; its row goes to the folder of its own split.
                let fitting = found.indices.filter { split == nil || sets[pairing.entries[$0].set].split == split }
                for index in fitting.isEmpty ? found.indices : fitting { rows[index, default: []].append(row) }
            }
        }
        if !recased.isEmpty {
            warnings.append(Listing.line("caption rows matched although their names differ from the file names in capitals", recased))
        }
        if !alike.isEmpty {
            warnings.append(
                Listing.line(
                    "caption rows matched although their names differ from the file names in look-alike or invisible characters", alike))
        }
        for (index, entry) in pairing.entries.enumerated() {
            guard let mine = rows[index] else {
                if !excused.contains(index) { problems.append(.missingCaption(id: entry.id, image: entry.image)) }
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
            problems.append(.emptyCaption(id: entry.id, place: rows[0].location, source: rows[0].source, word: rows[0].missingWord))
            return
        }
        let splits = Set(rows.compactMap { $0.split.flatMap(Split.init(rawValue:)) }).sorted()
        if splits.count > 1, !folder.splitIsFinal {
            problems.append(.inSeveralSplits(id: entry.id, place: entry.image, splits: splits, places: rows.map(\.location)))
            return
        }
        let groups = Set(rows.compactMap { $0.group?.lowercased() }).sorted()
        if groups.count > 1 {
            problems.append(
                .badCaptionRow(
                    id: entry.id, place: rows[0].location,
                    reason:
                        "\"\(entry.id)\" belongs to more than one patient or study (\(Listing.some(groups)), also in "
                        + "\(Listing.some(rows.dropFirst().map(\.location))))"
                ))
            return
        }
        let spacings = Self.unique(rows.compactMap(\.spacing))
        if spacings.count > 1 {
            problems.append(
                .badCaptionRow(
                    id: entry.id, place: rows[0].location,
                    reason: "\"\(entry.id)\" has more than one spacing (also in \(Listing.some(rows.dropFirst().map(\.location))))"))
            return
        }
        if rows.count > 1 {
            warnings.append("\(rows[0].location): the caption of \"\(entry.id)\" appears \(rows.count) times with the same text")
        }
        if let said = splits.first, let split = folder.split, said != split, folder.splitIsFinal || split == .test || said == .test {
            warnings.append(
                "\(rows[0].location): says that \"\(entry.id)\" is in \(said.rawValue), but its folder says \(split.rawValue); "
                    + "\(folder.splitIsFinal ? split.rawValue : said.rawValue) is used")
        }
        chosen[index] = ChosenCaption(
            text: rows[0].caption, source: rows[0].source, split: splits.first, maskName: rows.compactMap(\.maskName).first,
            location: rows[0].location, group: rows.compactMap(\.group).first, others: rows[0].others,
            spacing: spacings.first)
    }

    private static func unique(_ spacings: [PixelSpacing]) -> [PixelSpacing] {
        spacings.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private mutating func reportOddities(_ entries: [Entry]) {
        var named: [CaptionOddity: [String]] = [:]
        for (index, caption) in chosen.sorted(by: { $0.key < $1.key }) {
            for oddity in CaptionText.oddities(caption.text) { named[oddity, default: []].append(entries[index].id) }
        }
        for (oddity, ids) in named.sorted(by: { $0.key < $1.key }) {
            warnings.append(
                Listing.line("\(ids.count) caption\(ids.count == 1 ? "" : "s") with \(oddity.description), kept as written", ids, limit: 5))
        }
    }

    /// Entries by the names that a row may use for them.
    struct Lookup {
        private var byStem: [String: [Int]] = [:]
        private var byMask: [String: [Int]] = [:]
        private var byLowerStem: [String: [Int]] = [:]
        private var byAlias: [String: [Int]] = [:]
        private let byFolded: [String: [(name: String, value: [Int])]]

        init(_ entries: [Entry]) {
            for (index, entry) in entries.enumerated() {
                byStem[entry.id, default: []].append(index)
                byLowerStem[entry.id.lowercased(), default: []].append(index)
                if let alias = entry.alias { byAlias[alias, default: []].append(index) }
                for mask in [entry.mask].compactMap({ $0 }) + entry.furtherMasks {
                    byMask[FileName.stem(FileName.last(mask)), default: []].append(index)
                }
            }
            byFolded = Dictionary(grouping: byStem.map { (name: $0.key, value: $0.value) }, by: { FoldedName.key($0.name) })
        }

        /// - Returns: the entries, and whether they match only if capitals, or look-alike characters, are ignored.
        func indices(for name: String) -> (indices: [Int], recased: Bool, isAlike: Bool) {
            let whole = FileName.last(name).trimmingBlanks(), stem = FileName.stem(whole)
            for candidate in FileName.imageStems(for: stem) { if let found = byStem[candidate] { return (found, false, false) } }
            // "x.png" may be the name without extension of x.png.png.
            if let found = byMask[stem] ?? byAlias[stem] ?? byStem[whole] { return (found, false, false) }
            for candidate in FileName.imageStems(for: stem.lowercased()) {
                if let found = byLowerStem[candidate] { return (found, true, false) }
            }
            // The extension may be followed by an invisible character.
            for candidate in [stem, FileName.stem(FoldedName.key(whole))] {
                for candidate in FileName.imageStems(for: candidate) {
                    if let found = FoldedName.only(candidate, in: byFolded) { return (found, false, true) }
                }
            }
            return ([], false, false)
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
