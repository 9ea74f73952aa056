// One object a line: by the name, by the content, in every layout; broken lines and keys that contradict themselves are named.
import TestSupport
import Testing
import Tables

@Suite struct JSONLinesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("lines") }

    private let text =
        "{\"file_name\": \"s0.png\", \"text\": \"left\", \"age\": NaN}\r\n\n{\"text\": \"right\", \"file_name\": \"train/s1.png\"}\n"
    private func request() -> ColumnRequest { ColumnRequest { $0.hasPrefix("s") || $0.hasPrefix("train/") } }

    private func message(_ text: String, _ name: String) -> String {
        do { return "no error: \(try CaptionReader.read(folder.write(text, to: name))[0].pairs)" } catch { return "\(error)" }
    }

    @Test(arguments: ["metadata.jsonl", "c.ndjson", "c.json", "c.txt"]) func areRead(name: String) throws {
        for text in [text, "\u{FEFF}" + text] {
            let path = try folder.write(text, to: name)
            for columns in [nil, request()] {
                let table = try CaptionReader.read(path, columns: columns)[0]
                #expect(table.kind == .lines)
                #expect(table.pairs == [["s0.png", "left"], ["train/s1.png", "right"]])
                #expect(table.rows.map(\.location) == ["\(path), line 1", "\(path), line 3"])
            }
        }
    }

    @Test func medVLSMOneObjectALine() throws {
        let line = #"{"img_name": "a.jpg", "prompts": {"p6": "one polyp, located in top"}}"#
        #expect(try CaptionReader.read(folder.write(line + "\n" + line + "\n", to: "m.jsonl"))[0].kind == .medVLSM)
    }

    @Test func aListIsAListWhateverTheNameSays() throws {
        #expect(
            try CaptionReader.read(folder.write("[{\"image\": \"a.png\",\n \"caption\": \"x\"}]", to: "list.jsonl"))[0].pairs == [
                ["a.png", "x"]
            ])
    }

    @Test func aBrokenLineIsNamed() {
        let good = "{\"image\": \"a.png\", \"caption\": \"x\"}\n"
        for name in ["c.jsonl", "c.json"] {
            let text = message(good + good + "{\"image\": \"b.png\", \"caption\": \"y\"\n" + good, name)
            #expect(
                text.contains("line 3, column")
                    && text.contains("the text ends where ',' or '}' was expected in the object (the file has one object a line)"),
                "\(text)")
            #expect(message(good + good + good + "{\"image\"", name).contains("line 4, column"))
        }
        #expect(message(good + "7\n" + good, "c.jsonl").contains("no error"))
    }

    @Test func aLineThatIsNoObjectIsAProblem() throws {
        let path = try folder.write("{\"image\": \"s0.png\", \"caption\": \"x\"}\n[7]\n", to: "c.jsonl")
        for columns in [nil, request()] {
            let table = try CaptionReader.read(path, columns: columns)[0]
            #expect(table.problems.map(\.reason) == ["expected an object, found a list"] && table.problems[0].location == "\(path), line 2")
        }
    }

    @Test(arguments: [
        "[{\"image\": \"s0.png\", \"caption\": \"x\", \"caption\": \"y\"}]",
        "{\"image\": \"s0.png\", \"caption\": \"x\", \"caption\": 4}\n{\"image\": \"s0.png\", \"caption\": \"x\"}",
    ]) func aKeyThatContradictsItself(text: String) throws {
        for columns in [nil, request()] {
            let table = try CaptionReader.read(folder.write(text, to: "d.json"), columns: columns)[0]
            #expect(table.problems.map(\.reason) == ["the object has the key \"caption\" more than once, with different values"])
        }
    }

    @Test func aKeyThatRepeatsItselfIsNone() throws {
        for columns in [nil, request()] {
            #expect(
                try CaptionReader.read(
                    folder.write("[{\"image\": \"s0.png\", \"caption\": \"x\", \"caption\": \"x\"}]", to: "r.json"), columns: columns)[0]
                    .pairs == [["s0.png", "x"]])
        }
    }

    @Test func aCaptionOfAnotherKind() throws {
        let table = try CaptionReader.read(
            folder.write("[{\"image\": \"s0.png\", \"caption\": [\"x\"]}, {\"image\": \"s1.png\", \"caption\": \"y\"}]", to: "k.json"),
            columns: request())[0]
        #expect(table.problems.map(\.reason) == ["\"caption\" is a list; expected a string"])
        #expect(message("[{\"image\": NaN, \"caption\": \"x\"}]", "n.json").contains("no error"))
        let named = try CaptionReader.read(folder.write("[{\"image\": NaN, \"caption\": \"x\"}]", to: "n.json"))[0]
        #expect(named.problems.map(\.reason) == ["expected a string \"image\"; it is NaN"])
    }

    @Test(arguments: [
        ("[NaN", "the text ends where"), ("[nan]", "within what began like null"), ("[Inf]", "within what began like Infinity"),
        ("[-Infinite]", "within what began like -Infinity"),
    ])
    func wordsThatAreNone(text: String, part: String) { #expect(message(text, "w.json").contains(part)) }
}
