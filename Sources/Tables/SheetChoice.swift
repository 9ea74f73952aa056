// Which sheets of a workbook hold the captions. A hidden sheet is read only if it is named; none of several sheets is chosen by its
// position.

struct SheetChoice {
    /// The sheets to read. If there are several, the name of each is its split.
    let sheets: [WorkbookSheet]
    /// Whether the sheets' names are splits.
    let areSplits: Bool
    /// A line for the user: which sheets were read and which were skipped.
    let note: String

    /// Chooses among the visible sheets: the only one with content, or several whose names are splits.
    init(seen: [WorkbookSheet], hidden: [String], others: [String], path: String) throws(TableError) {
        let full = seen.filter { !$0.isEmpty }
        if full.count > 1, !full.allSatisfy({ SplitName.split(ofSheet: $0.name) != nil }) {
            let splits = full.map(\.name).filter { SplitName.split(ofSheet: $0) != nil }
            throw .severalSheets(
                path: path, sheets: full.map(Self.described) + hidden.map { "\"\($0)\" (hidden)" }, splits: splits.count > 1 ? splits : [])
        }
        if full.isEmpty, !hidden.isEmpty { throw .onlyHiddenSheets(path: path, hidden: hidden) }
        sheets = full.isEmpty ? Array(seen.prefix(1)) : full
        areSplits = full.count > 1
        let passed = [("hidden", hidden), ("empty", seen.filter(\.isEmpty).map(\.name)), ("no table", others)]
            .filter { !$0.1.isEmpty && !full.isEmpty }.map { "\($0.0) \(Self.quoted($0.1))" }
        note = Self.line(sheets, areSplits, path) + (passed.isEmpty ? "" : "; passed over: " + passed.joined(separator: ", "))
    }

    /// Uses the sheets that `--sheet` names.
    init(asked: [WorkbookSheet], hidden: [String], path: String) throws(TableError) {
        let areSplits = asked.count > 1
        if areSplits, let other = asked.first(where: { SplitName.split(ofSheet: $0.name) == nil }) {
            throw .sheetIsNoSplit(path: path, sheet: other.name)
        }
        sheets = asked
        self.areSplits = areSplits
        note = Self.line(asked, areSplits, path) + " (--sheet\(asked.contains { hidden.contains($0.name) } ? ", hidden" : ""))"
    }

    /// The sheets that `--sheet` names: by name, else by number from 1 among the visible sheets.
    static func find(_ wanted: [String], visible: [String], hidden: [String], path: String) throws(TableError) -> [String] {
        var found: [String] = []
        for word in wanted {
            let all = visible + hidden, key = trimmed(word).lowercased()
            let number = Int(word).flatMap { visible.indices.contains($0 - 1) ? visible[$0 - 1] : nil }
            guard let name = all.first(where: { $0 == word }) ?? all.first(where: { trimmed($0).lowercased() == key }) ?? number else {
                throw .sheetNotFound(path: path, wanted: word, sheets: visible.map { "\"\($0)\"" } + hidden.map { "\"\($0)\" (hidden)" })
            }
            if !found.contains(name) { found.append(name) }
        }
        return found
    }

    private static func described(_ sheet: WorkbookSheet) -> String {
        let rows = sheet.rows.filter { !$0.isBlank }
        let cells = (rows.first?.cells ?? [:]).sorted { $0.key < $1.key }.prefix(4).map { RowCheck.short(trimmed($0.value), to: 20) }
        return "\"\(sheet.name)\" (\(rows.count) row\(rows.count == 1 ? "" : "s"), first \(quoted(cells)))"
    }

    private static func line(_ sheets: [WorkbookSheet], _ areSplits: Bool, _ path: String) -> String {
        let names = sheets.map { "\"\($0.name)\"" + (areSplits ? " as \(SplitName.split(ofSheet: $0.name) ?? "")" : "") }
        let hiddenRows = sheets.reduce(0) { $0 + $1.hiddenRows }
        return "\(path): sheet\(sheets.count == 1 ? "" : "s") \(names.joined(separator: ", "))"
            + (hiddenRows == 0
                ? ""
                : ", with \(hiddenRows) hidden row\(hiddenRows == 1 ? "" : "s") that \(hiddenRows == 1 ? "is" : "are") read "
                    + "like the others")
    }

    private static func quoted(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
}
