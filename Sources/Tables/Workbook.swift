// The first sheet of an .xlsx workbook as rows of cells: workbook.xml names the sheets, its relationships name their parts.
// Not a spreadsheet engine: formulas give the value last computed, formats are not applied.

enum Workbook {
    /// - Throws: `TableError.damagedSheet` or `.tooLarge` naming the part.
    static func firstSheet(_ bytes: [UInt8], path: String) throws(TableError) -> [SheetRow] {
        do {
            let archive = try ZipArchive(bytes)
            return try rows(of: archive)
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

    private static func rows(of archive: ZipArchive) throws -> [SheetRow] {
        var bookPart = "xl/workbook.xml"
        if let bytes = try archive.read("_rels/.rels") {
            let top = RelationshipReader()
            try top.parse(bytes, part: "_rels/.rels")
            if let target = top.items.first(where: { $0.type.hasSuffix("/officeDocument") })?.target { bookPart = resolve(target, from: "") }
        }
        guard let bookBytes = try archive.read(bookPart) else {
            throw ZipArchive.Failure(reason: "a zip file without \(bookPart)")
        }
        let book = WorkbookReader()
        try book.parse(bookBytes, part: bookPart)
        guard let sheet = book.sheets.first else { throw ZipArchive.Failure(reason: "its workbook has no sheet") }

        let folder = bookPart.split(separator: "/").dropLast().joined(separator: "/")
        let name = bookPart.split(separator: "/").last.map(String.init) ?? bookPart
        let relationshipPart = (folder.isEmpty ? "" : folder + "/") + "_rels/\(name).rels"
        let relationships = RelationshipReader()
        if let bytes = try archive.read(relationshipPart) { try relationships.parse(bytes, part: relationshipPart) }

        let sheetTarget = relationships.items.first { $0.id == sheet.relationship }?.target ?? "worksheets/sheet1.xml"
        let sheetPart = resolve(sheetTarget, from: folder)
        guard let sheetBytes = try archive.read(sheetPart) else {
            throw ZipArchive.Failure(reason: "its first sheet \"\(sheet.name)\" (\(sheetPart)) is missing")
        }
        let stringTarget = relationships.items.first { $0.type.hasSuffix("/sharedStrings") }?.target ?? "sharedStrings.xml"
        let strings = SharedStringReader()
        let stringPart = resolve(stringTarget, from: folder)
        if let bytes = try archive.read(stringPart) { try strings.parse(bytes, part: stringPart) }

        let reader = SheetReader(strings: strings.strings)
        try reader.parse(sheetBytes, part: sheetPart)
        if let excess = reader.budget.excess { throw TooMany(what: excess.what, limit: excess.limit) }
        if let problem = reader.problem { throw ZipArchive.Failure(reason: "its part \(sheetPart): \(problem)") }
        return reader.rows
    }

    /// A relationship's target against the folder it is named from; a leading slash means the archive's root.
    private static func resolve(_ target: String, from folder: String) -> String {
        if target.hasPrefix("/") { return String(target.dropFirst()) }
        var parts = folder.split(separator: "/").map(String.init)
        for part in target.split(separator: "/") {
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }
}
