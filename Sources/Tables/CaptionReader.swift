// The entry of this library: detects the kind of a caption file from its content and reads it. In a folder it looks for caption files.
import Files
import Imaging
import Text

public enum CaptionReader {
    private static let sizeLimit = 512 << 20
    private static let extensions: Set<String> = ["json", "jsonl", "ndjson", "xlsx", "csv", "tsv"]
    /// Files of the known releases that look like caption files but hold no captions.
    private static let otherFiles: Set<String> = ["kavsir_bboxes.json", "kvasir_bboxes.json"]

    /// Reads one caption file, or all caption files of a folder.
    /// - Parameters:
    ///   - path: a file, or a folder. In a folder: the files of anns/ or prompt/ if it exists, else the folder's own files, else those of
    ///     its *_Folder subfolders.
    ///   - prompt: for MedVLSM files, the prompt to use instead of the rule's ("p3", "p9[1]"); other files have no prompts.
    ///   - columns: for tables with unknown columns; nil for the tables of the known releases.
    ///   - sheets: for workbooks, names or numbers of the sheets to read. Empty: the only sheet with content, or the sheets whose names are
    ///     splits.
    /// - Returns: one table per file (or sheet), sorted by path; each has at least one row or problem.
    public static func read(
        _ path: String, prompt: String? = nil, columns: ColumnRequest? = nil, sheets: [String] = []
    ) throws(TableError) -> [CaptionTable] {
        if let prompt {
            do { try CaptionRule.checkName(prompt) } catch { throw .prompt(error) }
        }
        guard FileIO.isFolder(path) else { return try readFile(path, prompt: prompt, columns, sheets) }
        let files = try captionFiles(in: path)
        if files.isEmpty { throw .nothingInFolder(path: path) }
        var tables: [CaptionTable] = []
        for file in files { tables += try readFile(file, prompt: prompt, columns, sheets) }
        return tables
    }

    private static func readFile(
        _ path: String, prompt: String?, _ columns: ColumnRequest?, _ sheets: [String]
    ) throws(TableError) -> [CaptionTable] {
        let bytes: [UInt8]
        do { bytes = try FileIO.read(path, limit: sizeLimit) } catch { throw .file(error) }
        let split = SplitName.split(ofPath: path)
        let content = try kind(of: bytes, path: path)
        if content != .xlsx, !sheets.isEmpty { throw .sheetOfNoWorkbook(path: path, wanted: sheets) }
        switch content {
        case .json: return [try JSONCaptions.read(bytes, path: path, prompt: prompt, split: split, columns: columns)]
        case .xlsx: return try workbook(bytes, path, split, columns, sheets)
        case .csv:
            let (rows, delimiter) = try CSVText.rows(bytes, path: path)
            return [
                try table(
                    Sheet(path: path, label: path, kind: .csv, rowWord: "line", delimiter: delimiter, split: split, rows: rows), columns)
            ]
        }
    }

    private static func workbook(
        _ bytes: [UInt8], _ path: String, _ split: String?, _ columns: ColumnRequest?, _ wanted: [String]
    ) throws(TableError) -> [CaptionTable] {
        let choice = try Workbook.sheets(bytes, path: path, wanted: wanted)
        var tables: [CaptionTable] = []
        for sheet in choice.sheets {
            let content = Sheet(
                path: path, label: choice.areSplits ? "\(path), sheet \"\(sheet.name)\"" : path, kind: .spreadsheet, rowWord: "row",
                delimiter: nil,
                split: choice.areSplits ? SplitName.split(ofSheet: sheet.name) : split, rows: sheet.rows)
            do throws(TableError) {
                var table = try table(content, columns)
                table.splitIsSheet = choice.areSplits
                let apart =
                    table.beside.map {
                        "; not read: cells beside the table, from column \($0) on" + (choice.areSplits ? " of \"\(sheet.name)\"" : "")
                    } ?? ""
                table.sheetNote = tables.isEmpty ? choice.note + apart : apart.isEmpty ? nil : content.label + apart
                tables.append(table)
            } catch {
                // A split without rows is an empty split; it counts as an absent one.
                guard case .noRows = error, choice.areSplits else { throw error }
            }
        }
        if tables.isEmpty { throw .noRows(path: path) }
        return tables
    }

    private static func table(_ sheet: Sheet, _ columns: ColumnRequest?) throws(TableError) -> CaptionTable {
        guard let columns else { return try SheetColumns.table(of: sheet) }
        return try ColumnGuess.table(of: sheet, request: columns)
    }

