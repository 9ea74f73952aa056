// What a caption file may ask for at most: small files that claim or unfold to much are refused with one error.
import Files
import Foundation
import TestSupport
import Testing
import Tables

@Suite struct LimitTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("limits") }

    private func message(_ bytes: [UInt8], _ name: String) throws -> String {
        let path = try folder.write(bytes, to: name)
        let error = #expect(throws: TableError.self) { try CaptionReader.read(path) }
        let text = error?.description ?? "no error"
        #expect(text.hasPrefix(path))
        return text
    }

    private func workbook(strings: String, sheet: String) -> [UInt8] {
        let book = #"<workbook xmlns:r="x"><sheets><sheet name="in" sheetId="1" r:id="rId1"/></sheets></workbook>"#
        return StoredZip.write([
            ("xl/workbook.xml", Array(book.utf8)), ("xl/sharedStrings.xml", Array(strings.utf8)),
            ("xl/worksheets/sheet1.xml", Array(sheet.utf8)),
        ])
    }

    @Test func files() throws {
        // A sparse file: it has the size and takes no room.
        let path = folder.file("large.csv")
        #expect(FileManager.default.createFile(atPath: path, contents: nil) && truncate(path, (512 << 20) + 1) == 0)
        let error = #expect(throws: TableError.self) { try CaptionReader.read(path) }
        #expect(error?.description.contains("more than the limit of 536870912") == true)
    }

    @Test func rowsOfASheet() throws {
        let text = "Image,Description\n" + String(repeating: "a\n", count: SheetBudget.rowLimit)
        #expect(try message(Array(text.utf8), "rows.csv").contains("more than 2000000 rows, the most that a caption file may hold"))
    }

    @Test func cellsAndTextAreCounted() {
        var budget = SheetBudget()
        for _ in 0..<SheetBudget.cellLimit { budget.addCell(bytes: 1) }
        #expect(budget.excess == nil)
        budget.addCell(bytes: 1)
        #expect(budget.excess?.what == "cells")
        var text = SheetBudget()
        text.addCell(bytes: SheetBudget.textLimit)
        #expect(text.excess == nil)
        text.addCell(bytes: 1)
        #expect(text.excess?.what == "bytes of text in its cells")
    }

    /// A megabyte of text, once in the file and six hundred times in the sheet.
    @Test func aSharedStringThatManyCellsRepeat() throws {
        let strings = "<sst><si><t>" + String(repeating: "left lung ", count: 100_000) + "</t></si></sst>"
        let rows = (1...600).map { "<row r=\"\($0)\"><c t=\"s\"><v>0</v></c></row>" }.joined()
        let text = try message(workbook(strings: strings, sheet: "<worksheet><sheetData>\(rows)</sheetData></worksheet>"), "repeated.xlsx")
        #expect(text.contains("more than 536870912 bytes of text in its cells"), "\(text)")
    }

    @Test func thePartsOfAWorkbook() throws {
        var bytes = workbook(strings: "<sst/>", sheet: "<worksheet/>")
        // The directory's entry of the sheet claims to unpack to 200,000,000 bytes.
        let name = Array("xl/worksheets/sheet1.xml".utf8)
        let place = try #require((0...bytes.count - name.count).last { Array(bytes[$0..<$0 + name.count]) == name })
        bytes.replaceSubrange(place - 22..<place - 18, with: withUnsafeBytes(of: UInt32(200_000_000).littleEndian) { Array($0) })
        let text = try message(bytes, "bomb.xlsx")
        #expect(text.contains("sheet1.xml unpacks to 200000000 bytes, more than the 134217728 allowed"), "\(text)")
    }

    @Test func nestingOfXML() throws {
        let deep = String(repeating: "<a>", count: 100_000) + String(repeating: "</a>", count: 100_000)
        let text = try message(workbook(strings: "<sst/>", sheet: "<worksheet>\(deep)</worksheet>"), "deep.xlsx")
        #expect(text.contains("its part xl/worksheets/sheet1.xml has elements nested more than 256 deep"), "\(text)")
    }

    @Test func valuesOfJSON() throws {
        let text = "[" + String(repeating: "[],", count: 998) + "{}]"
        _ = try JSONText.parse(Array(text.utf8), valueLimit: 1000)
        let failure = #expect(throws: JSONText.Failure.self) { try JSONText.parse(Array(text.utf8), valueLimit: 999) }
        #expect(failure?.found.hasPrefix("more than 999 values") == true)
        #expect(JSONText.valueLimit == 16_000_000)
    }
}
