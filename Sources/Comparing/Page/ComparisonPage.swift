// A comparison as one self-contained HTML page: tables, the scatter of each run against the first, the images to look at. Not for choosing
// the images or writing the file. The same comparison gives the same bytes.
import Reports

public enum ComparisonPage {
    static let generator = "swift-vlseg segment compare"

    /// - Parameters:
    ///   - worst: the images on which all runs are worst.
    ///   - different: the images on which the runs differ most.
    public static func html(_ comparison: Comparison, worst: [PanelRow], different: [PanelRow]) throws(ComparingError) -> String {
        var sections = comparison.tables.enumerated().map { number, table in
            (
                id: number == 0 ? "figures" : "tests", title: number == 0 ? "Figures" : "Against \(comparison.reference)",
                content: html(table)
            )
        }
        if comparison.runs.count > 1 { sections.append(("images", "Image by image", scatters(comparison))) }
        let names = comparison.runs.map(\.name)
        for (id, title, rows) in [("worst", "Worst images", worst), ("different", "Where the runs differ most", different)]
        where !rows.isEmpty {
            sections.append((id, title, try PanelSection.html(rows, names: names, prefix: id + "-")))
        }
        if let first = sections.firstIndex(where: { $0.id == "worst" || $0.id == "different" }) {
            sections[first].content = key + sections[first].content
        }
        let links = sections.map { "<a href=\"#\($0.id)\">\(Markup.escaped($0.title))</a>" }.joined()
        // What makes a comparison improper comes first, remarks below the figures.
        let faults = comparison.notes.filter { $0.hasPrefix("*") }.map { "<li class=bad>\(Markup.escaped($0))</li>" }.joined()
        let remarks = comparison.notes.filter { !$0.hasPrefix("*") }.map { "<li>\(Markup.escaped($0))</li>" }.joined()
        sections[0].content += "<ul class=remarks>\(remarks)</ul>"
        let body =
            "<header><h1>\(Markup.escaped(names.count == 1 ? names[0] : "\(names.count) runs compared"))</h1><div class=meta>"
            + "\(comparison.split) split of <code>\(Markup.escaped(comparison.shards))</code>, \(comparison.ids.count) images</div>"
            + "<nav>\(links)</nav></header>\n\(faults.isEmpty ? "" : "<ul class=findings>\(faults)</ul>\n")"
            + sections.map { Markup.section($0.id, Markup.escaped($0.title), $0.content) }.joined()
        return PageDocument.html(
            title: Markup.escaped("\(names.joined(separator: ", ")): comparison"), generator: generator, style: css, body: body)
    }

    private static func html(_ table: ComparisonTable) -> String {
        let rows = table.rows.map { row in
            row.cells.map { cell in
                var text = Markup.escaped(cell.text)
                if cell.isBest { text = "<b>\(text)</b>" }
                if let deviation = cell.deviation { text += " ± \(deviation)" }
                if let interval = cell.interval { text += "<small>\(Markup.escaped("\(interval.low) to \(interval.high)"))</small>" }
                return row.kind == .run ? text : "<i>\(text)</i>"
            }
        }
        return "<p class=quiet>\(Markup.escaped(table.title))</p>"
            + Markup.table(table.heading.map(Markup.escaped), rows)
    }

    private static func scatters(_ comparison: Comparison) -> String {
        let first = comparison.runs[0]
        let figures = comparison.runs.dropFirst().map { run -> String in
            let points = zip(comparison.ids, zip(first.dice, run.dice)).compactMap { id, pair in
                pair.0.flatMap { x in pair.1.map { ScatterPlot.Point(id: id, x: x, y: $0) } }
            }
            let plot = ScatterPlot.svg(points, xName: "Dice of \(first.name) (%)", yName: "Dice of \(run.name) (%)")
            return Markup.figure(Markup.escaped(run.name), "above the line: better than \(Markup.escaped(first.name))", plot)
        }
        return "<div class=plots>\(figures.joined())</div>"
    }

    private static let key =
        "<p class=key><span><i class=truth></i>true mask</span><span><i class=predicted></i>predicted mask</span></p>"
        + "<label class=switch><input type=checkbox id=outlines checked> outlines</label>"

    private static let css = """
        .numbers small{display:block;color:var(--soft);font-size:12px}.numbers i{font-style:italic;color:var(--soft)}.numbers b{font-weight:650}
        #figures :is(td,thead th):is(:nth-child(2),:nth-child(3)){text-align:left}
        #figures tbody th{min-width:12em}.remarks{color:var(--soft);font-size:13.5px;padding-left:18px;max-width:90ch}
        .point{fill:var(--bar);fill-opacity:.5}.point:hover{fill:var(--accent);fill-opacity:1}.diagonal{stroke:var(--soft);stroke-width:1;stroke-dasharray:4 3}
        \(PanelSection.css)
        """
}
