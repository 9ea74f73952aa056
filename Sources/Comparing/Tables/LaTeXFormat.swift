// The tables for LaTeX, with the lines of the package booktabs: intervals behind the value, the best value of the runs in bold.

extension Comparison {
    /// The first line of a file, by which it is known again.
    static let latexMark = "% swift-vlseg segment compare"

    public var latex: String {
        let blocks = tables.map { table in
            let columns = table.heading.indices.map { $0 < table.wordColumns ? "l" : "r" }.joined()
            var lines = ["% \(Self.comment(table.title))", "\\begin{tabular}{\(columns)}", "\\toprule"]
            lines.append(Self.row(table.heading.map(Self.escapedLaTeX)))
            lines.append("\\midrule")
            for (place, row) in table.rows.enumerated() {
                if place > 0, table.rows[place - 1].kind != row.kind { lines.append("\\midrule") }
                lines.append(Self.row(row.cells.map(Self.latex)))
            }
            return lines + ["\\bottomrule", "\\end{tabular}"]
        }
        let head = [Self.latexMark, "% \\usepackage{booktabs}"] + notes.map { "% " + Self.comment($0) }
        return ([head] + blocks).map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private static func row(_ cells: [String]) -> String { cells.joined(separator: " & ") + " \\\\" }

    private static func comment(_ text: String) -> String { text.replacing(/\s+/, with: " ") }

    private static func latex(_ cell: TableCell) -> String {
        let value = escapedLaTeX(cell.text)
        return (cell.isBest ? "\\textbf{\(value)}" : value) + (cell.deviation.map { " $\\pm$ \($0)" } ?? "")
            + (cell.interval.map { " (\(escapedLaTeX($0.low))--\(escapedLaTeX($0.high)))" } ?? "")
    }

    package static func escapedLaTeX(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&", "%", "$", "#", "_", "{", "}": result += "\\\(character)"
            case "\\": result += "\\textbackslash{}"
            case "~": result += "\\textasciitilde{}"
            case "^": result += "\\textasciicircum{}"
            case "<": result += "$<$"
            case ">": result += "$>$"
            // A minus, not a hyphen; a single hyphen stands for no value.
            case "-" where result.isEmpty && text.count > 1 && text.dropFirst().first?.isNumber == true: result += "$-$"
            default: result += character.isNewline ? " " : String(character)
            }
        }
    }
}
