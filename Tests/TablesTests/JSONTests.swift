// JSON captions: the three shapes, malformed objects by index, places of errors.
import TestSupport
import Testing
import Tables

@Suite struct JSONTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("json") }

    private func read(_ text: String, prompt: String? = nil) throws -> CaptionTable {
        try CaptionReader.read(folder.write(text, to: "c.json"), prompt: prompt)[0]
    }

    private func message(_ text: String) -> String {
        let error = #expect(throws: TableError.self) { try read(text) }
        return error?.description ?? ""
    }

    private let object =
        #"{"img_name": "a.jpg", "mask_name": "b.png", "prompts": {"p0": "", "p1": "polyp", "p6": "one polyp, located in top of the image", "p9": ["x located in y", "z"]}}"#

    @Test func medVLSM() throws {
        let table = try read("[\(object)]")
        #expect(table.kind == .medVLSM)
        #expect(table.rows.count == 1)
        #expect(table.rows[0].imageName == "a.jpg")
        #expect(table.rows[0].maskName == "b.png")
        #expect(table.rows[0].caption == "one polyp, located in top of the image")
        #expect(table.rows[0].source == "p6")
        #expect(try read("[\(object)]", prompt: "p9[1]").pairs == [["a.jpg", "z"]])
        let missing = try read("[\(object)]", prompt: "p3")
        #expect(missing.rows.isEmpty)
        #expect(missing.problems[0].reason == "a.jpg: no prompt \"p3\"; there are p0, p1, p6, p9")
        let error = #expect(throws: TableError.self) { try read("[\(object)]", prompt: "six") }
        #expect(error?.description.contains("\"six\" is not the name of a prompt") == true)
    }

    @Test func malformedObjectsAreNamed() throws {
        let text = """
            [\(object), 7,
             {"mask_name": "x", "prompts": {}}, {"img_name": 3, "prompts": {}}, {"img_name": ""},
             {"img_name": "c.jpg"}, {"img_name": "d.jpg", "prompts": []}, {"img_name": "e.jpg", "prompts": {"p1": 1}},
             {"img_name": "f.jpg", "prompts": {"p9": ["a", null]}}, {"img_name": "g.jpg", "prompts": {"p0": ""}},
             {"img_name": "h.jpg", "mask_name": null, "prompts": {"p1": "x"}}]
            """
        let table = try read(text)
        #expect(table.rows.count == 1)
        #expect(
            table.problems.map(\.reason) == [
                "expected an object, found a number", "expected a string \"img_name\"; the keys are mask_name, prompts",
                "expected a string \"img_name\"; it is a number", "expected a string \"img_name\"; it is empty",
                "c.jpg: expected an object \"prompts\" with p0 to p9; it is missing",
                "d.jpg: expected an object \"prompts\" with p0 to p9; it is a list",
                "e.jpg: prompt p1 is a number; expected a string or a list of strings",
                "f.jpg: prompt p9 is a list that holds more than strings", "g.jpg: no text in any of the prompts p0",
                "expected a string \"mask_name\"; it is null",
            ])
        #expect(table.problems[0].location.hasSuffix("c.json, object 1 (line 1)"))
        #expect(table.problems[9].location.hasSuffix("c.json, object 10 (line 5)"))
    }

    @Test func nameToCaption() throws {
        let table = try read(
            "{\"b.png\": \"two\\u0020areas\",\n \"a.png\": \"\\ud83d\\ude00 é\", \"b.png\": \"again\", \"c\": 4, \"\": \"x\"}")
        #expect(table.kind == .nameToCaption)
        // In the file's order, and a name that occurs twice stays twice, for its reader to report.
        #expect(table.pairs == [["b.png", "two areas"], ["a.png", "😀 é"], ["b.png", "again"]])
        #expect(table.rows[1].location.hasSuffix("c.json, line 2"))
        #expect(table.problems.map(\.reason) == ["the caption of \"c\" is a number; expected a string", "an empty image name"])
    }

    @Test func imageAndCaption() throws {
        let table = try read(#"[{"image":"a.png","caption":"x"},{"image":"b.png","mask":"m.png","caption":""},{"image":"c.png"},[]]"#)
        #expect(table.kind == .list)
        #expect(table.pairs == [["a.png", "x"], ["b.png", ""]])
        #expect(table.rows[1].maskName == "m.png")
        #expect(table.problems.map(\.reason) == ["expected a string \"caption\"; the keys are image", "expected an object, found a list"])
    }

    @Test(arguments: [
        ("[1, 2", "line 1, column 6: not JSON: the text ends where ',' or ']' was expected in the list"),
        ("{\"a\": \"b\",\n  x}", "line 2, column 3: not JSON: 'x' where a quoted key was expected"),
        ("{\"é\" \"b\"}", "line 1, column 6: not JSON: '\"' where ':' was expected"),
        ("hello", "line 1, column 1: not JSON: 'h' where a value"),
        ("[\"a\nb\"]", "a line break or control character within a string"), ("[\"\\x\"]", "'x' after '\\'"),
        ("[\"\\ud800\"]", "half of a surrogate pair"),
        ("[01]", "a leading zero"), ("[1.]", "a digit was expected"), ("[tru]", "within what began like true"),
        ("[] []", "'[' after the end of the value"),
        ("[\"abc", "the text ends within a string"), ("[,]", "',' where a value was expected"), ("[1,]", "']' where a value was expected"),
        (String(repeating: "[", count: 100_000), "nested more than 64 deep"), ("3", "the file holds a number"),
        ("[]", "holds no captions"), ("{}", "holds no captions"), ("[3]", "a list whose first entry is a number"),
        ("[{\"a\":1}]", "a list of objects with the keys a"),
        ("{\"x\": {\"height\": 3}}", "an object whose first value, \"x\", is an object"),
        ("", "the file is empty"),
    ]) func refusals(text: String, part: String) {
        let text = message(text)
        #expect(text.contains(part), "\(text)")
    }
}
