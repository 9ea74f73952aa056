// Caption sheets and vocabularies under the fuzzer.
import Tables
import Text

enum FuzzTables {
    static func accepts(_ bytes: [UInt8], name: String, folder: String) -> Bool {
        guard let tables = try? CaptionReader.read(placed(bytes, name, in: folder)) else { return false }
        for table in tables {
            precondition(!table.rows.isEmpty || !table.problems.isEmpty, "a table of nothing")
            for row in table.rows {
                precondition(!row.imageName.isEmpty, "a row without an image")
                _ = CaptionText.normalised(row.caption)
            }
        }
        return true
    }

    /// Bytes that are no zip file are the text of the sheet and, behind a NUL, of the shared strings: checksums would hide the XML readers.
    static func workbook(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.starts(with: Array("PK".utf8)) { return bytes }
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
        let book = "<workbook xmlns:r=\"o\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
        return StoredArchive.make([
            ("xl/workbook.xml", Array(book.utf8)), ("xl/worksheets/sheet1.xml", parts[0]),
            ("xl/sharedStrings.xml", parts.count > 1 ? parts[1] : Array("<sst/>".utf8)),
        ])
    }

    static func acceptsVocabulary(_ bytes: [UInt8], folder: String) -> Bool {
        let name = bytes.first == UInt8(ascii: "{") ? "tokenizer.json" : "vocab.txt"
        guard let vocabulary = try? Vocabulary(contentsOf: placed(bytes, name, in: folder)) else { return false }
        let tokens = WordPieceTokenizer(vocabulary: vocabulary).encode(
            "Bilateral pulmonary infection, two infected areas: upper left LUNG.")
        for id in tokens.ids { precondition(id >= 0 && Int(id) < vocabulary.count, "a token id beyond the vocabulary") }
        return true
    }
}
