// Removes or refuses what Foundation's parser must not see in a workbook's XML. Not a parser: it knows only where comments, character data
// and processing instructions begin and end.
// Processing instructions are removed: that parser crashes on one without content (`<?a?>`; found by fuzzing), and nothing here needs them.
// Document types are refused: the format forbids them, and the entities that they declare could contain instructions again, or grow without
// limit.

enum XMLCleaning {
    /// The text without processing instructions; their line breaks stay.
    static func cleaned(_ text: [UInt8], part: String) throws -> [UInt8] {
        if let place = text.firstIndex(of: 0) { throw XMLFailure(part: part, line: line(of: place, in: text)) }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            guard text[at] == UInt8(ascii: "<"), at + 1 < text.count, text[at + 1] == UInt8(ascii: "?") || text[at + 1] == UInt8(ascii: "!")
            else {
                result.append(text[at])
                at += 1
                continue
            }
            func starts(_ mark: String) -> Bool { text[at...].starts(with: mark.utf8) }
            if starts("<!DOCTYPE") {
                throw ZipArchive.Failure(
                    reason: "its part \(part) declares a document type (line \(line(of: at, in: text))), which a workbook may not have")
            }
            let (opening, closing) = starts("<!--") ? (4, "-->") : starts("<![CDATA[") ? (9, "]]>") : starts("<?") ? (2, "?>") : (2, "")
            guard let end = end(of: closing, from: at + opening, in: text) else {
                throw XMLFailure(part: part, line: line(of: at, in: text))
            }
            result += starts("<?") ? text[at..<end].filter { $0 == 10 } : Array(text[at..<end])
            at = end
        }
        return result
    }

    /// The position behind the next occurrence of a mark; nil if there is none.
    private static func end(of mark: String, from start: Int, in text: [UInt8]) -> Int? {
        let mark = Array(mark.utf8)
        guard let first = mark.first else { return start }
        var at = start
        while at + mark.count <= text.count {
            if text[at] == first, text[at..<at + mark.count].elementsEqual(mark) { return at + mark.count }
            at += 1
        }
        return nil
    }

    private static func line(of place: Int, in text: [UInt8]) -> Int { 1 + text[..<place].count { $0 == 10 } }
}
