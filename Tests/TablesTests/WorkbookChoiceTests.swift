// Which sheets of a workbook are read, and what their cells show.
import TestSupport
import Testing
import Tables

@Suite struct WorkbookChoiceTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("workbook") }

    private func sheet(_ name: String, _ state: String? = nil, rows: Int = 1) -> (name: String, state: String?, rows: [[String]]) {
        (
            name, state,
            rows == 0
                ? []
                : [["image", "caption"]].map { $0.map(BookBuilder.text) }
                    + (1..<max(rows, 1)).map { [BookBuilder.text("\(name)\($0).png"), BookBuilder.text("text of \(name)")] }
        )
    }

    private func read(_ book: BookBuilder, _ sheets: [String] = [], name: String = "c.xlsx") throws -> [CaptionTable] {
        try CaptionReader.read(folder.write(book.bytes, to: name), sheets: sheets)
    }

    private func message(_ book: BookBuilder, _ sheets: [String] = []) -> String {
        do { return "no error: \(try read(book, sheets).map(\.pairs))" } catch { return "\(error)" }
    }

    @Test(arguments: ["hidden", "veryHidden"]) func hiddenSheetsArePassedOverAndSaid(state: String) throws {
        var book = BookBuilder([sheet("old", state, rows: 3), sheet("Captions", rows: 2), sheet("Sheet2", rows: 0)])
        book.charts = ["Plot"]
        let table = try read(book)[0]
        #expect(table.pairs == [["Captions1.png", "text of Captions"]])
        #expect(
            table.sheetNote
                == "\(folder.file("c.xlsx")): sheet \"Captions\"; passed over: hidden \"old\", empty \"Sheet2\", no table \"Plot\"")
        #expect(try read(book, ["old"])[0].rows.count == 2)
        #expect(try read(book, ["old"])[0].sheetNote?.hasSuffix("sheet \"old\" (--sheet, hidden)") == true)
    }

    @Test func theOnlySheetIsNamed() throws {
        let table = try read(BookBuilder([sheet("Train", rows: 2)]))[0]
        #expect(table.sheetNote?.hasSuffix("sheet \"Train\"") == true)
        // Alone, its name decides no split.
        #expect(table.split == nil)
    }

    @Test func severalSheetsAreSplitsByTheirNames() throws {
        let book = BookBuilder([
            sheet("Train", rows: 3), sheet("Validation_set", rows: 2), sheet("TEST", rows: 2), sheet("notes", "hidden", rows: 2),
        ])
        let tables = try read(book)
        #expect(tables.map(\.split) == ["train", "val", "test"] && tables.allSatisfy(\.splitIsSheet))
        #expect(tables.map(\.rows.count) == [2, 1, 1])
        #expect(tables[1].rows[0].location.hasSuffix("c.xlsx, sheet \"Validation_set\", row 2"))
        #expect(tables.map { $0.sheetNote != nil } == [true, false, false])
        #expect(
            tables[0].sheetNote?.contains(
                "sheets \"Train\" as train, \"Validation_set\" as val, \"TEST\" as test; passed over: hidden \"notes\"") == true)
        #expect(try read(book, ["Test"]).map(\.split) == [nil])
        #expect(try read(book, ["test", "1"]).map(\.split) == ["test", "train"])
        // A split of a header alone is an empty split.
        #expect(try read(BookBuilder([sheet("Train", rows: 3), sheet("Test")])).map(\.split) == ["train"])
    }

    @Test func otherwiseTheSheetMustBeNamed() {
        let book = BookBuilder([sheet("Captions", rows: 3), sheet("Legend", rows: 2), sheet("old", "hidden", rows: 2)])
        let text = message(book)
        #expect(
            text.contains(
                "several sheets hold data: \"Captions\" (3 rows, first \"image\", \"caption\"), \"Legend\" (2 rows, first \"image\", \"caption\"), \"old\" (hidden)"
            ), "\(text)")
        #expect(text.contains("--sheet NAME"))
        #expect(message(book, ["Legend"]).contains("text of Legend") && message(book, ["2"]).contains("text of Legend"))
        #expect(message(book, ["7"]).contains("no sheet \"7\" (--sheet); the sheets are \"Captions\", \"Legend\", \"old\" (hidden)"))
        #expect(
            message(book, ["Captions", "Legend"]).contains(
                "each must have the name of a split, such as Train, Val or Test; \"Captions\" is not one"))
        #expect(
            message(BookBuilder([sheet("a", rows: 0), sheet("b", "hidden", rows: 2)])).contains(
                "empty; the hidden sheets are \"b\": unhide one, or name it with --sheet"))
        #expect(message(BookBuilder([sheet("a", rows: 0)])).contains("the file is empty"))
    }

    @Test func splitsBesideAnotherSheetAreNamedTogether() throws {
        let book = BookBuilder([sheet("README", rows: 1), sheet("train", rows: 3), sheet("val set", rows: 2), sheet("test", rows: 2)])
        #expect(
            message(book).contains(
                "read only the splits with --sheet train \"val set\" test, or name the one with the captions with --sheet NAME"))
        #expect(try read(book, ["train", "val set", "test"]).map(\.split) == ["train", "val", "test"])
    }

    @Test func imageNamesWhoseTextIsNotKnown() throws {
        let request = ColumnRequest { $0.hasPrefix("s") }
        for (cell, expected) in [
            ("<c><f>A1</f></c>", "a formula without a stored value; open the workbook"),
            (BookBuilder.number("1.2345678901234568E16"), "a number keeps fifteen digits at most; format the column as text"),
        ] {
            let rows = [
                ["image", "caption"].map(BookBuilder.text), [cell, BookBuilder.text("left side")], [cell, BookBuilder.text("right side")],
            ]
            let path = try folder.write(BookBuilder([("Sheet1", nil, rows)]).bytes, to: "c.xlsx")
            let error = #expect(throws: TableError.self) { try CaptionReader.read(path, columns: request) }
            #expect(
                error?.description.contains("in column \"image\", cell A2 holds") == true && error?.description.contains(expected) == true,
                "\(error?.description ?? "")")
        }
    }

    @Test func aSheetOfATextFile() throws {
        let path = try folder.write("image,caption\na.png,x\n", to: "c.csv")
        let error = #expect(throws: TableError.self) { try CaptionReader.read(path, sheets: ["Train"]) }
        #expect(error?.description == "\(path): not a workbook, so it has no sheet \"Train\"; leave --sheet out")
    }

    // MARK: Cells

    private func cell(_ xml: String, formats: [String] = [], date1904: Bool = false) throws -> (name: String?, problem: String?) {
        var book = BookBuilder([("Sheet1", nil, [["image", "caption"].map(BookBuilder.text), [xml, BookBuilder.text("x")]])])
        book.formats = formats
        book.date1904 = date1904
        let table = try read(book)[0]
        return (table.rows.first?.imageName, table.problems.first?.reason)
    }

    @Test(arguments: [
        ("000", "7", "007"), ("0000", "12", "0012"), ("000", "1234", "1234"), ("0", "2.5", "3"), ("0", "7", "7"), ("General", "7", "7"),
        ("@", "7", "7"), ("00000", "0", "00000"),
        ("\"IMG_\"0000", "12", "IMG_0012"), ("\\s00", "5", "s05"), ("000-00", "12345", "123-45"), ("000-00", "45", "000-45"),
        ("000\".png\"", "3", "003.png"), ("0.00", "1.5", "1.50"),
        ("0.0", "0.25", "0.3"), ("000;-000", "7", "007"), ("[Red]000", "7", "007"), ("00", "-4", "-04"),
        ("yyyy-mm-dd", "45292", "2024-01-01"), ("yyyy\\-mm\\-dd;@", "36585", "2000-02-29"),
        ("yyyymmdd", "25569", "19700101"), ("[$-409]yyyy-mm-dd", "1", "1900-01-01"), ("yyyy-mm-dd", "61", "1900-03-01"),
        ("yyyy-mm-dd", "59", "1900-02-28"), ("#", "42", "42"), ("##0", "5", "5"),
    ]) func numbersAsTheirFormatShowsThem(format: String, value: String, shown: String) throws {
        #expect(try cell(BookBuilder.number(value, style: 1), formats: [format]) == (shown, nil))
    }

    @Test func datesFrom1904() throws {
        #expect(try cell(BookBuilder.number("0", style: 1), formats: ["yyyy-mm-dd"], date1904: true).name == "1904-01-01")
    }

    @Test(arguments: [
        "#,##0", "m/d/yy", "dd.mm.yyyy", "0%", "0.00E+00", "# ?/?", "h:mm", "yyyy-mm-dd hh:mm", "[>100]000;0", "mmm-yy", "[h]:mm",
    ]) func formatsWhoseLookDiffers(format: String) throws {
        let (name, problem) = try cell(BookBuilder.number("45292", style: 1), formats: [format])
        #expect(
            name == nil && problem?.contains("cell A2 holds") == true && problem?.contains("\"\(format)\"") == true
                && problem?.contains("format the column as text") == true, "\(problem ?? "")")
    }

    @Test func formatsByTheirNumber() throws {
        // Behind style 0, the styles of the builder are the built-in formats by their numbers.
        #expect(try cell(BookBuilder.number("7", style: 1)) == ("7", nil))
        #expect(try cell(BookBuilder.number("7", style: 2)) == ("7.00", nil))
        #expect(try cell(BookBuilder.number("7", style: 49)) == ("7", nil))
        #expect(try cell(BookBuilder.number("45292", style: 14)).problem?.contains("cell A2 holds a date or time") == true)
    }

    @Test func cellsWithoutAKnownText() throws {
        #expect(
            try cell("<c><f>A1</f></c>").problem
                == "cell A2 holds a formula without a stored value; open the workbook in a spreadsheet program and save it, so that values are stored"
        )
        #expect(try cell("<c><f>A1</f><v/></c>").problem?.contains("without a stored value") == true)
        #expect(try cell("<c t=\"str\"><f>A1</f><v>a.png</v></c>") == ("a.png", nil))
        #expect(
            try cell("<c t=\"e\"><v>#REF!</v></c>").problem == "cell A2 holds the error #REF!; fix its formula, or write the value itself")
        #expect(try cell("<c t=\"e\"><f>A1</f><v>#N/A</v></c>").problem?.contains("the error #N/A") == true)
        #expect(try cell("<c t=\"b\"><v>1</v></c>") == ("TRUE", nil))
        #expect(try cell("<c t=\"d\"><v>2024-01-01</v></c>").problem?.contains("holds the date 2024-01-01") == true)
        #expect(try cell(BookBuilder.number("12345678901234567890")).problem?.contains("fifteen digits") == true)
        #expect(try cell(BookBuilder.number("0.10000000000000001")) == ("0.1", nil))
    }

    /// What is wrong in a column that nobody reads is nobody's problem.
    @Test func otherColumnsMayHoldAnything() throws {
        let book = BookBuilder([
            (
                "Sheet1", nil,
                [
                    ["image", "caption", "date"].map(BookBuilder.text),
                    [BookBuilder.text("a.png"), BookBuilder.text("x"), "<c><f>NOW()</f></c>"],
                ]
            )
        ])
        #expect(try read(book)[0].pairs == [["a.png", "x"]])
    }
}
