// Parses comma-separated text into rows of cells: quotes, doubled quotes, line breaks within quotes; LF, CRLF or CR. The delimiter is a
// comma, semicolon, tab or bar, or the one that a first line "sep=;" states. Encodings: UTF-8 with or without a byte order mark, UTF-16
// with one (TextEncoding).

enum CSVText {
    static func rows(_ bytes: [UInt8], path: String) throws(TableError) -> (rows: [SheetRow], delimiter: Character) {
        let text = try TextEncoding.utf8(bytes, path: path)
        let declared = try separatorLine(text, path: path)
        let start = declared?.end ?? 0
        if let declared {
            let rest = Array(text[start...]), used = delimiter(of: rest)
            if used != declared.delimiter, fieldCounts(rest, declared.delimiter, lines: 1) == [1],
                fieldCounts(rest, used, lines: 1).first ?? 1 > 1
            {
                throw .separatorNotUsed(path: path, delimiter: name(declared.delimiter), used: name(used))
            }
        }
        let delimiter = declared?.delimiter ?? delimiter(of: text)
        return (
            try parse(text, from: start, line: declared == nil ? 1 : 2, delimiter: delimiter, path: path),
            Character(Unicode.Scalar(delimiter))
        )
    }

    private static func name(_ delimiter: UInt8) -> String { delimiter == 9 ? "TAB" : String(Unicode.Scalar(delimiter)) }

    /// A first line "sep=;", which spreadsheet programs write and follow: returns the delimiter and the start of the next line.
    private static func separatorLine(_ bytes: [UInt8], path: String) throws(TableError) -> (delimiter: UInt8, end: Int)? {
        let line = bytes.prefix(40).prefix { $0 != 10 && $0 != 13 }
        var rest = line[...]
        if rest.first == UInt8(ascii: "\""), rest.last == UInt8(ascii: "\""), rest.count > 1 { rest = rest.dropFirst().dropLast() }
        guard String(decoding: rest.prefix(4), as: UTF8.self).lowercased() == "sep=" else { return nil }
        rest = rest.dropFirst(4)
        // A program that knows the delimiter but not this line pads it with delimiters to the width of the table.
        guard let delimiter = rest.first, rest.allSatisfy({ $0 == delimiter }), delimiter < 128, delimiter != UInt8(ascii: "\"") else {
            throw .badSeparator(path: path, found: String(decoding: line, as: UTF8.self))
        }
        var end = line.count
        if end < bytes.count { end += bytes[end] == 13 && end + 1 < bytes.count && bytes[end + 1] == 10 ? 2 : 1 }
        return (delimiter, end)
    }

    private static let delimiters: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), 9, UInt8(ascii: "|")]

    /// The delimiter that splits the first non-blank line into the most fields. If several delimiters split it, one that gives all of the
    /// first lines the same number of fields is preferred. A comma if no delimiter splits the line.
    private static func delimiter(of bytes: [UInt8]) -> UInt8 {
        let counts = delimiters.map { ($0, fieldCounts(bytes, $0, lines: 1).first ?? 1) }.filter { $0.1 > 1 }
        let order = counts.enumerated().sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }.map(\.element.0)
        if order.count > 1, let even = order.first(where: { Set(fieldCounts(bytes, $0, lines: 100)).count == 1 }) { return even }
        return order.first ?? UInt8(ascii: ",")
    }

    /// The numbers of fields in the first non-blank lines.
    private static func fieldCounts(_ bytes: [UInt8], _ delimiter: UInt8, lines: Int) -> [Int] {
        var counts: [Int] = []
        var fields = 1
        var quoted = false, seen = false
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { quoted.toggle() }
            if !quoted && (byte == 10 || byte == 13) {
                if seen { counts.append(fields) }
                if counts.count == lines { return counts }
                (fields, seen) = (1, false)
                continue
            }
            if byte > 32 { seen = true }
            if !quoted && byte == delimiter { fields += 1 }
        }
        return seen ? counts + [fields] : counts
    }

    private static func parse(
        _ bytes: [UInt8], from start: Int, line first: Int, delimiter: UInt8, path: String
    ) throws(TableError) -> [SheetRow] {
        var rows: [SheetRow] = []
        var line = first
        var row = SheetRow(number: first, cells: [:])
        var column = 0
        var field: [UInt8] = []
        var quoteLine: Int?
        var fieldStarted = false
        var position = start
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
            row.fieldCount = column
            if !row.cells.isEmpty {
                rows.append(row)
                budget.addRow()
            }
            row = SheetRow(number: line + 1, cells: [:])
            column = 0
        }
        func endsField(after place: Int) -> Bool {
            guard let next = bytes[place...].first(where: { $0 != 32 }) else { return true }
            return next == delimiter || next == 10 || next == 13
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
                        // A stray quote opens a quoted text that runs over lines until the next quote, which then closes it in the middle
                        // of a text.
                        if let begin = quoteLine, line > begin, !endsField(after: position + 1) {
                            throw .openQuote(path: path, line: begin)
                        }
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
}
