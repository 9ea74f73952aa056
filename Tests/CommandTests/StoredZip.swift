// A zip file without compression, for spreadsheets that the tests make up.

enum StoredZip {
    static func make(_ files: [(name: String, text: String)]) -> [UInt8] {
        var body: [UInt8] = [], directory: [UInt8] = []
        for file in files {
            let name = Array(file.name.utf8), data = Array(file.text.utf8)
            let shared: [UInt8] =
                word(20) + word(0) + word(0) + word(0) + word(33) + long(checksum(data)) + long(UInt32(data.count))
                + long(UInt32(data.count))
                + word(UInt16(name.count)) + word(0)
            let start = UInt32(body.count)
            body += [0x50, 0x4B, 3, 4] + shared + name + data
            directory += [0x50, 0x4B, 1, 2] + word(20) + shared + word(0) + word(0) + word(0) + long(0) + long(start) + name
        }
        let count = word(UInt16(files.count))
        return body + directory + [0x50, 0x4B, 5, 6] + word(0) + word(0) + count + count + long(UInt32(directory.count))
            + long(UInt32(body.count)) + word(0)
    }

    /// A workbook of one sheet with text cells.
    static func workbook(_ rows: [[String]]) -> [UInt8] {
        let cells = rows.enumerated().map { row, values in
            "<row r=\"\(row + 1)\">"
                + values.enumerated().map { column, value in
                    "<c r=\"\(Character(UnicodeScalar(UInt8(65 + column))))\(row + 1)\" t=\"inlineStr\"><is><t>\(value)</t></is></c>"
                }.joined() + "</row>"
        }.joined()
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        let relations = "http://schemas.openxmlformats.org/package/2006/relationships"
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        return make([
            ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
            (
                "_rels/.rels",
                "<Relationships xmlns=\"\(relations)\"><Relationship Id=\"r1\" Type=\"\(office)/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
            (
                "xl/workbook.xml",
                "<workbook xmlns=\"\(main)\" xmlns:r=\"\(office)\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
            (
                "xl/_rels/workbook.xml.rels",
                "<Relationships xmlns=\"\(relations)\"><Relationship Id=\"r1\" Type=\"\(office)/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
            ("xl/worksheets/sheet1.xml", "<worksheet xmlns=\"\(main)\"><sheetData>\(cells)</sheetData></worksheet>"),
        ])
    }

    private static func word(_ value: UInt16) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
    private static func long(_ value: UInt32) -> [UInt8] { word(UInt16(value & 0xFFFF)) + word(UInt16(value >> 16)) }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
