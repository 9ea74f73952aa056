// Vocabularies: reading, writing, refusing, and building from captions.
import Files
import Foundation
import TestSupport
import Testing
import Text

@Suite struct VocabularyTests {
    private let specials = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"

    @Test(arguments: ["\n", "\r\n", "\r"]) func lineEndings(ending: String) throws {
        let folder = try TemporaryFolder("vocabulary")
        let text = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "", "a", "##a"].map { $0 + ending }.joined()
        let vocabulary = try Vocabulary(contentsOf: folder.write(text, to: "vocab.txt"))
        #expect(vocabulary.tokens == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "", "a", "##a"])
        #expect(vocabulary.id(of: "##a") == 7)
    }

    @Test func theLastLineMayLackItsEnd() throws {
        let folder = try TemporaryFolder("vocabulary")
        #expect(try Vocabulary(contentsOf: folder.write(specials + "a", to: "vocab.txt")).tokens.last == "a")
    }

    @Test func aTokenTwiceHasItsLastId() throws {
        let vocabulary = try Vocabulary(tokens: Vocabulary.specials + ["a", "b", "a"])
        #expect(vocabulary.id(of: "a") == 7)
        #expect(vocabulary.count == 8)
    }

    @Test func writtenAndReadBackIsTheSame() throws {
        let folder = try TemporaryFolder("vocabulary")
        let built = Vocabulary.built(from: ["one polyp", "two infected areas, left lung"])
        try built.write(to: folder.file("vocab.txt"))
        let read = try Vocabulary(contentsOf: folder.path)
        #expect(read.tokens == built.tokens)
        #expect(read.sha256 == built.sha256)
        #expect(read.sha256 == (try Digest.sha256(ofFile: folder.file("vocab.txt"))))
    }

    @Test func folderWithATokenizerJSON() throws {
        let folder = try TemporaryFolder("vocabulary")
        try folder.write(
            #"{"model":{"type":"WordPiece","vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"a":5,"[MASK]":4}}}"#, to: "tokenizer.json")
        #expect(try Vocabulary(contentsOf: folder.path).tokens == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"])
        for (bad, part) in [
            (#"{"model":{"type":"BPE","vocab":{"a":0}}}"#, "its model is BPE"), ("[]", "not a JSON object"),
            (#"{"model":{"vocab":{"a":7}}}"#, "has id 7"), ("{}", "no model.vocab"),
        ] {
            try folder.write(bad, to: "tokenizer.json")
            let error = #expect(throws: TextError.self) { try Vocabulary(contentsOf: folder.path) }
            #expect(error?.description.contains(part) == true, "\(String(describing: error))")
        }
    }

    @Test func casingComesWithTheFolder() throws {
        let folder = try TemporaryFolder("vocabulary")
        let path = try folder.write(specials + "Lung\nlung\n", to: "vocab.txt")
        #expect(try !Vocabulary(contentsOf: path).keepsCase)
        try folder.write(#"{"do_lower_case": false, "strip_accents": null, "never_split": null}"#, to: "tokenizer_config.json")
        for place in [path, folder.path] {
            let vocabulary = try Vocabulary(contentsOf: place)
            #expect(vocabulary.keepsCase)
            #expect(WordPieceTokenizer(vocabulary: vocabulary).tokenize("Lung") == ["Lung"])
            try FileIO.createFolder(folder.file("copy"))
            try vocabulary.write(to: folder.file("copy/vocab.txt"))
        }
        #expect(try Vocabulary(contentsOf: folder.file("copy")).keepsCase)
        for (setting, part) in [
            (#"{"tokenize_chinese_chars": false}"#, "tokenize_chinese_chars is false"),
            (#"{"strip_accents": false}"#, "strip_accents is false"),
            (#"{"do_basic_tokenize": false}"#, "do_basic_tokenize is false"), (#"{"do_lower_case": "yes"}"#, "do_lower_case is yes"),
            ("[", "not a JSON object"),
        ] {
            try folder.write(setting, to: "tokenizer_config.json")
            let error = #expect(throws: TextError.self) { try Vocabulary(contentsOf: path) }
            #expect(error?.description.contains(part) == true, "\(String(describing: error))")
        }
    }

    @Test func manyWordsAreMergedInTime() throws {
        var generator = SeededGenerator(state: 21)
        let captions = (0..<4000).map { _ in
            (0..<6).map { _ in
                (0..<Int.random(in: 3...9, using: &generator)).map { _ in
                    String("etaoinshrdlu".randomElement(using: &generator) ?? "e")
                }.joined()
            }.joined(separator: " ")
        }
        let vocabulary = Vocabulary.built(from: captions, size: 6000)
        #expect(vocabulary.count == 6000)
        #expect(vocabulary.tokens == Vocabulary.built(from: captions.reversed(), size: 6000).tokens)
    }

    @Test func refusals() throws {
        let folder = try TemporaryFolder("vocabulary")
        func message(_ path: String) -> String {
            let error = #expect(throws: TextError.self) { try Vocabulary(contentsOf: path) }
            return error?.description ?? ""
        }
        #expect(message(folder.file("none")).contains("no vocabulary here"))
        #expect(message(folder.path).contains("vocab.txt or tokenizer.json"))
        #expect(message(try folder.write("", to: "empty.txt")).contains("[PAD], [UNK], [CLS], [SEP]"))
        #expect(message(try folder.write("[PAD]\n[UNK]\n[CLS]\n", to: "lacks.txt")).contains("without [SEP]"))
        #expect(message(try folder.write(Array(specials.utf8) + [0x61, 0xFF, 10], to: "bytes.txt")).contains("line 6: not UTF-8"))
        let many = specials + String(repeating: "a\n", count: 1 << 20)
        #expect(message(try folder.write(many, to: "many.txt")).contains("more than 1048576 tokens"))
        let path = folder.file("large.txt")
        #expect(FileManager.default.createFile(atPath: path, contents: nil) && truncate(path, (64 << 20) + 1) == 0)
        #expect(message(path).contains("more than the limit of 67108864"))
    }

    @Test func builtVocabulariesSpellTheirCaptions() throws {
        let captions = [
            "Bilateral pulmonary infection, two infected areas, all left lung and all right lung..", "Ödem, 3×4 cm — naïve 字", "x",
            "[SEP] typed", "", "unaffable infections",
        ]
        for size in [0, 150, 30_522] {
            let vocabulary = Vocabulary.built(from: captions, size: size)
            #expect(Array(vocabulary.tokens.prefix(5)) == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
            #expect(vocabulary.padding == 0)
            #expect(Set(vocabulary.tokens.map { Array($0.utf8) }).count == vocabulary.count)
            let tokenizer = WordPieceTokenizer(vocabulary: vocabulary)
            for caption in captions {
                #expect(!tokenizer.tokenize(caption).contains("[UNK]"), "\(caption) at \(size)")
            }
        }
        let whole = WordPieceTokenizer(vocabulary: Vocabulary.built(from: captions))
        #expect(whole.tokenize("Pulmonary infection, right lung.") == ["pulmonary", "infection", ",", "right", "lung", "."])
        #expect(!whole.tokenize("a word never seen: 1234567890 (q/z)!").contains("[UNK]"))
    }

    @Test func builtVocabulariesDoNotDependOnOrder() throws {
        var generator = SeededGenerator(state: 3)
        let words = ["polyp", "lung", "left", "right", "upper", "lower", "infected", "areas", "é", "x-ray"]
        let captions = (0..<200).map { _ in
            (0..<8).map { _ in words.randomElement(using: &generator) ?? "" }.joined(separator: " ")
        }
        let first = Vocabulary.built(from: captions, size: 140)
        let second = Vocabulary.built(from: captions.shuffled(using: &generator), size: 140)
        #expect(first.tokens == second.tokens)
        #expect(first.count == 140)
    }

    @Test func randomCaptionsAreSpelled() throws {
        var generator = SeededGenerator(state: 11)
        let captions = (0..<300).map { _ in
            var text = String.UnicodeScalarView()
            for _ in 0..<20 {
                if let scalar = Unicode.Scalar(UInt32.random(in: 0..<0x3000, using: &generator)) { text.append(scalar) }
                if Bool.random(using: &generator) { text.append(" ") }
            }
            return String(text)
        }
        let tokenizer = WordPieceTokenizer(vocabulary: Vocabulary.built(from: captions, size: 5000))
        for caption in captions { #expect(!tokenizer.tokenize(caption).contains("[UNK]"), "\(escaped(caption))") }
    }
}