    private enum Content { case json, xlsx, csv }

    /// The kind follows from the content. The name decides between JSON and CSV only if the text does not.
    private static func kind(of bytes: [UInt8], path: String) throws(TableError) -> Content {
        let suffix = fileExtension(path)
        let blanks: Set<UInt8> = [9, 10, 13, 32, 0xEF, 0xBB, 0xBF]
        guard let first = bytes.first(where: { !blanks.contains($0) }) else { throw .empty(path: path) }
        if bytes.starts(with: [0x50, 0x4B]) && bytes.count > 3 && bytes[2] < 9 { return .xlsx }
        let signatures: [([UInt8], String)] = [
            ([0xD0, 0xCF, 0x11, 0xE0], "an old .xls workbook (save it as .xlsx)"), ([0x89, 0x50, 0x4E, 0x47], "a PNG image"),
            ([0xFF, 0xD8, 0xFF], "a JPEG image"), ([0x49, 0x49, 0x2A, 0x00], "a TIFF image"), ([0x4D, 0x4D, 0x00, 0x2A], "a TIFF image"),
            ([0x25, 0x50, 0x44, 0x46], "a PDF file"), ([0x1F, 0x8B], "a gzip file"),
        ]
        if let standIn = standIn(bytes) { throw .wrongKind(path: path, found: standIn) }
        for (signature, name) in signatures where bytes.starts(with: signature) { throw .wrongKind(path: path, found: "this is \(name)") }
        if suffix == "xlsx" { throw .damagedSheet(path: path, reason: "named .xlsx, but not a zip file") }
        if ["json", "jsonl", "ndjson"].contains(suffix) || first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return .json }
        if suffix != "csv" && suffix != "tsv" && first == UInt8(ascii: "<") { throw .wrongKind(path: path, found: "this is HTML or XML") }
        let isUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        if !isUTF16 && TextEncoding.looksLikeUTF16(bytes) {
            throw .wrongKind(path: path, found: "this is UTF-16 without a byte order mark (save it as UTF-8)")
        }
        if !isUTF16, let zero = bytes.firstIndex(of: 0) {
            // One zero byte among words came in by copying. Many zero bytes, or zero bytes with other control characters, mean that this is
            // not text.
            let isText =
                bytes.count { $0 == 0 } * 10 <= bytes.count
                && !bytes.contains { $0 > 0 && $0 < 32 && ![9, 10, 11, 12, 13, 27].contains($0) }
            let line = 1 + bytes[..<zero].count { $0 == 10 }
            throw .wrongKind(
                path: path,
                found: isText ? "line \(line) holds a zero byte (NUL), which text must not contain; remove it" : "this is a binary file")
        }
        return .csv
    }

    /// Recognises what version control or a failed download leaves in place of a file; returns the same words as for pictures, and what to
    /// do.
    private static func standIn(_ bytes: [UInt8]) -> String? {
        guard let foreign = ImageFormat.foreign(Array(bytes.prefix(2048))) else { return nil }
        let kinds = ["a Git LFS pointer", "a git-annex pointer", "a DVC pointer", "a web page", "a server's error message"]
        return kinds.contains { foreign.found.hasPrefix("it is " + $0) } ? "\(foreign.found): \(foreign.cure)" : nil
    }

    private static func captionFiles(in folder: String) throws(TableError) -> [String] {
        for name in ["anns", "prompt"] where FileIO.isFolder(folder + "/" + name) {
            let files = try files(directlyIn: folder + "/" + name)
            if !files.isEmpty { return files }
        }
        let own = try files(directlyIn: folder)
        if !own.isEmpty { return own }
        var found: [String] = []
        for name in try list(folder) where name.lowercased().hasSuffix("_folder") && FileIO.isFolder(folder + "/" + name) {
            found += try files(directlyIn: folder + "/" + name)
        }
        return found
    }

    private static func files(directlyIn folder: String) throws(TableError) -> [String] {
        try list(folder).filter { name in
            !name.hasPrefix(".") && !name.hasPrefix("~$") && extensions.contains(fileExtension(name))
                && !otherFiles.contains(name.lowercased()) && FileIO.isFile(folder + "/" + name)
        }.map { folder + "/" + $0 }
    }

    private static func list(_ folder: String) throws(TableError) -> [String] {
        do { return try FileIO.list(folder) } catch { throw .file(error) }
    }

    private static func fileExtension(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    }
}
