// What every reader of rows asks before it takes one: no field beyond the header, none missing that is needed, no cell whose text is not
// known. Invariant: a row that passes has lost nothing of its text; surplus that is empty everywhere (a delimiter at the end of each line)
// is harmless.

struct RowCheck {
    struct Column {
        let index: Int
        let name: String
    }

    /// How many columns have a name, counted to the last one that has; without a header, how many the lines have.
    let width: Int
    let hasHeader: Bool
    let image: Column
    let caption: Column
    /// Further columns of which each row needs its cell.
    var others: [Column] = []
    let delimiter: Character?
    /// Where a sheet's table ends: what stands behind a column that is blank throughout is beside the table, and no field of a row.
    var end = Int.max

    private var needed: [Column] { [image, caption] + others }

    /// What is wrong with the row, and the cure; nil where nothing is.
    func problem(in row: SheetRow) -> String? {
        row.problem ?? surplus(row) ?? shortage(row) ?? needed.lazy.compactMap { row.flaws[$0.index] }.first
    }

    /// The image's name, then whatever else the row may be known by: a row that is shifted has the name elsewhere.
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
        return "\(count) fields \(hasHeader ? "under a header of" : "where there are") \(width) (surplus: \"\(extra)\"); "
            + "a caption that holds the delimiter must stand in quotes, such as "
            + "\"\(Self.short(trimmed(whole).replacing("\"", with: "\"\""), to: 120))\""
    }

    private func shortage(_ row: SheetRow) -> String? {
        guard let count = row.fieldCount, let missing = needed.filter({ $0.index >= count }).min(by: { $0.index < $1.index }) else {
            return nil
        }
        return
            "\(count) field\(count == 1 ? "" : "s") where \((needed.map(\.index).max() ?? 0) + 1) are needed, so nothing stands in column "
            + "\"\(missing.name)\""
    }

    /// The first column behind the header's that is blank in all rows.
    static func end(of sheet: Sheet, from width: Int) -> Int {
        guard sheet.delimiter == nil else { return .max }
        let full = Set(sheet.rows.flatMap { row in row.cells.filter { $0.key >= width && !trimmed($0.value).isEmpty }.keys })
        return (width...).first { !full.contains($0) } ?? .max
    }

    static func short(_ text: String, to limit: Int = 60) -> String { text.count > limit ? text.prefix(limit) + "..." : text }

    /// One of two columns with the name that is wanted would be read and the other lost.
    static func refuseRepeated(
        _ column: Column, among names: [(index: Int, name: String)], option: String?, _ path: String
    ) throws(TableError) {
        let alike = names.filter { !$0.name.isEmpty && $0.name.lowercased() == column.name.lowercased() }
        if alike.count > 1 {
            throw .columnTwice(path: path, name: column.name, places: alike.map { $0.index + 1 }.sorted(), option: option)
        }
    }
}
