// The tables for the terminal: columns of one width, the interval below its value. Not for names with control characters (the caller).

extension Comparison {
    public var text: String {
        (tables.map { Self.lines($0).joined(separator: "\n") } + [notes.joined(separator: "\n")]).joined(separator: "\n\n")
    }

    private static func lines(_ table: ComparisonTable) -> [String] {
        let body = table.rows.flatMap { row -> [[String]] in
            let values = row.cells.map { $0.text + ($0.deviation.map { " ±\($0)" } ?? "") }
            let intervals = row.cells.map { cell in cell.interval.map { "\($0.low) to \($0.high)" } ?? "" }
            return [values] + (intervals.contains { !$0.isEmpty } ? [intervals] : [])
        }
        let all = [table.heading] + body
        let widths = table.heading.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return [table.title]
            + all.map { cells in
                let padded = zip(cells.indices, cells).map { column, cell in
                    let space = String(repeating: " ", count: widths[column] - cell.count)
                    return column < table.wordColumns ? cell + space : space + cell
                }
                let line = padded.joined(separator: "  ")
                return String(line.reversed().drop { $0 == " " }.reversed())
            }
    }
}
