// Golden files, a small writer of stored zip files, and a seeded generator, for the tests of caption readers.
import Foundation
import Tables

enum Golden {
    struct Missing: Error { let name: String }

    static func path(_ name: String) throws -> String {
        guard let url = Bundle.module.url(forResource: "Golden/" + name, withExtension: nil) else { throw Missing(name: name) }
        return url.path
    }

    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

    static func json(_ name: String) throws -> Any { try JSONSerialization.jsonObject(with: Data(bytes(name))) }
}

/// Writes zip files without compression, with right check sums, so that damage within a part reaches the XML reader.
enum StoredZip {
    static func write(_ parts: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var body: [UInt8] = []
        var directory: [UInt8] = []
        for (name, bytes) in parts {
            let common =
                little(20, 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0x21, 2) + little(crc32(bytes), 4)
                + little(UInt32(bytes.count), 4) + little(UInt32(bytes.count), 4) + little(UInt32(name.utf8.count), 2) + little(0, 2)
            directory +=
                little(0x0201_4B50, 4) + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4)
                + little(UInt32(body.count), 4) + Array(name.utf8)
            body += little(0x0403_4B50, 4) + common + Array(name.utf8) + bytes
        }
        let count = UInt32(parts.count)
        return body + directory + little(0x0605_4B50, 4) + little(0, 4) + little(count, 2) + little(count, 2)
            + little(UInt32(directory.count), 4) + little(UInt32(body.count), 4) + little(0, 2)
    }

    private static func little(_ value: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension CaptionTable {
    /// Image and caption of each row.
    var pairs: [[String]] { rows.map { [$0.imageName, $0.caption] } }
}

/// A workbook written part by part, for cells and sheets that writers of workbooks do not make on request.
struct BookBuilder {
    var sheets: [(name: String, state: String?, rows: [[String]])] = []
    /// Further sheets that are charts.
    var charts: [String] = []
    /// The codes of custom number formats; style 1 is the first, style 0 is General.
    var formats: [String] = []
    var date1904 = false

    /// Cells as XML.
    static func text(_ text: String) -> String {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        return "<c t=\"inlineStr\"><is><t xml:space=\"preserve\">\(escaped)</t></is></c>"
    }
    static func number(_ value: String, style: Int = 0) -> String { "<c s=\"\(style)\"><v>\(value)</v></c>" }

    init(_ sheets: [(name: String, state: String?, rows: [[String]])] = []) { self.sheets = sheets }

    /// One sheet of text cells.
    init(texts: [[String]]) { sheets = [("Sheet1", nil, texts.map { $0.map(Self.text) })] }

    var bytes: [UInt8] {
        let all = sheets.map(\.name) + charts
        let listed = all.enumerated().map { index, name in
            "<sheet name=\"\(name)\" sheetId=\"\(index + 1)\" r:id=\"r\(index + 1)\""
                + (index < sheets.count ? sheets[index].state.map { " state=\"\($0)\"" } ?? "" : "") + "/>"
        }
        let relations = all.indices.map { index in
            "<Relationship Id=\"r\(index + 1)\" Type=\"x/\(index < sheets.count ? "worksheet" : "chartsheet")\" Target=\"worksheets/s\(index + 1).xml\"/>"
        }
        let codes = formats.enumerated().map {
            "<numFmt numFmtId=\"\(200 + $0.offset)\" formatCode=\"\($0.element.replacing("\"", with: "&quot;"))\"/>"
        }
        let styles =
            "<styleSheet><numFmts>\(codes.joined())</numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"
            + formats.indices.map { "<xf numFmtId=\"\(200 + $0)\"/>" }.joined() + (1...49).map { "<xf numFmtId=\"\($0)\"/>" }.joined()
            + "</cellXfs></styleSheet>"
        var parts: [(name: String, bytes: [UInt8])] = [
            (
                "xl/workbook.xml",
                Array(
                    "<workbook xmlns:r=\"x\"><workbookPr date1904=\"\(date1904 ? 1 : 0)\"/><sheets>\(listed.joined())</sheets></workbook>"
                        .utf8)
            ),
            ("xl/_rels/workbook.xml.rels", Array("<Relationships>\(relations.joined())</Relationships>".utf8)),
            ("xl/styles.xml", Array(styles.utf8)),
        ]
        for (index, sheet) in sheets.enumerated() {
            let rows = sheet.rows.map { "<row>\($0.joined())</row>" }.joined()
            parts.append(("xl/worksheets/s\(index + 1).xml", Array("<worksheet><sheetData>\(rows)</sheetData></worksheet>".utf8)))
        }
        return StoredZip.write(parts)
    }
}
