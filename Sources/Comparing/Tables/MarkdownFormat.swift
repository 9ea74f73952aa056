// The tables in GitHub's Markdown: intervals behind the value, the best value of the runs in bold.

extension Comparison {
    /// The first line of a file, by which it is known again.
    static let markdownMark = "<!-- swift-vlseg segment compare -->"

    public var markdown: String {
        let blocks = tables.map { table in
            let rule = table.heading.indices.map { $0 < table.wordColumns ? "---" : "---:" }
            let rows = table.rows.map { row in Self.line(row.cells.map(Self.markdown)) }
            return ["**\(Self.escapedMarkdown(table.title))**\n", Self.line(table.heading.map(Self.escapedMarkdown)), Self.line(rule)]
                + rows
        }
        let sentences = notes.map { "- " + Self.escapedMarkdown($0) }
        return ([Self.markdownMark] + (blocks + [sentences]).map { $0.joined(separator: "\n") }).joined(separator: "\n\n") + "\n"
    }

    private static func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    private static func markdown(_ cell: TableCell) -> String {
        let value = escapedMarkdown(cell.text)
        return (cell.isBest ? "**\(value)**" : value) + (cell.deviation.map { " ± \($0)" } ?? "")
            + (cell.interval.map { " (\($0.low) to \($0.high))" } ?? "")
    }

    /// Names hold characters that Markdown reads; a bar would end the cell.
    private static func escapedMarkdown(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if "\\`*_[]<>|#".contains(character) { result += "\\" }
            result += character.isNewline ? " " : String(character)
        }
    }
}
