// Finds the columns of an unknown caption table that hold the image's name, the caption, the split and the patient: as the user names them,
// else by the cells' content and by usual headers.
// Invariant: the notes say what was chosen and why. If nothing can be guessed, the error names everything that was examined.
import Files

struct GuessedColumns {
    struct Column {
        let index: Int
        let name: String
        /// Whether the name is from the header.
        let isNamed: Bool
        var key: String { name.lowercased() }
    }

    let body: [SheetRow]
    let hasHeader: Bool
    let width: Int
    let image: Column
    let caption: Column
    let split: Column?
    let group: Column?
    /// The columns spacing_y and spacing_x.
    let spacing: (y: Column, x: Column)?
    let notes: [String]

    private static let imageNames = [
        "image", "images", "image name", "image_name", "img_name", "filename", "file_name", "file", "img", "name", "id", "image_id",
    ]
    private static let captionNames = [
        "caption", "captions", "description", "descriptions", "text", "report", "findings", "sentence", "prompt", "impression",
    ]
    private static let splitNames = ["split", "set", "subset", "partition", "phase"]

    init(_ sheet: Sheet, _ request: ColumnRequest) throws(TableError) {
        var rows = sheet.rows.filter { !$0.isBlank }
        var titles: [String] = []
        // A single cell above a wider table is its title: a header has at least two columns.
        while rows.count > 2, rows[0].width == 1, rows[1].width > 1, !request.isImageName(rows[0].cells[0] ?? "") {
            titles.append(
                "the first \(sheet.rowWord), \"\(RowCheck.short(trimmed(rows[0].cells[0] ?? "")))\", is skipped as a title")
            rows.removeFirst()
        }
        guard let first = rows.first else { throw .empty(path: sheet.label) }
        // The first cell of a table without a header is an image's name.
        hasHeader = !first.cells.values.contains { request.isImageName(trimmed($0)) }
        body = hasHeader ? Array(rows.dropFirst()) : rows
        if body.isEmpty { throw .noRows(path: sheet.label) }
        let named = hasHeader
        // Without a header, the number of columns is the number of fields that most lines have.
        let known = named ? first.width : Self.commonWidth(body)
        let indices = Set(rows.flatMap(\.cells.keys)).sorted().filter { $0 < known }
        let columns = indices.map { index in
            let name = named ? trimmed(first.cells[index] ?? "") : ""
            return Column(index: index, name: name.isEmpty ? "column \(index + 1)" : name, isNamed: !name.isEmpty)
        }
        let search = Search(path: sheet.label, columns: columns, body: body, request: request, width: known)
        let (image, imageWhy) = try search.image()
        let (split, splitWhy) = try search.split(besides: [image.index])
        let unknownSplits = split == nil && request.split == nil ? search.unknownSplits(besides: [image.index]) : nil
        let (group, groupWhy) = try search.group(besides: [image.index, split?.index].compactMap { $0 })
        let (spacing, spacingWhy) = try search.spacing()
        let (caption, captionWhy) = try search.caption(
            besides: [image.index, split?.index, group?.index, spacing?.y.index, spacing?.x.index].compactMap { $0 }, hasHeader: named)
        self.image = image
        self.caption = caption
        self.split = split
        self.group = group
        self.spacing = spacing
        let used = [image, caption, split, group].compactMap { $0?.index }.max() ?? 0
        width = max(known, used + 1)
        notes =
            titles.map { "\(sheet.label): \($0)" }
            + (named ? [] : ["\(sheet.label): the first \(sheet.rowWord) already names an image, so there is no header"])
            + [
                "images from \(imageWhy)", "captions from \(captionWhy)",
                splitWhy.map { "splits from \($0)" } ?? unknownSplits
                    ?? (sheet.split == nil && request.wantsSplits ? "no column of splits" : nil),
            ]
            .compactMap { $0 }.map { "\(sheet.label): \($0)" } + (groupWhy.map { ["\(sheet.label): patients from \($0)"] } ?? [])
            + (spacingWhy.map { ["\(sheet.label): \($0)"] } ?? [])
    }

    /// The number of fields that most rows have; on a tie the smaller one.
    private static func commonWidth(_ rows: [SheetRow]) -> Int {
        let counts = Dictionary(grouping: rows.map { $0.fieldCount ?? $0.width }, by: { $0 }).mapValues(\.count)
        let most = counts.values.max() ?? 0
        return counts.filter { $0.value == most }.keys.min() ?? 0
    }

    /// The search for columns in one table.
    private struct Search {
        let path: String
        let columns: [Column]
        let body: [SheetRow]
        let request: ColumnRequest
        /// Wider rows are problems; the search for columns ignores them.
        let width: Int

