// Reads captions from the rows of a table whose columns are not known; GuessedColumns finds the columns.
// Not for the tables of known releases (SheetColumns), whose headers are fixed.
import Imaging

enum ColumnGuess {
    static func table(of sheet: Sheet, request: ColumnRequest) throws(TableError) -> CaptionTable {
        let columns = try GuessedColumns(sheet, request)
        let needed = [columns.split, columns.group].compactMap { $0 }.map { RowCheck.Column(index: $0.index, name: $0.name) }
        let end = columns.hasHeader ? RowCheck.end(of: sheet, from: columns.width) : Int.max
        let check = RowCheck(
            width: columns.width, hasHeader: columns.hasHeader, image: .init(index: columns.image.index, name: columns.image.name),
            caption: .init(index: columns.caption.index, name: columns.caption.name), others: needed, delimiter: sheet.delimiter, end: end)
        var result: [CaptionRow] = []
        var problems: [RowProblem] = []
        for row in columns.body {
            let location = sheet.location(of: row)
            func cell(_ column: GuessedColumns.Column) -> String { row.cells[column.index] ?? "" }
            func fail(_ reason: String) { problems.append(RowProblem(location: location, reason: reason, names: check.names(in: row))) }
            if let reason = check.problem(in: row) {
                fail(reason)
                continue
            }
            var own = sheet.split
            if let columns = columns.spacing, let flaw = row.flaws[columns.y.index] ?? row.flaws[columns.x.index] {
                fail(flaw)
                continue
            }
            if let split = columns.split {
                let word = trimmed(cell(split))
                own = SplitName.split(ofWord: word)
                if own == nil {
                    fail("column \"\(split.name)\" \(word.isEmpty ? "is empty" : "says \"\(word)\""), expected train, val or test")
                    continue
                }
            }
            let name = cell(columns.image)
            if trimmed(name).isEmpty {
                fail("nothing in column \"\(columns.image.name)\", where the image's name was expected")
                continue
            }
            var next = CaptionRow(
                cell: cell(columns.caption), imageName: name, source: columns.caption.name, location: location, split: own)
            if let group = columns.group {
                let value = InvisibleText.removed(from: cell(group))
                let word = MissingValue.word(in: value)
                if request.groupsSplits, value.isEmpty || word != nil {
                    fail(
                        "column \"\(group.name)\", which keeps a patient's images in one split, "
                            + "\(value.isEmpty ? "is empty" : "says \"\(word ?? value)\"");"
                            + " fill it, or draw splits without it by --group-column none")
                    continue
                }
                next.group = value.isEmpty || word != nil ? nil : value
            }
            if let columns = columns.spacing {
                let cells = [columns.y, columns.x].map { trimmed(cell($0)) }
                let isUnknown = cells.allSatisfy { $0.isEmpty || MissingValue.word(in: $0) != nil }
                next.spacing = PixelSpacing(y: cells[0], x: cells[1])
                if next.spacing == nil, !isUnknown {
                    fail(
                        "columns \"\(columns.y.name)\" and \"\(columns.x.name)\" say \"\(cells[0])\" and \"\(cells[1])\", expected "
                            + "millimetres a pixel such as 0.7 in both, or nothing in both")
                    continue
                }
            }
            result.append(next)
        }
        var table = CaptionTable(path: sheet.path, kind: sheet.kind, rows: result, problems: problems, split: sheet.split)
        table.splitColumn = columns.split?.name
        table.groupColumn = columns.group?.name
        table.notes = columns.notes
        table.beside = sheet.beside(end)
        return table
    }
}
