// Rows of cells from any kind of file, and how messages name them. Not for what the cells mean (SheetColumns, ColumnGuess).

/// A row of cells; `number` is the number that the user sees (row of the sheet, line of the text).
struct SheetRow: Sendable {
    let number: Int
    var cells: [Int: String]
    /// Number of fields in the line, including empty ones; nil if the file has cells, not fields.
    var fieldCount: Int?
    /// Cells whose text is not known, with the reason: an error value, a formula without a result, a list where a text is expected.
    var flaws: [Int: String] = [:]
    /// The reason why nothing of the row can be used.
    var problem: String?

    init(number: Int, cells: [Int: String]) {
        self.number = number
        self.cells = cells
    }

    var isBlank: Bool { problem == nil && flaws.isEmpty && cells.values.allSatisfy { trimmed($0).isEmpty } }
    /// One more than the index of the last column with content.
    var width: Int { (cells.filter { !trimmed($0.value).isEmpty }.keys.max() ?? -1) + 1 }
}

/// All rows of one sheet or text.
struct Sheet {
    let path: String
    /// The file, and the sheet if there are several: the words before a row's number in messages.
    let label: String
    let kind: CaptionTableKind
    /// "row", "line" or "object".
    let rowWord: String
    /// The character that separates the fields of a line; nil for files with cells.
    var delimiter: Character?
    /// The split that the file's or the sheet's name states.
    let split: String?
    let rows: [SheetRow]

    /// The first column with a cell from `end` on, as the sheet names it.
    func beside(_ end: Int) -> String? {
        guard end < .max else { return nil }
        let column = rows.lazy.flatMap { row in row.cells.filter { $0.key >= end && !trimmed($0.value).isEmpty }.keys }.min()
        return column.map { String(cellName(column: $0, row: 0).dropLast()) }
    }

    func location(of row: SheetRow) -> String { "\(label), \(rowWord) \(row.number)" }
}

/// The text without white space (of any Unicode kind) and byte order marks at the ends.
func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || scalar.value == 0xFEFF || scalar.value == 0 }
    guard let start = scalars.firstIndex(where: { !isBlank($0) }), let last = scalars.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(scalars[start...last])
}

/// "C2" for the cell in the third column of row 2.
func cellName(column: Int, row: Int) -> String {
    var letters = "", rest = column + 1
    while rest > 0 {
        rest -= 1
        letters = String(UnicodeScalar(UInt8(65 + rest % 26))) + letters
        rest /= 26
    }
    return "\(letters)\(row)"
}
