// The bytes of a text file as UTF-8 without a byte order mark. UTF-16 needs its mark. No other encoding is guessed, because a wrong guess
// would change letters.

enum TextEncoding {
    static func utf8(_ bytes: [UInt8], path: String) throws(TableError) -> [UInt8] {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            let little = bytes[0] == 0xFF
            var units: [UInt16] = []
            units.reserveCapacity(bytes.count / 2)
            for index in stride(from: 2, to: bytes.count - 1, by: 2) {
                let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
                units.append(little ? first | second << 8 : first << 8 | second)
            }
            guard bytes.count % 2 == 0, let text = String(validating: units, as: UTF16.self) else { throw .notUTF8(path: path, line: 1) }
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

    /// The same for a reader that itself reports text which is not UTF-8.
    static func withoutMark(_ bytes: [UInt8], path: String) throws(TableError) -> [UInt8] {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return try utf8(bytes, path: path) }
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
    }

    /// Whether every second byte of the beginning is zero, as in UTF-16 without its mark.
    static func looksLikeUTF16(_ bytes: [UInt8]) -> Bool {
        let head = bytes.prefix(64)
        guard head.count >= 8 else { return false }
        let zeros = head.enumerated().filter { $0.element == 0 }.map { $0.offset % 2 }
        return zeros.count * 3 >= head.count && Set(zeros).count == 1
    }
}
