// Reads published figures from a CSV file: one line for each method and data set. The first line names the columns: `model`, optionally
// `text` (yes or no) and `dataset`, and any figures by their keys, with their unit in brackets: `dice (%)`, `parameters (M)`,
// `operations (G)`; without brackets values are as in JSON. Empty fields and "-" are unknown.
import Files
import Tables

public enum PublishedTable {
    /// What --published names: `table1`, the paper's, or a file.
    /// - Parameter dataset: chooses among several data sets; nil where the source has one, or names none.
    public static func read(_ name: String, dataset: String?) throws(ComparingError) -> PublishedFigures {
        let all: [PublishedFigures]
        if name == PublishedFigures.table1Name {
            all = PublishedFigures.table1
        } else {
            let lines: [(line: Int, fields: [String])]
            do throws(TableError) { lines = try PlainTable.read(name) } catch { throw .table(error) }
            all = try figures(lines, path: name)
        }
        let names = all.compactMap(\.dataset)
        if let dataset {
            guard let found = all.first(where: { $0.dataset == dataset }) else {
                throw .datasetNotChosen(path: name, given: dataset, found: names)
            }
            return found
        }
        guard all.count == 1 else { throw .datasetNotChosen(path: name, given: nil, found: names) }
        return all[0]
    }

    /// What a value is given in.
    private enum Unit: String, CaseIterable {
        case percent = " (%)", millions = " (M)", billions = " (G)", plain = ""

        func plain(_ value: Double) -> Double {
            switch self {
            case .percent: value / 100
            case .millions: value * 1e6
            case .billions: value * 1e9
            case .plain: value
            }
        }
    }

    private struct Column {
        enum Meaning { case model, text, dataset, figure(ComparisonFigure, unit: Unit) }
        let name: String, meaning: Meaning
    }

    /// One value for each data set, in the order in which they appear.
    package static func figures(_ lines: [(line: Int, fields: [String])], path: String) throws(ComparingError) -> [PublishedFigures] {
        guard let head = lines.first?.fields, lines.count > 1 else { throw .noPublishedRows(path: path) }
        var columns: [Column] = []
        for name in head {
            if columns.contains(where: { $0.name == name }) { throw .columnTwice(path: path, column: name) }
            columns.append(try column(name, path: path))
        }
        guard columns.contains(where: { if case .model = $0.meaning { true } else { false } }) else {
            throw .columnMissing(path: path, column: "model", found: head)
        }
        var datasets: [String?] = [], rows: [[PublishedRow]] = []
        for (line, fields) in lines.dropFirst() {
            let (dataset, row) = try row(fields, columns, line: line, path: path)
            if let place = datasets.firstIndex(of: dataset) {
                rows[place].append(row)
            } else {
                datasets.append(dataset)
                rows.append([row])
            }
        }
        return zip(datasets, rows).map { PublishedFigures(source: path, dataset: $0, rows: $1) }
    }

    private static func column(_ name: String, path: String) throws(ComparingError) -> Column {
        switch name {
        case "model": return Column(name: name, meaning: .model)
        case "text": return Column(name: name, meaning: .text)
        case "dataset": return Column(name: name, meaning: .dataset)
        default: break
        }
        for unit in Unit.allCases where name.hasSuffix(unit.rawValue) {
            guard let figure = ComparisonFigure.named(String(name.dropLast(unit.rawValue.count))) else { break }
            return Column(name: name, meaning: .figure(figure, unit: unit))
        }
        throw .unknownColumn(path: path, column: name, known: ComparisonFigure.all.map(\.key))
    }

    private static func row(
        _ fields: [String], _ columns: [Column], line: Int, path: String
    ) throws(ComparingError) -> (dataset: String?, PublishedRow) {
        var name = "", readsText: Bool?, dataset: String?
        var figures: [String: Double] = [:]
        for (place, column) in columns.enumerated() {
            let field = place < fields.count ? fields[place] : ""
            func bad(_ expected: String) -> ComparingError {
                .badValue(path: path, line: line, column: column.name, found: field, expected: expected)
            }
            switch column.meaning {
            case .model:
                if field.isEmpty { throw bad("the method's name") }
                name = field
            case .text:
                guard ["yes", "no", "", "-"].contains(field) else { throw bad("yes or no") }
                readsText = field == "yes" ? true : field == "no" ? false : nil
            case .dataset: dataset = field.isEmpty ? nil : field
            case .figure(let figure, let unit):
                if ["", "-"].contains(field) { continue }
                guard let value = Double(field), value.isFinite, value >= 0 else { throw bad("a number") }
                if figure.unit == .share, unit.plain(value) > 1 {
                    throw bad(
                        unit == .plain
                            ? "a share from 0 to 1; name the column \"\(column.name) (%)\" if values are in percent"
                            : "a percentage from 0 to 100")
                }
                figures[figure.key] = unit.plain(value)
            }
        }
        return (dataset, PublishedRow(name: name, readsText: readsText, figures: figures))
    }
}
