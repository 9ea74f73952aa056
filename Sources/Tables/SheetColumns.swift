// From rows of cells to captions: finds the header, its two columns, and reads the rows under it. Shared by xlsx and csv.

/// A row of cells; `number` is what the file's user sees (row of the sheet, line of the text).
struct SheetRow: Sendable {
    let number: Int
    var cells: [Int: String]

    var isBlank: Bool { cells.values.allSatisfy { trimmed($0).isEmpty } }
}

/// Without white space, of any Unicode kind, and byte order marks at the ends.
func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || scalar.value == 0xFEFF || scalar.value == 0 }
    guard let start = scalars.firstIndex(where: { !isBlank($0) }), let last = scalars.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(scalars[start...last])
}

enum SheetColumns {
    private static let imageNames = ["image", "images", "image name", "image_name", "img_name", "filename"]
    private static let captionNames = ["description", "descriptions", "caption", "text"]

    /// - Parameter rowWord: "row" or "line", for locations.
    static func table(
        of rows: [SheetRow], path: String, kind: CaptionTableKind, rowWord: String, split: String?
    ) throws(TableError) -> CaptionTable {
        guard let header = rows.first(where: { !$0.isBlank }) else { throw .empty(path: path) }
        let names = header.cells.sorted { $0.key < $1.key }.map { (column: $0.key, name: trimmed($0.value)) }
        func column(_ wanted: [String]) -> (column: Int, name: String)? {
            for want in wanted { if let found = names.first(where: { $0.name.lowercased() == want }) { return found } }
            return nil
        }
        guard let image = column(imageNames), let caption = column(captionNames) else {
            let missing = (column(imageNames) == nil ? ["Image"] : []) + (column(captionNames) == nil ? ["Description"] : [])
            throw .columnsMissing(path: path, expected: missing, found: names.map(\.name).filter { !$0.isEmpty })
        }
        let width = (header.cells.keys.max() ?? 0) + 1
        var result: [CaptionRow] = []
        var problems: [RowProblem] = []
        for row in rows where row.number > header.number && !row.isBlank {
            let location = "\(path), \(rowWord) \(row.number)"
            let name = trimmed(row.cells[image.column] ?? "")
            let text = row.cells[caption.column] ?? ""
            if kind == .csv, let extra = row.cells.first(where: { $0.key >= width && !trimmed($0.value).isEmpty }) {
                problems.append(RowProblem(location: location, reason:
                    "\(extra.key + 1) or more fields under a header of \(width); a caption that holds the delimiter must stand in quotes"))
            } else if name.isEmpty {
                if !trimmed(text).isEmpty {
                    problems.append(RowProblem(location: location, reason: "a caption without an image name: \"\(text.prefix(60))\""))
                }
            } else {
                result.append(CaptionRow(imageName: name, caption: text, source: caption.name, location: location, split: split))
            }
        }
        if result.isEmpty && problems.isEmpty { throw .noRows(path: path) }
        return CaptionTable(path: path, kind: kind, rows: result, problems: problems, split: split)
    }
}
