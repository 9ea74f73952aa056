// Where a dataset's captions come from: files that the user names, files found in its folders, one sentence for all images (--caption), or
// nowhere (--no-captions).
// Not for which caption belongs to which image (CaptionMatching).
// Invariant: every file was read whole. If all captions are empty, that is one error here, not a problem of each row.
import Files
import Tables

struct CaptionSources {
    private(set) var tables: [CaptionTable] = []
    /// A sentence for the summary.
    let from: String
    /// The one caption of all images.
    let constant: String?
    /// No image has a caption, and none is expected.
    let areLeftOut: Bool

    init(_ options: IngestOptions, _ folders: DatasetFolders, _ pairing: Pairing) throws(DatasetError) {
        constant = options.caption
        areLeftOut = options.leavesCaptionsOut
        let unread = folders.sheets + SheetSearch.metadata(folders)
        if areLeftOut {
            from = "none, by --no-captions" + (unread.isEmpty ? "" : "; left out: \(Listing.some(unread))")
            return
        }
        if let caption = options.caption {
            if MissingValue.word(in: caption) != nil || InvisibleText.removed(from: caption).isEmpty { throw .badCaption(caption) }
            from = "--caption, one for all images" + (unread.isEmpty ? "" : "; not read: \(Listing.some(unread))")
            return
        }
        let found = folders.sheets.isEmpty ? SheetSearch.metadata(folders) : folders.sheets
        let paths = options.captions.isEmpty ? found.map { "\(folders.root)/\($0)" } : options.captions
        from = options.captions.isEmpty ? "found in the root" : "named by --captions"
        if paths.isEmpty { throw .noCaptions(root: folders.root, dataset: options.dataset, looked: options.dataset.layout.sheetPlaces) }
        let columns = options.table.map { Self.request($0, options, pairing) }
        var seen: Set<String> = []
        for path in paths {
            // A file may be named twice; the sheets of a workbook are tables of one path.
            let before = seen
            do {
                for table in try CaptionReader.read(path, prompt: options.prompt, columns: columns, sheets: options.sheets)
                where !before.contains(FileIO.absolute(table.path)) {
                    seen.insert(FileIO.absolute(table.path))
                    tables.append(table)
                }
            } catch {
                if case .file(.notFound) = error { throw .captionsNotFound(path: path, hint: FolderHint.captionFiles(beside: path)) }
                throw .captions(error)
            }
        }
        if let prompt = options.prompt, let first = tables.first, !tables.contains(where: { $0.kind == .medVLSM }) {
            throw .captions(.noPrompts(path: first.path, prompt: prompt))
        }
        if let choices = options.table { try refuseColumnsOfNoTable(choices) }
        let rows = tables.flatMap(\.rows)
        if !rows.isEmpty, rows.allSatisfy({ InvisibleText.removed(from: $0.caption).isEmpty }), tables.allSatisfy(\.problems.isEmpty) {
            throw .captions(
                .noCaptionText(
                    paths: Self.unique(tables.map(\.path)), columns: Self.unique(rows.map(\.source)), rows: rows.count,
                    words: Self.unique(rows.compactMap(\.missingWord))))
        }
    }

    var files: [String] { Self.unique(tables.map(\.path)) }
    /// The sheets that were read, a line a workbook.
    var sheetNotes: [String] { tables.compactMap(\.sheetNote) }
    /// The columns that hold patients or studies.
    var groupColumns: [String] { Set(tables.compactMap(\.groupColumn)).sorted() }

    /// The source of the splits of samples whose captions have a split.
    var splitOrigin: String {
        let columns = Set(tables.compactMap(\.splitColumn)).sorted()
        if !columns.isEmpty { return "the column \(columns.map { "\"\($0)\"" }.joined(separator: ", ")) of the captions" }
        return tables.contains(where: \.splitIsSheet) ? "the names of the captions' sheets" : "the caption files' names"
    }

    private static func request(_ choices: TableChoices, _ options: IngestOptions, _ pairing: Pairing) -> ColumnRequest {
        let lookup = CaptionMatching.Lookup(pairing.entries)
        var request = ColumnRequest(image: choices.imageColumn, caption: choices.captionColumn, split: choices.splitColumn) {
            !lookup.indices(for: $0).indices.isEmpty
        }
        let patients = ColumnRequest.patientColumns, studies = ColumnRequest.studyColumns
        switch choices.groupColumn {
        case TableChoices.noGroups?: request.group = .none
        case let column?: request.group = .named(column)
        case nil: request.group = .usual(options.groupBy == .study ? studies + patients : patients + studies)
        }
        request.groupsSplits = options.shares != nil
        return request
    }

    /// MedVLSM objects and {name: caption} have no columns to name.
    private func refuseColumnsOfNoTable(_ choices: TableChoices) throws(DatasetError) {
        let group = choices.groupColumn == TableChoices.noGroups ? nil : choices.groupColumn
        for table in tables where table.notes.isEmpty {
            for (option, column) in [
                ("image-column", choices.imageColumn), ("caption-column", choices.captionColumn), ("split-column", choices.splitColumn),
                ("group-column", group),
            ] {
                if let column { throw .captions(.columnNotFound(path: table.path, option: option, wanted: column, found: [])) }
            }
        }
    }

    private static func unique(_ items: [String]) -> [String] {
        var seen: Set<String> = []
        return items.filter { seen.insert($0).inserted }
    }
}
