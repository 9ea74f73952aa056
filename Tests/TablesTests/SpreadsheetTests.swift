// xlsx: the ways cells are stored, headers, and workbooks that are not caption sheets.
import TestSupport
import Testing
import Tables

@Suite struct SpreadsheetTests {
    private func read(_ name: String) throws -> CaptionTable {
        // One of the workbooks has two sheets, in another order than its parts.
        let tables = try CaptionReader.read(Golden.path(name), sheets: name == "order.xlsx" ? ["1"] : [])
        #expect(tables.count == 1)
        return tables[0]
    }

    private func message(_ path: String) -> String {
        let error = #expect(throws: TableError.self) { try CaptionReader.read(path) }
        return error?.description ?? ""
    }

    @Test(arguments: ["shared", "rich", "inline", "prefixed", "order"]) func asOpenpyxlReads(name: String) throws {
        let expected = try #require(try Golden.json("expected.json") as? [String: [[String]]])
        let table = try read(name + ".xlsx")
        #expect(table.kind == .spreadsheet)
        #expect(table.problems.isEmpty)
        #expect(table.pairs == Array(try #require(expected[name + ".xlsx"]).dropFirst()))
        #expect(table.rows.allSatisfy { $0.source == "Description" })
    }

    @Test func formulasNumbersAndBooleans() throws {
        #expect(try read("formula.xlsx").pairs == [["a.png", "computed"], ["7", "2.5"], ["12", "TRUE"]])
    }

    @Test func missingCellsAndRows() throws {
        let table = try read("gaps.xlsx")
        #expect(table.pairs == [["a.png", "one"], ["b.png", ""]])
        #expect(table.rows[0].location.hasSuffix("gaps.xlsx, row 3"))
        #expect(table.problems.count == 2 && table.problems.last?.names.first == "c.png")
        #expect(table.problems.first?.location.hasSuffix("row 5") == true)
        #expect(table.problems.first?.reason == "a caption without an image name: \"caption only\"")
        #expect(table.problems.last?.reason.contains("holds the error") == true)
    }

    @Test func furtherColumnsAndLooseHeaders() throws {
        let table = try read("extra.xlsx")
        #expect(table.pairs == [["mask_a.png", "two areas"]])
        #expect(table.rows.first?.source == "description")
        #expect(table.problems.isEmpty)
        #expect(table.sheetNote?.hasSuffix("sheet \"in\"; not read: cells beside the table, from column H on") == true)
    }

    @Test func withoutTheColumns() throws {
        let path = try Golden.path("columns.xlsx")
        #expect(
            message(path) == "\(path): no column \"Image\" and no column \"Description\" in the header row; "
                + "the columns found are \"Picture\", \"Words\"; for a set without captions add --no-captions")
    }

    @Test(arguments: [
        ("headeronly", "holds no captions"), ("nothing", "the file is empty"), ("badstring", "asks for shared string 9 of 1"),
        ("badxml", "xl/worksheets/sheet1.xml is not XML (line "), ("notsheet", "a zip file without xl/workbook.xml"),
        ("bomb", "xl/sharedStrings.xml unpacks to 209715200 bytes"),
        ("entities", "xl/worksheets/sheet1.xml declares a document type (line 2), which a workbook may not have"),
    ]) func refusals(name: String, part: String) throws {
        let path = try Golden.path(name + ".xlsx")
        let text = message(path)
        #expect(text.hasPrefix(path) && text.contains(part), "\(text)")
    }

    @Test func namedXlsxAndNoZip() throws {
        let folder = try TemporaryFolder("tables")
        #expect(message(try folder.write("Image,Description\na.png,x\n", to: "a.xlsx")).contains("named .xlsx, but not a zip file"))
        #expect(message(try folder.write([0xD0, 0xCF, 0x11, 0xE0, 0xA1], to: "b.xls")).contains("save it as .xlsx"))
    }

    @Test func contentDecidesNotTheName() throws {
        let folder = try TemporaryFolder("tables")
        let path = try folder.write(try Golden.bytes("inline.xlsx"), to: "captions.csv")
        #expect(try CaptionReader.read(path)[0].kind == .spreadsheet)
    }

    /// Found by fuzzing: Foundation's parser crashes on a processing instruction without content. They are taken out; comments and
    /// character data that look like them are not touched, and what never ends is refused.
    @Test func processingInstructionsArePassedOver() throws {
        let folder = try TemporaryFolder("tables")
        func workbook(_ row: String) -> [UInt8] {
            let cells = "<row><c t=\"str\"><v>Image</v></c><c t=\"str\"><v>Description</v></c></row>"
            return StoredZip.write([
                ("xl/workbook.xml", Array("<?a?><workbook><sheets><sheet name=\"a\"/></sheets></workbook>".utf8)),
                (
                    "xl/worksheets/sheet1.xml",
                    Array(
                        "<?xml version=\"1.0\"?><?a?>\n<worksheet><!-- <?b?> --><?c\n d?><sheetData>\(cells)\(row)</sheetData></worksheet><?e?>"
                            .utf8)
                ),
            ])
        }
        let good = try folder.write(
            workbook("<row><c t=\"str\"><v>a.png</v></c><c t=\"str\"><v><![CDATA[left <?f?> lung]]></v></c></row>"), to: "a.xlsx")
        #expect(try CaptionReader.read(good)[0].pairs == [["a.png", "left <?f?> lung"]])
        let endless = try folder.write(workbook("<?g"), to: "b.xlsx")
        #expect(message(endless).contains("is not XML") || message(endless).contains("no captions"), "\(message(endless))")
    }
}
