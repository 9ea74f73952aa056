// Reads captions from rows of cells: finds the header and its two columns, then reads the rows below. For the tables of known releases;
// xlsx and csv both use it.

enum SheetColumns {
    static let imageNames = ["image", "images", "image name", "image_name", "img_name", "filename", "file_name"]
    static let captionNames = ["description", "descriptions", "caption", "captions", "text"]

    static func table(of sheet: Sheet) throws(TableError) -> CaptionTable {
        guard let header = sheet.rows.first(where: { !$0.isBlank }) else { throw .empty(path: sheet.label) }
        let names = header.cells.sorted { $0.key < $1.key }.map { (index: $0.key, name: trimmed($0.value)) }
        func column(_ wanted: [String]) -> RowCheck.Column? {
            for want in wanted {
                if let found = names.first(where: { $0.name.lowercased() == want }) { return .init(index: found.index, name: found.name) }
            }
            return nil
        }
        guard let image = column(imageNames), let caption = column(captionNames) else {
            let missing = (column(imageNames) == nil ? ["Image"] : []) + (column(captionNames) == nil ? ["Description"] : [])
            throw .columnsMissing(path: sheet.label, expected: missing, found: names.map(\.name).filter { !$0.isEmpty })
        }
        for used in [image, caption] { try RowCheck.refuseRepeated(used, among: names, option: nil, sheet.label) }
        let end = RowCheck.end(of: sheet, from: header.width)
        let check = RowCheck(width: header.width, hasHeader: true, image: image, caption: caption, delimiter: sheet.delimiter, end: end)
        var result: [CaptionRow] = []
        var problems: [RowProblem] = []
        for row in sheet.rows where row.number > header.number && !row.isBlank {
            let location = sheet.location(of: row)
            let name = row.cells[image.index] ?? ""
            let text = row.cells[caption.index] ?? ""
            if let reason = check.problem(in: row) {
                problems.append(RowProblem(location: location, reason: reason, names: check.names(in: row)))
            } else if trimmed(name).isEmpty {
                if !trimmed(text).isEmpty {
                    problems.append(RowProblem(location: location, reason: "a caption without an image name: \"\(text.prefix(60))\""))
                }
            } else {
                result.append(CaptionRow(cell: text, imageName: name, source: caption.name, location: location, split: sheet.split))
            }
        }
        if result.isEmpty && problems.isEmpty { throw .noRows(path: sheet.label) }
        var table = CaptionTable(path: sheet.path, kind: sheet.kind, rows: result, problems: problems, split: sheet.split)
        table.beside = sheet.beside(end)
        return table
    }
}
