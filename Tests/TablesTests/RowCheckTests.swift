// No row loses text: surplus and missing fields, open quotes and repeated headers are problems in every reader, whatever the rows hold.
import TestSupport
import Testing
import Tables

@Suite struct RowCheckTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("rows") }

    private func request(image: String? = nil, caption: String? = nil, split: String? = nil) -> ColumnRequest {
        ColumnRequest(image: image, caption: caption, split: split) { $0.hasPrefix("s") && $0.hasSuffix(".png") }
    }

    private func read(_ text: String, _ name: String = "c.csv", guess: Bool = false) throws -> CaptionTable {
        try CaptionReader.read(folder.write(text, to: name), columns: guess ? request() : nil)[0]
    }

    private func message(_ text: String, _ name: String = "c.csv", _ columns: ColumnRequest? = nil) -> String {
        do { return "no error: \(try CaptionReader.read(folder.write(text, to: name), columns: columns)[0].pairs)" } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [false, true]) func anUnquotedCommaIsAProblem(guess: Bool) throws {
        let table = try read("image,caption\r\ns0.png,one polyp, on the left wall\r\ns1.png,plain\r\n", guess: guess)
        #expect(table.pairs == [["s1.png", "plain"]])
        #expect(table.problems.map(\.location) == [folder.file("c.csv") + ", line 2"])
        #expect(
            table.problems[0].reason
                == "3 fields under a header of 2 (surplus: \" on the left wall\"); a caption that holds the delimiter must be in quotes, such as "
                + "\"one polyp, on the left wall\"")
        #expect(table.problems[0].names.first == "s0.png")
    }

    /// The caption is not the last column: what is shifted beyond the end is not what the comma split off.
    @Test func theCureQuotesTheCaptionWhereverItStands() throws {
        let table = try read("image,caption,split\ns0.png,one polyp, on the left,train\n", guess: true)
        #expect(table.rows.isEmpty)
        #expect(table.problems[0].reason.contains("4 fields under a header of 3 (surplus: \"train\")"))
        #expect(table.problems[0].reason.hasSuffix("such as \"one polyp, on the left\""))
    }

    /// Any row with more fields than the header is a problem and no row, any other is a row; what is blank beyond the header counts for
    /// nothing.
    @Test func anySurplusIsAProblem() throws {
        var random = SeededGenerator(state: 11)
        for round in 0..<60 {
            let width = Int.random(in: 2...5, using: &random), delimiter = [",", ";", "\t", "|"][round % 4],
                ends = Bool.random(using: &random)
            let header = ["image", "caption", "notes", "age", "site"].prefix(width).joined(separator: delimiter) + (ends ? delimiter : "")
            var text = header + "\n", cells = [(0..<width).map { BookBuilder.text(["image", "caption", "notes", "age", "site"][$0]) }]
            var surplus: [Int] = []
            for row in 0..<8 {
                var fields = ["s\(row).png"] + (1..<width).map { "word \($0)" }
                let extra = Int.random(in: 0...3, using: &random), isBlank = Bool.random(using: &random)
                fields += (0..<extra).map { isBlank || $0 < extra - 1 ? ["", " "][$0 % 2] : "more \($0)" }
                if extra > 0 && !isBlank { surplus.append(row) }
                text += fields.joined(separator: delimiter) + "\n"
                // In a sheet, what stands behind a blank column is beside the table.
                if extra > 0, !isBlank { for place in width..<width + extra - 1 { fields[place] = "x" } }
                cells.append(fields.map(BookBuilder.text))
            }
            var book = BookBuilder()
            book.sheets = [("Sheet1", nil, cells)]
            let files = [try folder.write(text, to: "p.csv"), try folder.write(book.bytes, to: "p.xlsx")]
            for (file, columns) in files.flatMap({ [($0, nil), ($0, request())] }) {
                let table = try CaptionReader.read(file, columns: columns)[0]
                #expect(table.problems.map { $0.names.first } == surplus.map { "s\($0).png" }, "round \(round), \(file)")
                #expect(table.rows.map(\.imageName) == (0..<8).filter { !surplus.contains($0) }.map { "s\($0).png" })
            }
        }
    }

    @Test func aCellBeyondTheHeaderOfASheet() throws {
        let book = BookBuilder(texts: [["Image", "Description"], ["a.png", "one polyp", " on the left"], ["b.png", "two"]])
        let table = try CaptionReader.read(folder.write(book.bytes, to: "c.xlsx"))[0]
        #expect(table.pairs == [["b.png", "two"]])
        #expect(
            table.problems[0].reason
                == "cell C2 holds \"on the left\" beyond the header; join it to the caption's cell, clear it, or give its column a header")
    }

    @Test func aFieldThatIsMissing() throws {
        let table = try read("image,age,caption\ns0.png,4\ns1.png,5,left\n", guess: true)
        #expect(table.pairs == [["s1.png", "left"]])
        #expect(table.problems.map(\.reason) == ["2 fields where 3 are needed, so there is no value for column \"caption\""])
        // A column that nobody reads may be left out at the end, as spreadsheet programs do.
        #expect(try read("image,caption,age\ns0.png,left\n", guess: true).pairs == [["s0.png", "left"]])
    }

    @Test func aQuoteThatNeverMeantToOpen() {
        #expect(
            message("image,caption\na.png,\"one\nb.png,two\nc.png,\"three\"\n").contains(
                "line 2: a quote (\") opens here and is never closed"))
        #expect(message("image,caption\na.png,\"one\nb.png,two\n", "c.csv", request()).contains("line 2: a quote"))
        #expect(message("image,caption\na.png,\"one\nand two\"\n").contains("no error"))
    }

    @Test func aHeaderThatSaysANameTwice() {
        #expect(
            message("image,caption,Caption\na.png,x,y\n").contains(
                "the header says \"caption\" more than once (columns 2 and 3); give each column its own name"))
        #expect(
            message("image,caption,caption\ns0.png,x,y\n", "c.csv", request()).contains("or choose one by its number with --caption-column")
        )
        #expect(message("image,caption,caption\ns0.png,x,y\n", "c.csv", request(caption: "caption")).contains("(columns 2 and 3)"))
        #expect(message("image,caption,caption\ns0.png,x,y\n", "c.csv", request(caption: "3")) == "no error: [[\"s0.png\", \"y\"]]")
        #expect(message("image,image,caption\ns0.png,s0.png,y\n", "c.csv", request()).contains("\"image\" more than once"))
        // One that is not read may be there as often as it likes.
        #expect(message("image,note,note,caption\ns0.png,1,2,y\n", "c.csv", request()) == "no error: [[\"s0.png\", \"y\"]]")
    }

    @Test func aTableWithoutAHeader() throws {
        let table = try read("s0.png;left side\ns1.png;right; upper side\n", guess: true)
        #expect(table.pairs == [["s0.png", "left side"]])
        #expect(table.problems[0].reason.contains("3 fields where other rows have 2 (surplus: \" upper side\")"))
        // Every caption is split in the same way, so no count tells.
        #expect(
            message("s0.png,one polyp, on the left\ns1.png,two polyps, on the right\n", "c.csv", request()).contains(
                "several columns look like captions (column 2, column 3)"))
        #expect(message("s0.png,polyp, on the left\ns1.png,polyps, on the right\n", "c.csv", request()).contains("(column 2, column 3)"))
        // Another column is one, and a caption alone is what most lines have.
        #expect(
            message("s0.png,adenoma,on the left\ns1.png,adenoma,on the right\n", "c.csv", request())
                == "no error: [[\"s0.png\", \"on the left\"], [\"s1.png\", \"on the right\"]]")
        #expect(
            try read("s0.png, one side\ns1.png, two sides\ns2.png\n", guess: true).problems.map(\.reason) == [
                "1 field where 2 are needed, so there is no value for column \"column 2\""
            ])
    }

    @Test func aTitleOverTheTable() throws {
        let table = try read("My captions,,\nimage,caption,age\ns0.png,left,4\n", guess: true)
        #expect(table.pairs == [["s0.png", "left"]])
        #expect(table.notes[0].contains("\"My captions\", is skipped as a title"))
    }

    @Test(arguments: [
        ("sep=;\r\nimage;caption\r\na.png;one, two\r\n", ";"), ("\"sep=|\"\nimage|caption\na.png|one, two\n", "|"),
        ("SEP=\t\nimage\tcaption\na.png\tone, two\n", "tab"),
        ("\u{FEFF}sep=^\nimage^caption\na.png^one, two\n", "^"), ("sep=;;;\nimage;caption\na.png;one, two\n", "filled up"),
        ("image|caption\na.png|one, two\n", "none"),
    ]) func theDelimiterOfTheFirstLine(text: String, name: String) throws {
        let table = try read(text)
        #expect(table.pairs == [["a.png", "one, two"]])
        #expect(table.rows[0].location.hasSuffix(text.lowercased().contains("sep=") ? "line 3" : "line 2"))
    }

    @Test func aFirstLineThatNamesNoDelimiter() {
        #expect(message("sep=ab\nimage,caption\n").contains("line 1: \"sep=ab\" is not a delimiter; expected one character, such as sep=;"))
        #expect(message("sep=\nimage,caption\n").contains("line 1: \"sep=\" is not a delimiter; expected one character"))
    }

    @Test func aFirstLineThatNamesAnotherDelimiterThanTheRows() {
        #expect(
            message("sep=;\nimage,caption\na.png,x; y\n").contains(
                "line 1: it says sep=;, but the next line holds no \";\" and separates its fields with \",\"; write sep=, there"))
    }

    @Test(arguments: ["c.csv", "c.json", "c.xlsx", "c.txt"]) func whatStandsInAFilesPlace(name: String) {
        let pointer = message("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", name)
        #expect(pointer.contains("it is a Git LFS pointer, not the file itself: run `git lfs pull`"), "\(pointer)")
        let page = message("<!DOCTYPE html><html><head><title>404</title></head></html>", name)
        #expect(page.contains("it is a web page (\"404\")") && page.contains("download it again"), "\(page)")
    }

    @Test func aZeroByteIsNamedByItsLine() {
        #expect(
            message("image,caption\na.png,one\nb.png,t\u{0}wo\n").contains(
                "line 3 holds a zero byte (NUL), which text must not contain; remove it"))
    }

    @Test func zerosThatNumbersLost() {
        let request = ColumnRequest { ["000", "001", "000.png", "001.png"].contains($0) }
        let text = message("image,caption\n0,left side\n1,right side\n", "c.csv", request)
        #expect(
            text.contains(
                "column \"image\" has \"0\" where the image is \"000\": format the column as text and restore its leading zeros; else check --images"
            ), "\(text)")
    }

    @Test func theDelimiterThatPartsAllLinesAlike() throws {
        #expect(
            try read("s0.png;one, two, three\ns1.png;four\n", guess: true).pairs == [["s0.png", "one, two, three"], ["s1.png", "four"]])
    }

    @Test func otherEncodings() throws {
        let latin = Array("image,caption\ns0.png,".utf8) + [0xE9, 0x74, 0xE9, 10]
        let error = #expect(throws: TableError.self) { try CaptionReader.read(folder.write(latin, to: "l.csv")) }
        #expect(error?.description.contains("line 2: not UTF-8 text (older spreadsheet programs write Windows-1252)") == true)
        let wide = "image,caption\n".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let unmarked = #expect(throws: TableError.self) { try CaptionReader.read(folder.write(wide, to: "u.csv")) }
        #expect(unmarked?.description.contains("UTF-16 without a byte order mark (save it as UTF-8)") == true)
        let json = "[{\"image\": \"é.png\", \"caption\": \"x\"}]".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        #expect(try CaptionReader.read(folder.write([0xFF, 0xFE] + json, to: "u.json"))[0].pairs == [["é.png", "x"]])
    }
}
