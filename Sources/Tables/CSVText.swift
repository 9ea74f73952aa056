// Comma-separated text to rows of cells: quotes, doubled quotes, line breaks within quotes; LF, CRLF or CR; comma, semicolon or tab.
// Encodings: UTF-8 with or without a byte order mark, UTF-16 with one.

enum CSVText {
    static func rows(_ bytes: [UInt8], path: String) throws(TableError) -> [SheetRow] {
        let text = try utf8(bytes, path: path)
        return try parse(text, delimiter: delimiter(of: text), path: path)
    }

    /// The delimiter that splits the first line that is not blank into the most fields; a comma where none does.
    private static func delimiter(of bytes: [UInt8]) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var quoted = false
        var seen = false
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { quoted.toggle() }
            if !quoted && (byte == 10 || byte == 13) {
                if seen { break }
                continue
            }
            if byte > 32 { seen = true }
            if !quoted && [UInt8(ascii: ","), UInt8(ascii: ";"), 9].contains(byte) { counts[byte, default: 0] += 1 }
        }
        var best = UInt8(ascii: ",")
        for candidate in [UInt8(ascii: ";"), 9] where counts[candidate, default: 0] > counts[best, default: 0] { best = candidate }
        return best
    }

    private static func parse(_ bytes: [UInt8], delimiter: UInt8, path: String) throws(TableError) -> [SheetRow] {
        var rows: [SheetRow] = []
        var line = 1
        var row = SheetRow(number: 1, cells: [:])
        var column = 0
        var field: [UInt8] = []
        var quoteLine: Int?
        var fieldStarted = false
        var position = 0
        var budget = SheetBudget()

        func endField() {
            if !field.isEmpty {
                row.cells[column] = String(decoding: field, as: UTF8.self)
                budget.addCell(bytes: field.count)
            }
            field.removeAll(keepingCapacity: true)
            fieldStarted = false
            column += 1
        }
        func endRow() {
            endField()
            if !row.cells.isEmpty {
                rows.append(row)
                budget.addRow()
            }
            row = SheetRow(number: line + 1, cells: [:])
            column = 0
        }

        while position < bytes.count {
            let byte = bytes[position]
            let isBreak = byte == 10 || byte == 13
            let length = byte == 13 && position + 1 < bytes.count && bytes[position + 1] == 10 ? 2 : 1
            if quoteLine != nil {
                if byte == UInt8(ascii: "\"") {
                    if position + 1 < bytes.count && bytes[position + 1] == byte {
                        field.append(byte)
                        position += 1
                    } else {
                        quoteLine = nil
                    }
                    position += 1
                    continue
                }
                field.append(contentsOf: bytes[position..<position + length])
                if isBreak { line += 1 }
                position += length
                continue
            }
            if isBreak {
                endRow()
                if let excess = budget.excess { throw .tooMany(path: path, what: excess.what, limit: excess.limit) }
                line += 1
            } else if byte == delimiter {
                endField()
            } else if byte == UInt8(ascii: "\"") && !fieldStarted {
                quoteLine = line
                fieldStarted = true
            } else {
                if byte != 32 { fieldStarted = true }
                field.append(byte)
            }
            position += length
        }
        if let quoteLine { throw .openQuote(path: path, line: quoteLine) }
        endRow()
        if let excess = budget.excess { throw .tooMany(path: path, what: excess.what, limit: excess.limit) }
        return rows
    }

    /// The text as UTF-8 without a byte order mark.
    private static func utf8(_ bytes: [UInt8], path: String) throws(TableError) -> [UInt8] {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            let little = bytes[0] == 0xFF
            var units: [UInt16] = []
            for index in stride(from: 2, to: bytes.count - 1, by: 2) {
                let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
                units.append(little ? first | second << 8 : first << 8 | second)
            }
            guard let text = String(validating: units, as: UTF16.self) else { throw .notUTF8(path: path, line: 1) }
            return Array(text.utf8)
        }
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var line = 1
        for part in bytes[start...].split(separator: 10, omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { throw .notUTF8(path: path, line: line) }
            line += 1
        }
        return start == 0 ? bytes : Array(bytes[start...])
    }
}
