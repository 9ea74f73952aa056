// Damaged files: whatever bytes a caption file holds, reading it ends with rows or with one TableError, never with a crash.
import TestSupport
import Testing
import Tables

@Suite struct RobustnessTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("robust") }

    /// Reads every truncation (up to 200 of them, evenly spaced) and 300 random damages of the bytes; counts the refusals.
    private func damage(_ bytes: [UInt8], name: String, seed: UInt64) throws -> (refused: Int, read: Int) {
        var refused = 0
        var read = 0
        func attempt(_ bytes: [UInt8]) throws {
            let path = try folder.write(bytes, to: name)
            do {
                for table in try CaptionReader.read(path) { #expect(!table.rows.isEmpty || !table.problems.isEmpty) }
                read += 1
            } catch {
                #expect(error.description.contains(path), "\(error)")
                refused += 1
            }
        }
        for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 200)) { try attempt(Array(bytes[..<length])) }
        var generator = SeededGenerator(state: seed)
        for _ in 0..<300 {
            var copy = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<copy.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: copy[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 1: copy[place] = UInt8.random(in: 0...255, using: &generator)
                case 2: copy.remove(at: place)
                default: copy.insert([0, 0x22, 0x3C, 0x5B, 0x7B, 0x2C, 0xFF, 0x0A].randomElement(using: &generator) ?? 0, at: place)
                }
                if copy.isEmpty { break }
            }
            try attempt(copy)
        }
        return (refused, read)
    }

    @Test(arguments: ["shared.xlsx", "gaps.xlsx"]) func workbooks(name: String) throws {
        let outcome = try damage(try Golden.bytes(name), name: "x.xlsx", seed: 1)
        #expect(outcome.refused > 250)
    }

    /// Damage within the XML of a sheet, past the zip's check sums.
    @Test func sheets() throws {
        let relations = #"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>"#
        let book = #"<workbook xmlns:r="x"><sheets><sheet name="in" sheetId="1" r:id="rId1"/></sheets></workbook>"#
        let strings = "<sst><si><t>Image</t></si><si><t>Description</t></si><si><r><t>a</t></r><r><t>.png</t></r></si></sst>"
        let sheet = """
            <worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>Age</t></is></c></row>\
            <row r="2"><c r="A2" t="s">\
            <v>2</v></c><c r="B2" t="inlineStr"><is><t>left lung</t></is></c><c r="C2"><v>1e300</v></c></row></sheetData></worksheet>
            """
        func workbook(_ strings: [UInt8], _ sheet: [UInt8]) -> [UInt8] {
            StoredZip.write([
                ("_rels/.rels", Array(relations.utf8)), ("xl/workbook.xml", Array(book.utf8)),
                ("xl/sharedStrings.xml", strings), ("xl/worksheets/sheet1.xml", sheet),
            ])
        }
        let whole = try folder.write(workbook(Array(strings.utf8), Array(sheet.utf8)), to: "whole.xlsx")
        #expect(try CaptionReader.read(whole)[0].pairs == [["a.png", "left lung"]])

        var generator = SeededGenerator(state: 5)
        var outcomes = [0, 0]
        for _ in 0..<400 {
            var parts = [Array(strings.utf8), Array(sheet.utf8)]
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let part = Int.random(in: 0...1, using: &generator)
                let place = Int.random(in: 0..<parts[part].count, using: &generator)
                parts[part][place] =
                    Bool.random(using: &generator)
                    ? UInt8.random(in: 0...255, using: &generator) : Array("<>/\"019ArvsZ".utf8).randomElement(using: &generator) ?? 0
            }
            let path = try folder.write(workbook(parts[0], parts[1]), to: "x.xlsx")
            do {
                _ = try CaptionReader.read(path)
                outcomes[0] += 1
            } catch {
                outcomes[1] += 1
            }
        }
        #expect(outcomes[0] > 0 && outcomes[1] > 0)
    }

    @Test func texts() throws {
        let csv = "Image,Description\na.png,\"one, \"\"two\"\"\r\nareas\"\nb.png,naïve 字\n\nc.png,x\n"
        #expect(try damage(Array(csv.utf8), name: "x.csv", seed: 2).read > 0)
        let json =
            #"[{"img_name":"a.jpg","mask_name":"a.jpg","prompts":{"p0":"","p6":"é \u00e9 \ud83d\ude00 located in","p9":["x","y"]},"n":[-1.5e3,true,null]}]"#
        #expect(try damage(Array(json.utf8), name: "x.json", seed: 3).refused > 150)
        #expect(try damage(Array(#"{"a.png":"x\n","b.png":"located"}"#.utf8), name: "x", seed: 4).refused > 50)
    }
}
