// Which columns of an unknown caption table hold the image's name, the caption and the split: as the user names them, else by what the cells say and by
// usual headers. Not for the tables of known releases (SheetColumns), whose headers are fixed.
// Invariant: what was taken and why stands in the table's notes; what cannot be guessed is an error that names everything looked at.

/// What the caller knows about the columns of a caption table.
public struct ColumnRequest {
    /// Names or numbers (from 1) of columns; nil to guess.
    public var image: String?
    public var caption: String?
    public var split: String?
    /// Whether a cell names an image (or its mask) that is there.
    public var isImageName: (String) -> Bool

    public init(image: String? = nil, caption: String? = nil, split: String? = nil, isImageName: @escaping (String) -> Bool) {
        self.image = image
        self.caption = caption
        self.split = split
        self.isImageName = isImageName
    }
}

enum ColumnGuess {
    private static let imageNames = ["image", "images", "image name", "image_name", "img_name", "filename", "file_name", "file", "img", "name", "id", "image_id"]
    private static let captionNames = [
        "caption", "captions", "description", "descriptions", "text", "report", "findings", "sentence", "prompt", "impression",
    ]
    private static let splitNames = ["split", "set", "subset", "partition", "phase"]

    private struct Column {
        let index: Int
        let name: String
        var key: String { name.lowercased() }
    }

    static func table(
        of rows: [SheetRow], path: String, kind: CaptionTableKind, rowWord: String, split fileSplit: String?, request: ColumnRequest
    ) throws(TableError) -> CaptionTable {
        let rows = rows.filter { !$0.isBlank }
        guard let first = rows.first else { throw .empty(path: path) }
        // A table without a header begins with an image's name.
        let hasHeader = !first.cells.values.contains { request.isImageName(trimmed($0)) }
        let body = hasHeader ? Array(rows.dropFirst()) : rows
        if body.isEmpty { throw .noRows(path: path) }
        let indices = Set(rows.flatMap(\.cells.keys)).sorted()
        let columns = indices.map { index in
            let name = hasHeader ? trimmed(first.cells[index] ?? "") : ""
            return Column(index: index, name: name.isEmpty ? "column \(index + 1)" : name)
        }
        func cells(_ column: Column) -> [String] { body.map { trimmed($0.cells[column.index] ?? "") }.filter { !$0.isEmpty } }

        let (image, imageWhy) = try imageColumn(columns, cells, path, request, rows: body.count)
        let (split, splitWhy) = try splitColumn(columns.filter { $0.index != image.index }, all: columns, cells, path, request)
        let rest = columns.filter { $0.index != image.index && $0.index != split?.index }
        let (caption, captionWhy) = try captionColumn(rest, all: columns, cells, path, request)

        var result: [CaptionRow] = []
        var problems: [RowProblem] = []
        for row in body {
            let location = "\(path), \(rowWord) \(row.number)"
            let name = trimmed(row.cells[image.index] ?? ""), text = row.cells[caption.index] ?? ""
            var own = fileSplit
            if let split {
                let word = trimmed(row.cells[split.index] ?? "")
                own = SplitName.split(ofWord: word)
                if own == nil {
                    problems.append(RowProblem(location: location, reason: "column \"\(split.name)\" says \"\(word)\", expected train, val or test"))
                    continue
                }
            }
            if name.isEmpty {
                problems.append(RowProblem(location: location, reason: "nothing in column \"\(image.name)\", where the image's name was expected"))
            } else {
                result.append(CaptionRow(imageName: name, caption: text, source: caption.name, location: location, split: own))
            }
        }
        var table = CaptionTable(path: path, kind: kind, rows: result, problems: problems, split: fileSplit)
        table.splitColumn = split?.name
        table.notes = [
            "\(path): images from \(imageWhy)", "\(path): captions from \(captionWhy)",
            splitWhy.map { "\(path): splits from \($0)" } ?? "\(path): no column of splits",
        ]
        if !hasHeader { table.notes.insert("\(path): the first \(rowWord) already names an image, so there is no header", at: 0) }
        return table
    }

