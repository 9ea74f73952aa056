// xlsx: the ways cells are stored, headers, and workbooks that are not caption sheets.
import TestSupport
import Testing
import Tables

@Suite struct SpreadsheetTests {
    private func read(_ name: String) throws -> CaptionTable {
        let tables = try CaptionReader.read(Golden.path(name))
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
        #expect(table.pairs == [["a.png", "one"], ["b.png", ""], ["c.png", ""]])
        #expect(table.rows[0].location.hasSuffix("gaps.xlsx, row 3"))
        #expect(table.problems.count == 1)
        #expect(table.problems[0].location.hasSuffix("row 5"))
        #expect(table.problems[0].reason == "a caption without an image name: \"caption only\"")
    }

    @Test func furtherColumnsAndLooseHeaders() throws {
        let table = try read("extra.xlsx")
        #expect(table.pairs == [["mask_a.png", "two areas"]])
        #expect(table.rows[0].source == "description")
        #expect(table.problems.isEmpty)
    }

    @Test func withoutTheColumns() throws {
        let path = try Golden.path("columns.xlsx")
        #expect(
            message(path) == "\(path): no column \"Image\" and no column \"Description\" in the header row; "
                + "the columns found are \"Picture\", \"Words\"")
    }

    @Test(arguments: [
        ("headeronly", "no captions in it"), ("nothing", "the file is empty"), ("badstring", "asks for shared string 9 of 1"),
        ("badxml", "xl/worksheets/sheet1.xml is not XML (line "), ("notsheet", "a zip file without xl/workbook.xml"),
        ("bomb", "xl/sharedStrings.xml unpacks to 209715200 bytes"), ("entities", "xl/worksheets/sheet1.xml is not XML"),
    ]) func refusals(name: String, part: String) throws {
        let path = try Golden.path(name + ".xlsx")
        let text = message(path)
        #expect(text.hasPrefix(path) && text.contains(part), "\(text)")
    }

    @Test func namedXlsxAndNoZip() throws {
        let folder = try TemporaryFolder("tables")
        #expect(message(try folder.write("Image,Description\na.png,x\n", to: "a.xlsx")).contains("named .xlsx, but no zip file"))
        #expect(message(try folder.write([0xD0, 0xCF, 0x11, 0xE0, 0xA1], to: "b.xls")).contains("save it as .xlsx"))
    }

    @Test func contentDecidesNotTheName() throws {
        let folder = try TemporaryFolder("tables")
        let path = try folder.write(try Golden.bytes("inline.xlsx"), to: "captions.csv")
        #expect(try CaptionReader.read(path)[0].kind == .spreadsheet)
    }
}
