// CSV: encodings, delimiters, quotes, line ends, and rows that cannot be used.
import TestSupport
import Testing
import Tables

@Suite struct CSVTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("csv") }

    private func read(_ text: String) throws -> CaptionTable { try CaptionReader.read(folder.write(text, to: "c.csv"))[0] }
    private func read(_ bytes: [UInt8]) throws -> CaptionTable { try CaptionReader.read(folder.write(bytes, to: "c.csv"))[0] }

    private func message(_ bytes: [UInt8]) -> String {
        let error = #expect(throws: TableError.self) { try read(bytes) }
        return error?.description ?? ""
    }

    @Test(arguments: [",", ";", "\t"], ["\n", "\r\n", "\r"]) func delimitersAndLineEnds(delimiter: String, end: String) throws {
        let text = ["Image\(delimiter)Description", "a.png\(delimiter)\"one, two; three\tfour\"", "b.png\(delimiter)plain"]
            .joined(separator: end)
        for ending in ["", end] {
            let table = try read(text + ending)
            #expect(table.pairs == [["a.png", "one, two; three\tfour"], ["b.png", "plain"]])
            #expect(table.rows.map { $0.location.hasSuffix("c.csv, line 2") } == [true, false])
            #expect(table.kind == .csv)
        }
    }

    @Test func quotesAndEmbeddedLines() throws {
        let table = try read("Image,Description\na.png,\"say \"\"left\"\"\r\nlung\"\nb.png,\"\"\n\nc.png,5\" wide\nd.png, \"x\"\n")
        #expect(table.pairs == [["a.png", "say \"left\"\r\nlung"], ["b.png", ""], ["c.png", "5\" wide"], ["d.png", " x"]])
        #expect(table.rows[1].location.hasSuffix("line 4"))
        #expect(table.rows[2].location.hasSuffix("line 6"))
    }

    @Test func encodings() throws {
        let text = "Image,Description\né.png,naïve\u{a0}字\n"
        let expected = [["é.png", "naïve\u{a0}字"]]
        #expect(try read(text).pairs == expected)
        #expect(try read([0xEF, 0xBB, 0xBF] + Array(text.utf8)).pairs == expected)
        let little = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        #expect(try read([0xFF, 0xFE] + little).pairs == expected)
        #expect(try read([0xFE, 0xFF] + big).pairs == expected)
        #expect(message(Array("Image,Description\na.png,x\nb.png,na".utf8) + [0xEF, 0x76, 0x65]).contains("line 3: not UTF-8"))
        #expect(message([0xFF, 0xFE, 0x00, 0xD8]).contains("not UTF-8"))
    }

    @Test func columnsInAnyOrderAndMore() throws {
        #expect(try read("id, DESCRIPTION ,Split,image\n1,left lung,train,a.png\n").pairs == [["a.png", "left lung"]])
        #expect(try read("\n\n ,\nImage,Description\na.png,x\n").pairs == [["a.png", "x"]])
        #expect(message(Array("Image;Text beside\na;b\n".utf8)).contains("no column \"Description\""))
        #expect(message(Array("Image;Text beside\na;b\n".utf8)).contains("\"Image\", \"Text beside\""))
    }

    @Test func rowsThatCannotBeUsed() throws {
        let table = try read("Image,Description\na.png,one, two\nb.png,fine\n,lonely\n,\nc.png\n")
        #expect(table.pairs == [["b.png", "fine"]])
        #expect(table.problems.map { $0.location.hasSuffix("line 2") } == [true, false, false])
        #expect(
            table.problems[0].reason
                == "3 fields under a header of 2 (surplus: \" two\"); a caption that holds the delimiter must be in quotes, such as \"one, two\""
        )
        #expect(table.problems[1].reason.contains("without an image name: \"lonely\""))
        #expect(table.problems[2].reason == "1 field where 2 are needed, so there is no value for column \"Description\"")
    }

    @Test func refusals() {
        #expect(message([]).contains("the file is empty"))
        #expect(message(Array(" \r\n\t".utf8)).contains("the file is empty"))
        #expect(message(Array("Image,Description\n".utf8)).contains("holds no captions"))
        #expect(message(Array("Image,Description\na,x\nb.png,\"never\nclosed".utf8)).contains("line 3: a quote"))
        #expect(message([0x89, 0x50, 0x4E, 0x47, 13, 10]).contains("this is a PNG image"))
        #expect(message([0xFF, 0xD8, 0xFF, 0xE0]).contains("this is a JPEG image"))
        #expect(message([1, 2, 3, 0, 0, 0]).contains("this is a binary file"))
        #expect(message(Array(repeating: 0, count: 64)).contains("this is a binary file"))
    }
}