        /// The cells of a column that hold a value.
        func cells(_ column: Column) -> [String] {
            body.compactMap { $0.cells[column.index].map(trimmed) }.filter { !$0.isEmpty && MissingValue.word(in: $0) == nil }
        }

        /// What may have happened to the images' names: cells whose text is not known, or numbers that lost their leading zeros.
        private var hint: String? {
            for column in columns {
                let flaws = body.compactMap { $0.flaws[column.index] }
                if let first = flaws.first, flaws.count * 2 > body.count {
                    return "in column \"\(column.name)\", \(first)"
                        + (flaws.count > 1 ? " (the same holds for \(flaws.count) of \(body.count) cells)" : "")
                }
            }
            for column in columns {
                for cell in cells(column).prefix(50) {
                    guard let whole = request.withZeros(cell) else { continue }
                    return
                        "column \"\(column.name)\" has \"\(cell)\" where the image is \"\(whole)\": format the column as text and restore "
                        + "its leading zeros"
                }
            }
            return nil
        }

        private var examples: [String] {
            columns.map { "\"\($0.name)\"" + (cells($0).first.map { " (such as \"\($0.prefix(40))\")" } ?? " (empty)") }
        }

        private func rest(_ besides: [Int]) -> [Column] { columns.filter { !besides.contains($0.index) } }

        /// Refuses a column if another column has the same name, unless it was chosen by number.
        private func alone(_ column: Column, _ option: String?, wanted: String? = nil) throws(TableError) {
            guard column.isNamed, wanted.map({ $0.lowercased() == column.key }) ?? true else { return }
            try RowCheck.refuseRepeated(
                .init(index: column.index, name: column.name), among: columns.filter(\.isNamed).map { ($0.index, $0.name) }, option: option,
                path)
        }

        private func named(_ wanted: String, _ option: String) throws(TableError) -> Column {
            if let found = columns.first(where: { $0.name == wanted }) ?? columns.first(where: { $0.key == wanted.lowercased() }) {
                try alone(found, option, wanted: wanted)
                return found
            }
            if let number = Int(wanted), let found = columns.first(where: { $0.index == number - 1 }) { return found }
            throw .columnNotFound(path: path, option: option, wanted: wanted, found: columns.map(\.name))
        }

        func image() throws(TableError) -> (Column, String) {
            let rows = body.count
            func count(_ column: Column) -> Int { cells(column).count { request.isImageName($0) } }
            if let wanted = request.image {
                let column = try named(wanted, "image-column")
                return (column, "column \"\(column.name)\" (--image-column; \(count(column)) of \(rows) rows name an existing image)")
            }
            let counted = columns.map { ($0, count($0)) }
            let most = counted.map(\.1).max() ?? 0
            let best = counted.filter { $0.1 == most }.map(\.0)
            let usual = imageNames.lazy.compactMap { name in best.first { $0.key == name } }.first
            guard most > 0, let column = usual ?? best.first else { throw .noImageColumn(path: path, tried: examples, hint: hint) }
            try alone(column, "image-column")
            let also = best.filter { $0.index != column.index }.map { "\"\($0.name)\"" }
            return (
                column,
                "column \"\(column.name)\" (\(most) of \(rows) rows name an existing image"
                    + (also.isEmpty ? ")" : "; as many in \(also.joined(separator: ", ")): --image-column takes another)")
            )
        }

        func caption(besides: [Int], hasHeader: Bool) throws(TableError) -> (Column, String) {
            func example(_ column: Column) -> String { cells(column).first.map { ", such as \"\($0.prefix(60))\"" } ?? "" }
            if let wanted = request.caption {
                let column = try named(wanted, "caption-column")
                return (column, "column \"\(column.name)\" (--caption-column\(example(column)))")
            }
            let free = rest(besides)
            let usual = captionNames.compactMap { name in free.first { $0.key == name } }
            // An empty column with the usual name is a better choice than a filled column without it.
            if let column = usual.first(where: { !cells($0).isEmpty }) ?? usual.first {
                try alone(column, "caption-column")
                return (column, "column \"\(column.name)\" (by its name\(example(column)))")
            }
            /// Mean number of words in a cell.
            func words(_ column: Column) -> Double {
                let texts = body.filter { $0.width <= width }.compactMap { $0.cells[column.index].map(trimmed) }.filter {
                    !$0.isEmpty && MissingValue.word(in: $0) == nil
                }
                return texts.isEmpty
                    ? 0 : Double(texts.reduce(0) { $0 + $1.split(whereSeparator: \.isWhitespace).count }) / Double(texts.count)
            }
            let counted = free.map { ($0, words($0)) }
            guard let most = counted.map(\.1).max(), most >= 2, let column = counted.first(where: { $0.1 == most })?.0 else {
                throw .noCaptionColumn(path: path, tried: examples)
            }
            // Without a header, two columns may be one caption that a delimiter split: both hold sentences, or the second begins with a
            // blank.
            func goesOn(_ column: Column) -> Bool {
                free.contains { $0.index == column.index - 1 }
                    && body.count { $0.cells[column.index]?.hasPrefix(" ") == true } * 2 > body.count
            }
            let others = free.filter { other in
                other.index != column.index && (words(other) >= 2 || goesOn(other) || other.index == column.index - 1 && goesOn(column))
            }.map(\.name)
            if !hasHeader, !others.isEmpty { throw .severalCaptionColumns(path: path, found: ([column.name] + others).sorted()) }
            try alone(column, "caption-column")
            return (column, "column \"\(column.name)\" (the one with most words\(example(column)))")
        }

