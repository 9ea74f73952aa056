// Rows of cells, whatever file they are from, and how to speak of them. Not for what the cells mean (SheetColumns, ColumnGuess).

/// A row of cells; `number` is what the file's user sees (row of the sheet, line of the text).
struct SheetRow: Sendable {
    let number: Int
    var cells: [Int: String]
    /// Fields of the line, empty ones too; nil where a file has cells in place of fields.
    var fieldCount: Int?
    /// Cells whose text is not known, and why: an error value, a formula without a result, a list where a text belongs.
    var flaws: [Int: String] = [:]
    /// Why nothing of the row can be used.
    var problem: String?

    init(number: Int, cells: [Int: String]) {
        self.number = number
        self.cells = cells
    }

    var isBlank: Bool { problem == nil && flaws.isEmpty && cells.values.allSatisfy { trimmed($0).isEmpty } }
    /// One more than the last column that holds something.
    var width: Int { (cells.filter { !trimmed($0.value).isEmpty }.keys.max() ?? -1) + 1 }
}

/// All rows of one sheet or text.
struct Sheet {
    let path: String
    /// The file, and the sheet where it has several: what stands before a row's number in messages.
    let label: String
    let kind: CaptionTableKind
    /// "row", "line" or "object".
    let rowWord: String
    /// What parts the fields of a line; nil where there are cells.
    var delimiter: Character?
    /// The split that the file's or the sheet's name says.
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

/// Without white space, of any Unicode kind, and byte order marks at the ends.
func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || scalar.value == 0xFEFF || scalar.value == 0 }
    guard let start = scalars.firstIndex(where: { !isBlank($0) }), let last = scalars.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(scalars[start...last])
}

/// "C2" for the third cell of the second row.
func cellName(column: Int, row: Int) -> String {
    var letters = "", rest = column + 1
    while rest > 0 {
        rest -= 1
        letters = String(UnicodeScalar(UInt8(65 + rest % 26))) + letters
        rest /= 26
    }
    return "\(letters)\(row)"
}