    private static func named(_ wanted: String, _ option: String, _ columns: [Column], _ path: String) throws(TableError) -> Column {
        if let found = columns.first(where: { $0.name == wanted }) ?? columns.first(where: { $0.key == wanted.lowercased() }) { return found }
        if let number = Int(wanted), let found = columns.first(where: { $0.index == number - 1 }) { return found }
        throw .columnNotFound(path: path, option: option, wanted: wanted, found: columns.map(\.name))
    }

    private static func imageColumn(
        _ columns: [Column], _ cells: (Column) -> [String], _ path: String, _ request: ColumnRequest, rows: Int
    ) throws(TableError) -> (Column, String) {
        func count(_ column: Column) -> Int { cells(column).count { request.isImageName($0) } }
        if let wanted = request.image {
            let column = try named(wanted, "image-column", columns, path)
            return (column, "column \"\(column.name)\" (--image-column; \(count(column)) of \(rows) rows name an image that is there)")
        }
        let counted = columns.map { ($0, count($0)) }
        let most = counted.map(\.1).max() ?? 0
        guard most > 0 else {
            throw .noImageColumn(path: path, tried: columns.map { ($0.name, cells($0).first ?? "") }.map { "\"\($0)\" (such as \"\($1.prefix(40))\")" })
        }
        let best = counted.filter { $0.1 == most }.map(\.0)
        let usual = imageNames.lazy.compactMap { name in best.first { $0.key == name } }.first
        guard let column = usual ?? best.first else { throw .noImageColumn(path: path, tried: columns.map(\.name)) }
        let also = best.filter { $0.index != column.index }.map { "\"\($0.name)\"" }
        return (
            column,
            "column \"\(column.name)\" (\(most) of \(rows) rows name an image that is there"
                + (also.isEmpty ? ")" : "; as many in \(also.joined(separator: ", ")): --image-column takes another)")
        )
    }

    private static func captionColumn(
        _ columns: [Column], all: [Column], _ cells: (Column) -> [String], _ path: String, _ request: ColumnRequest
    ) throws(TableError) -> (Column, String) {
        func example(_ column: Column) -> String { cells(column).first.map { ", such as \"\($0.prefix(60))\"" } ?? "" }
        if let wanted = request.caption {
            let column = try named(wanted, "caption-column", all, path)
            return (column, "column \"\(column.name)\" (--caption-column\(example(column)))")
        }
        for name in captionNames {
            guard let column = columns.first(where: { $0.key == name }), !cells(column).isEmpty else { continue }
            return (column, "column \"\(column.name)\" (by its name\(example(column)))")
        }
        /// Mean number of words in a cell.
        func words(_ column: Column) -> Double {
            let texts = cells(column)
            return texts.isEmpty ? 0 : Double(texts.reduce(0) { $0 + $1.split(whereSeparator: \.isWhitespace).count }) / Double(texts.count)
        }
        let counted = columns.map { ($0, words($0)) }
        guard let most = counted.map(\.1).max(), most >= 2, let column = counted.first(where: { $0.1 == most })?.0 else {
            throw .noCaptionColumn(path: path, tried: columns.map { ($0.name, cells($0).first ?? "") }.map { "\"\($0)\" (such as \"\($1.prefix(40))\")" })
        }
        return (column, "column \"\(column.name)\" (the one with most words\(example(column)))")
    }

    private static func splitColumn(
        _ columns: [Column], all: [Column], _ cells: (Column) -> [String], _ path: String, _ request: ColumnRequest
    ) throws(TableError) -> (Column?, String?) {
        func counts(_ column: Column) -> String {
            let found = Dictionary(grouping: cells(column).compactMap { SplitName.split(ofWord: $0) }, by: { $0 })
            return ["train", "val", "test"].map { "\($0) \(found[$0]?.count ?? 0)" }.joined(separator: ", ")
        }
        if let wanted = request.split {
            let column = try named(wanted, "split-column", all, path)
            return (column, "column \"\(column.name)\" (--split-column; \(counts(column)))")
        }
        for name in splitNames {
            guard let column = columns.first(where: { $0.key == name }) else { continue }
            let values = cells(column)
            if !values.isEmpty, values.allSatisfy({ SplitName.split(ofWord: $0) != nil }) {
                return (column, "column \"\(column.name)\" (by its name; \(counts(column)))")
            }
        }
        return (nil, nil)
    }
}