        func split(besides: [Int]) throws(TableError) -> (Column?, String?) {
            func counts(_ column: Column) -> String {
                let found = Dictionary(grouping: cells(column).compactMap { SplitName.split(ofWord: $0) }, by: { $0 })
                return ["train", "val", "test"].map { "\($0) \(found[$0]?.count ?? 0)" }.joined(separator: ", ")
            }
            if let wanted = request.split {
                let column = try named(wanted, "split-column")
                return (column, "column \"\(column.name)\" (--split-column; \(counts(column)))")
            }
            for name in splitNames {
                guard let column = rest(besides).first(where: { $0.key == name }) else { continue }
                // If most cells are splits, the other cells are mistakes and are reported; splits are not drawn at random instead.
                let values = cells(column)
                guard !values.isEmpty, values.count(where: { SplitName.split(ofWord: $0) != nil }) * 2 > values.count else { continue }
                try alone(column, "split-column")
                return (column, "column \"\(column.name)\" (by its name; \(counts(column)))")
            }
            return (nil, nil)
        }

        /// The content of a column that is named like a column of splits but holds no splits.
        func unknownSplits(besides: [Int]) -> String? {
            for name in splitNames {
                guard let column = rest(besides).first(where: { $0.key == name }) else { continue }
                var seen: Set<String> = []
                let values = cells(column).filter { seen.insert($0).inserted }
                guard (1...12).contains(values.count) else { continue }
                return
                    "column \"\(column.name)\" is not used for splits: it holds "
                    + "\(ListText.joined(values.map { RowCheck.short($0) }, none: "nothing")), expected train, val and test"
            }
            return nil
        }

        /// The columns of millimetres a pixel, which have fixed names; one alone is not used.
        func spacing() throws(TableError) -> ((y: Column, x: Column)?, String?) {
            func find(_ key: String) throws(TableError) -> Column? {
                guard let column = columns.first(where: { $0.isNamed && ColumnRequest.key($0.name) == key }) else { return nil }
                try alone(column, nil)
                return column
            }
            let y = try find("spacingy"), x = try find("spacingx")
            if let y, let x { return ((y, x), "millimetres a pixel from columns \"\(y.name)\" and \"\(x.name)\"") }
            guard let one = y ?? x else { return (nil, nil) }
            return (nil, "column \"\(one.name)\" is not used: it needs its other, spacing_y and spacing_x")
        }

        func group(besides: [Int]) throws(TableError) -> (Column?, String?) {
            func counts(_ column: Column) -> String {
                let values = Set(cells(column).map { InvisibleText.removed(from: $0).lowercased() })
                return "\(values.count) value\(values.count == 1 ? "" : "s")"
                    + (cells(column).first.map { ", such as \"\($0.prefix(40))\"" } ?? "")
            }
            switch request.group {
            case .none: return (nil, nil)
            case .named(let wanted):
                let column = try named(wanted, "group-column")
                return (column, "column \"\(column.name)\" (--group-column; \(counts(column)))")
            case .usual(let names):
                for name in names {
                    guard let column = rest(besides).first(where: { $0.isNamed && ColumnRequest.key($0.name) == name }),
                        !cells(column).isEmpty
                    else { continue }
                    // A column with the header "case" may hold the report itself.
                    let words = cells(column).reduce(0) { $0 + $1.split(whereSeparator: \.isWhitespace).count }
                    let isCaption = request.caption.map { $0.lowercased() == column.key || Int($0) == column.index + 1 } ?? false
                    if isCaption || words > 3 * cells(column).count { continue }
                    try alone(column, "group-column")
                    return (column, "column \"\(column.name)\" (by its name; \(counts(column)); --group-column takes another, or none)")
                }
                return (nil, nil)
            }
        }
    }
}
