// Words for missing values are no captions, in every reader; texts that contain them are.
import TestSupport
import Testing
import Tables

@Suite struct MissingValueTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("missing") }

    private static let words = [
        "nan", "NaN", "N/A", "n/a", "NA", "None", "null", "NULL", "-", "--", "—", "#N/A", "<NA>", "?", " nan ", "nan\u{200B}", "#REF!",
        "NaT", "...", "(blank)", "Infinity",
    ]
    private static let texts =
        ["nan", "none"].map { "a polyp, \($0) beside" } + [
            "no", "Normal", "none of them", "nanoparticle", "N", "5", "ポリープ", "полип", "x-", "A.", "null result",
        ]

    @Test(arguments: [
        "#NV", "#BEZUG!", "#VALEUR!", "#N/D", "#NAZWA?", "k.A.", "k. A.", "Keine Angabe", "entfällt", "n.d.", "s/o", "brak", "Aucune",
        "ninguno", "無",
    ])
    func otherLanguagesSayItToo(word: String) { #expect(MissingValue.word(in: word) == word) }

    @Test(arguments: ["#1 polyp", "#polyp!", "keine Läsion", "aucune lésion", "無数のポリープ", "#"])
    func sentencesAreNoSuchWords(text: String) { #expect(MissingValue.word(in: text) == nil || text == "#") }

    @Test func wordsAndTexts() {
        for word in Self.words { #expect(MissingValue.word(in: word) == InvisibleText.removed(from: word), "\(word)") }
        for text in Self.texts + ["", " ", "\u{FEFF}"] { #expect(MissingValue.word(in: text) == nil, "\(text)") }
    }

    private func check(_ path: String, _ columns: ColumnRequest?, _ caption: String, isWord: Bool) throws {
        let row = try #require(try CaptionReader.read(path, columns: columns)[0].rows.first { $0.imageName == "s1.png" })
        #expect(row.caption == (isWord ? "" : caption), "\(path): \(caption)")
        #expect(row.missingWord == (isWord ? InvisibleText.removed(from: caption) : nil), "\(path): \(caption)")
    }

    @Test func inEveryReader() throws {
        for (caption, isWord) in Self.words.map({ ($0, true) }) + Self.texts.map({ ($0, false) }) {
            let quoted = "\"\(caption)\""
            let files = [
                try folder.write("image,caption\ns0.png,a text\ns1.png,\(quoted)\n", to: "c.csv"),
                try folder.write("image\tcaption\ns0.png\ta text\ns1.png\t\(quoted)\n", to: "c.tsv"),
                try folder.write(
                    BookBuilder(texts: [["image", "caption"], ["s0.png", "a text"], ["s1.png", caption]]).bytes, to: "c.xlsx"),
                try folder.write(
                    "[{\"image\": \"s0.png\", \"caption\": \"a text\"}, {\"image\": \"s1.png\", \"caption\": \(quoted)}]", to: "list.json"),
                try folder.write(
                    "{\"file_name\": \"s0.png\", \"text\": \"a text\"}\n{\"file_name\": \"s1.png\", \"text\": \(quoted)}\n",
                    to: "metadata.jsonl"),
            ]
            for file in files {
                for columns in [nil, ColumnRequest { $0.hasSuffix(".png") }] { try check(file, columns, caption, isWord: isWord) }
            }
            try check(try folder.write("{\"s0.png\": \"a text\", \"s1.png\": \(quoted)}", to: "object.json"), nil, caption, isWord: isWord)
        }
    }

    @Test(arguments: ["null", "NaN", "Infinity", "-Infinity"]) func valuesOfJSONThatAreMissing(word: String) throws {
        let lists = [
            "[{\"image\": \"s0.png\", \"caption\": \"x\", \"age\": \(word)}, {\"image\": \"s1.png\", \"caption\": \(word)}]",
            "{\"s0.png\": \"x\", \"s1.png\": \(word)}",
        ]
        for (index, text) in lists.enumerated() {
            let path = try folder.write(text, to: "n.json")
            for columns in [nil, ColumnRequest { $0.hasSuffix(".png") }] where index == 0 || columns == nil {
                let table = try CaptionReader.read(path, columns: columns)[0]
                #expect(table.pairs == [["s0.png", "x"], ["s1.png", ""]] && table.problems.isEmpty)
                #expect(table.rows[1].missingWord == word)
            }
        }
    }

    @Test func promptsOfMedVLSM() throws {
        let object = { (prompts: String) in "[{\"img_name\": \"a.jpg\", \"mask_name\": \"a.jpg\", \"prompts\": {\(prompts)}}]" }
        func table(_ prompts: String, _ prompt: String? = nil) throws -> CaptionTable {
            try CaptionReader.read(folder.write(object(prompts), to: "m.json"), prompt: prompt)[0]
        }
        #expect(try table(#""p6": "nan", "p5": "pink", "p1": null"#).pairs == [["a.jpg", "pink"]])
        let none = try table(#""p6": "N/A", "p1": NaN"#)
        #expect(none.problems.map(\.reason) == ["a.jpg: no text in any of the prompts p1, p6 (p1 says \"NaN\", p6 says \"N/A\")"])
        let chosen = try table(#""p6": "one polyp", "p3": "None""#, "p3")
        #expect(chosen.rows[0].caption == "" && chosen.rows[0].missingWord == "None")
        #expect(
            try table(#""p6": "one", "p6": "two""#).problems.map(\.reason) == [
                "a.jpg: prompts: the object has the key \"p6\" more than once, with different values"
            ])
    }

    @Test func splitsAndNames() throws {
        let path = try folder.write(
            "image,caption,split\ns0.png,x,train\ns1.png,y,nan\ns2.png,z,\nnan,w,test\ns4.png,v,test\n", to: "s.csv")
        let table = try CaptionReader.read(path, columns: ColumnRequest { $0.hasPrefix("s") && $0.hasSuffix(".png") })[0]
        #expect(
            table.problems.map(\.reason) == [
                "column \"split\" says \"nan\", expected train, val or test", "column \"split\" is empty, expected train, val or test",
            ])
        #expect(table.rows.map(\.imageName) == ["s0.png", "nan", "s4.png"])
    }
}
