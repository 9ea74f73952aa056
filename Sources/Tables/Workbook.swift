// The sheets of an .xlsx workbook that hold captions, as rows of cells: workbook.xml names the sheets, its relationships name their parts.
// Not a spreadsheet engine: a formula gives its last computed value.
// Invariant: a hidden sheet is read only if it is named; if several sheets may be meant, none is chosen (SheetChoice).

struct WorkbookSheet {
    let name: String
    let rows: [SheetRow]
    let hiddenRows: Int
    var isEmpty: Bool { rows.allSatisfy(\.isBlank) }
}

enum Workbook {
    /// - Parameter wanted: names or numbers of sheets; empty for the visible sheets with content.
    /// - Throws: `TableError.damagedSheet` or `.tooLarge`, which name the part; `.severalSheets` and other errors of the choice.
    static func sheets(_ bytes: [UInt8], path: String, wanted: [String]) throws(TableError) -> SheetChoice {
        do {
            return try choose(try WorkbookParts(try ZipArchive(bytes)), path, wanted)
        } catch let error as TableError {
            throw error
        } catch let error as TooMany {
            throw .tooMany(path: path, what: error.what, limit: error.limit)
        } catch let error as ZipArchive.TooLarge {
            throw .tooLarge(path: path, part: error.part, bytes: error.bytes, limit: ZipArchive.partLimit)
        } catch let error as ZipArchive.Failure {
            throw .damagedSheet(path: path, reason: error.reason)
        } catch let error as XMLFailure {
            throw .damagedSheet(path: path, reason: "its part \(error.part) is not XML (line \(error.line))")
        } catch {
            throw .damagedSheet(path: path, reason: "\(error)")
        }
    }

    private struct TooMany: Error { let what: String, limit: Int }

    private static func choose(_ parts: WorkbookParts, _ path: String, _ wanted: [String]) throws -> SheetChoice {
        let listed = parts.sheets.filter(\.isWorksheet)
        if listed.isEmpty { throw ZipArchive.Failure(reason: "its workbook has no sheet") }
        var budget = SheetBudget()
        func read(_ sheet: WorkbookParts.Listed) throws -> WorkbookSheet {
            let reader = try parts.read(sheet, budget: budget)
            budget = reader.budget
            if let excess = budget.excess { throw TooMany(what: excess.what, limit: excess.limit) }
            if let problem = reader.problem { throw ZipArchive.Failure(reason: "its part \(sheet.part): \(problem)") }
            return WorkbookSheet(name: sheet.name, rows: reader.rows, hiddenRows: reader.hiddenRows)
        }
        let visible = listed.filter { !$0.isHidden }, hidden = listed.filter(\.isHidden).map(\.name)
        if !wanted.isEmpty {
            let names = try SheetChoice.find(wanted, visible: visible.map(\.name), hidden: hidden, path: path)
            let chosen = try names.compactMap { name in try listed.first { $0.name == name }.map(read) }
            return try SheetChoice(asked: chosen, hidden: hidden, path: path)
        }
        return try SheetChoice(
            seen: try visible.map(read), hidden: hidden, others: parts.sheets.filter { !$0.isWorksheet }.map(\.name), path: path)
    }
}

/// The parts of the archive that form a workbook.
struct WorkbookParts {
    struct Listed {
        let name: String
        let part: String
        let isHidden: Bool
        /// False for sheets that hold a chart, a dialogue or macros.
        let isWorksheet: Bool
    }

    let sheets: [Listed]
    private let archive: ZipArchive
    private let strings: SharedStringReader
    private let styles = StylesReader()
    private let date1904: Bool

    init(_ archive: ZipArchive) throws {
        self.archive = archive
        var bookPart = "xl/workbook.xml"
        if let bytes = try archive.read("_rels/.rels") {
            let top = RelationshipReader()
            try top.parse(bytes, part: "_rels/.rels")
            if let target = top.items.first(where: { $0.type.hasSuffix("/officeDocument") })?.target {
                bookPart = Self.resolve(target, from: "")
            }
        }
        guard let bookBytes = try archive.read(bookPart) else { throw ZipArchive.Failure(reason: "a zip file without \(bookPart)") }
        let book = WorkbookReader()
        try book.parse(bookBytes, part: bookPart)
        date1904 = book.date1904

        let folder = bookPart.split(separator: "/").dropLast().joined(separator: "/")
        let name = bookPart.split(separator: "/").last.map(String.init) ?? bookPart
        let relationshipPart = (folder.isEmpty ? "" : folder + "/") + "_rels/\(name).rels"
        let relationships = RelationshipReader()
        if let bytes = try archive.read(relationshipPart) { try relationships.parse(bytes, part: relationshipPart) }
        sheets = book.sheets.enumerated().map { index, sheet in
            let relationship = relationships.items.first { $0.id == sheet.relationship }
            let type = relationship?.type ?? ""
            return Listed(
                name: sheet.name, part: Self.resolve(relationship?.target ?? "worksheets/sheet\(index + 1).xml", from: folder),
                isHidden: sheet.isHidden,
                isWorksheet: !["/chartsheet", "/dialogsheet", "/xlMacrosheet", "/xlIntlMacrosheet"].contains { type.hasSuffix($0) })
        }

        func part(_ type: String, _ usual: String) -> String {
            Self.resolve(relationships.items.first { $0.type.hasSuffix(type) }?.target ?? usual, from: folder)
        }
        strings = SharedStringReader()
        let stringPart = part("/sharedStrings", "sharedStrings.xml"), stylePart = part("/styles", "styles.xml")
        if let bytes = try archive.read(stringPart) { try strings.parse(bytes, part: stringPart) }
        if let bytes = try archive.read(stylePart) { try styles.parse(bytes, part: stylePart) }
    }

    func read(_ sheet: Listed, budget: SheetBudget) throws -> SheetReader {
        guard let bytes = try archive.read(sheet.part) else {
            throw ZipArchive.Failure(reason: "its sheet \"\(sheet.name)\" (\(sheet.part)) is missing")
        }
        let reader = SheetReader(strings: strings.strings, styles: styles, date1904: date1904, budget: budget)
        try reader.parse(bytes, part: sheet.part)
        return reader
    }

    /// Resolves a relationship's target against its folder; a leading slash means the archive's root.
    private static func resolve(_ target: String, from folder: String) -> String {
        if target.hasPrefix("/") { return String(target.dropFirst()) }
        var parts = folder.split(separator: "/").map(String.init)
        for part in target.split(separator: "/") {
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }
}
