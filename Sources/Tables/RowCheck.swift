// The checks that every reader of rows makes before it uses a row: no field beyond the header, no missing field that is needed, no cell
// whose text is unknown. Invariant: no text of an accepted row is lost. An extra column that is empty in all rows (a delimiter at the end
// of each line) is harmless.

struct RowCheck {
    struct Column {
        let index: Int
        let name: String
    }

    /// Number of columns up to the last one with a name; without a header, the number of fields per line.
    let width: Int
    let hasHeader: Bool
    let image: Column
    let caption: Column
    /// Further columns in which each row needs a value.
    var others: [Column] = []
    let delimiter: Character?
    /// The end of a sheet's table. Cells after a column that is blank in all rows are beside the table and are not fields of a row.
    var end = Int.max

    private var needed: [Column] { [image, caption] + others }

    /// What is wrong with the row and what to do; nil if the row is good.
    func problem(in row: SheetRow) -> String? {
        row.problem ?? surplus(row) ?? shortage(row) ?? needed.lazy.compactMap { row.flaws[$0.index] }.first
    }

    /// The image's name, then the other names that may identify the row: in a shifted row the name is in another column.
    func names(in row: SheetRow) -> [String] {
        ([row.cells[image.index]] + row.cells.sorted { $0.key < $1.key }.map { Optional($0.value) })
            .compactMap { $0.map(trimmed) }.filter { !$0.isEmpty && $0.utf8.count <= 255 }
    }

    private func surplus(_ row: SheetRow) -> String? {
        let count = min(row.width, end)
        guard count > width else { return nil }
        guard let delimiter else {
            guard let column = (width..<count).first(where: { !trimmed(row.cells[$0] ?? "").isEmpty }) else { return nil }
            let place = cellName(column: column, row: row.number), text = Self.short(trimmed(row.cells[column] ?? ""))
            return
                "cell \(place) holds \"\(text)\" beyond the \(hasHeader ? "header" : "columns of the other rows"); join it to the "
                + "caption's cell, clear it, or give its column a header"
        }
        func field(_ index: Int) -> String { row.cells[index] ?? "" }
        let extra = Self.short((width..<count).map(field).joined(separator: String(delimiter)))
        let end = min(count - 1, caption.index + count - width)
        let whole = caption.index <= end ? (caption.index...end).map(field).joined(separator: String(delimiter)) : field(caption.index)
        return "\(count) fields \(hasHeader ? "under a header of" : "where other rows have") \(width) (surplus: \"\(extra)\"); "
            + "a caption that holds the delimiter must be in quotes, such as "
            + "\"\(Self.short(trimmed(whole).replacing("\"", with: "\"\""), to: 120))\""
    }

    private func shortage(_ row: SheetRow) -> String? {
        guard let count = row.fieldCount, let missing = needed.filter({ $0.index >= count }).min(by: { $0.index < $1.index }) else {
            return nil
        }
        return
            "\(count) field\(count == 1 ? "" : "s") where \((needed.map(\.index).max() ?? 0) + 1) are needed, so there is no value for "
            + "column "
            + "\"\(missing.name)\""
    }

    /// The first column behind the header's columns that is blank in all rows.
    static func end(of sheet: Sheet, from width: Int) -> Int {
        guard sheet.delimiter == nil else { return .max }
        let full = Set(sheet.rows.flatMap { row in row.cells.filter { $0.key >= width && !trimmed($0.value).isEmpty }.keys })
        return (width...).first { !full.contains($0) } ?? .max
    }

    static func short(_ text: String, to limit: Int = 60) -> String { text.count > limit ? text.prefix(limit) + "..." : text }

    /// Refuses two columns with the wanted name: one would be read and the other lost.
    static func refuseRepeated(
        _ column: Column, among names: [(index: Int, name: String)], option: String?, _ path: String
    ) throws(TableError) {
        let alike = names.filter { !$0.name.isEmpty && $0.name.lowercased() == column.name.lowercased() }
        if alike.count > 1 {
            throw .columnTwice(path: path, name: column.name, places: alike.map { $0.index + 1 }.sorted(), option: option)
        }
    }
}
