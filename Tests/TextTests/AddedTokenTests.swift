// Added tokens and the tokenizer's settings: id for id what Hugging Face gives (Scripts/golden/added.py), and what is refused by name.
import Files
import Foundation
import TestSupport
import Testing
import Text

@Suite struct AddedTokenTests {
    private let specials = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"

    @Test func idsAreHuggingFaces() throws {
        let cases = try Golden.json("added.json") as? [[String: Any]] ?? []
        #expect(cases.count == 10)
        for golden in cases {
            let name = golden["name"] as? String ?? ""
            let folder = try TemporaryFolder("added")
            for (file, text) in golden["files"] as? [String: String] ?? [:] { try folder.write(text, to: file) }
            let vocabulary = try Vocabulary(contentsOf: folder.path)
            // Written beside shards or in a run, and read back, it is the same tokenizer.
            try FileIO.createFolder(folder.file("copy"))
            try vocabulary.write(to: folder.file("copy/vocab.txt"))
            let copy = try Vocabulary(contentsOf: folder.file("copy"))
            #expect(copy.sha256 == vocabulary.sha256 && copy.count == vocabulary.count, "\(name)")
            for tokenizer in [WordPieceTokenizer(vocabulary: vocabulary), WordPieceTokenizer(vocabulary: copy)] {
                for row in golden["rows"] as? [[Any]] ?? [] {
                    let text = row[0] as? String ?? "", ids = (row[1] as? [Int] ?? []).map(Int32.init)
                    #expect(tokenizer.encode(text).ids == ids, "\(name): \(escaped(text))")
                    #expect(tokenizer.encode(CaptionText.normalised(text)).ids == ids, "\(name), normalised: \(escaped(text))")
                }
            }
        }
    }

    @Test func anAddedTokenMakesAnotherVocabulary() throws {
        let folder = try TemporaryFolder("added")
        try folder.write(specials + "a\n", to: "vocab.txt")
        let plain = try Vocabulary(contentsOf: folder.path)
        #expect(plain.sha256 == (try Digest.sha256(ofFile: folder.file("vocab.txt"))))
        try folder.write(#"{"LungCT": 6}"#, to: "added_tokens.json")
        let added = try Vocabulary(contentsOf: folder.path)
        #expect(added.sha256 != plain.sha256)
        #expect(added.count == 7)
        #expect(WordPieceTokenizer(vocabulary: added).tokenize("a LUNGCT a") == ["a", "LungCT", "a"])
    }

    /// Settings under which the ids would be others than those served, each refused with its name, value and file.
    @Test(arguments: [
        ("added_tokens.json", #"{"x": 9}"#, #"added token "x" has id 9, expected 6"#),
        ("added_tokens.json", #"{"x": 5}"#, #"has id 5, which is "a" in the vocabulary"#),
        ("added_tokens.json", #"{"x": "y"}"#, "expected a whole number"),
        ("tokenizer_config.json", #"{"never_split": ["LungCT"]}"#, "never_split is [LungCT]"),
        ("tokenizer_config.json", #"{"unk_token": "<unk>"}"#, #"unk_token is "<unk>""#),
        ("tokenizer_config.json", #"{"tokenizer_class": "RobertaTokenizer"}"#, #"tokenizer_class is "RobertaTokenizer""#),
        ("tokenizer_config.json", #"{"tokenizer_class": "BertJapaneseTokenizer"}"#, "BertJapaneseTokenizer"),
        ("tokenizer_config.json", #"{"additional_special_tokens": ["<new>"]}"#, "is a special token without an id"),
        ("tokenizer_config.json", #"{"added_tokens_decoder": {"6": {"lstrip": true}}}"#, #"has no "content""#),
        ("special_tokens_map.json", #"{"cls_token": {"content": "<s>"}}"#, #"cls_token is "<s>""#),
        ("config.json", #"{"tokenizer_class": "XLNetTokenizer"}"#, "XLNetTokenizer"),
        ("tokenizer.json", #"{"normalizer": {"type": "Sequence"}, "model": {"vocab": {}}}"#, "normalizer is Sequence"),
        ("tokenizer.json", #"{"pre_tokenizer": {"type": "ByteLevel"}, "model": {"vocab": {}}}"#, "pre_tokenizer is ByteLevel"),
        ("tokenizer.json", #"{"normalizer": {"type": "BertNormalizer", "lowercase": false}}"#, "make the two agree"),
        ("tokenizer.json", #"{"normalizer": {"type": "BertNormalizer", "handle_chinese_chars": false}}"#, "handle_chinese_chars is false"),
        ("tokenizer.json", #"{"model": {"max_input_chars_per_word": 50}}"#, "max_input_chars_per_word is 50"),
        ("tokenizer.json", #"{"model": {"vocab": {"a": 1, "[UNK]": 5}}}"#, "has id"),
    ]) func isRefusedByName(file: String, content: String, message: String) throws {
        let folder = try TemporaryFolder("added")
        try folder.write(specials + "a\n", to: "vocab.txt")
        try folder.write(content, to: file)
        let error = #expect(throws: TextError.self) { try Vocabulary(contentsOf: folder.path) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        #expect(error?.description.contains(file) == true, "\(String(describing: error))")
    }

    @Test func filesThatDisagreeAreRefused() throws {
        let folder = try TemporaryFolder("added")
        try folder.write(specials + "a\n", to: "vocab.txt")
        try folder.write(#"{"x": 6, "y": 7}"#, to: "added_tokens.json")
        try folder.write(#"{"added_tokens_decoder": {"6": {"content": "x", "normalized": true}}}"#, to: "tokenizer_config.json")
        let error = #expect(throws: TextError.self) { try Vocabulary(contentsOf: folder.path) }
        #expect(error?.description.contains(#"added token "y" is not in "#) == true, "\(String(describing: error))")
        try folder.write(#"{"x": 6}"#, to: "added_tokens.json")
        #expect(try Vocabulary(contentsOf: folder.path).added == [AddedToken(content: "x", id: 6)])
    }

    @Test func controlCharactersPartNoWords() throws {
        for control in ["\u{0B}", "\u{0C}", "\u{85}", "\u{1C}", "\u{7F}", "\u{AD}", "\u{200B}"] {
            let vocabulary = try Vocabulary(tokens: Vocabulary.specials + ["ab", "a", "b"])
            let tokens = WordPieceTokenizer(vocabulary: vocabulary).tokenize(CaptionText.normalised("a\(control)b"))
            #expect(tokens == ["ab"], "\(escaped(control))")
        }
        #expect(CaptionText.normalised("a \u{0B} b\u{85}") == "a b")
        #expect(CaptionText.normalised("\u{0C}") == "")
    }

    @Test func theInnerFolderOfASentenceTransformer() throws {
        let folder = try TemporaryFolder("sentence")
        try folder.write(specials + "a\n", to: "0_Transformer/vocab.txt")
        try folder.write(#"{"model_type": "bert"}"#, to: "0_Transformer/config.json")
        try folder.write(#"{"__version__": {"sentence_transformers": "0.2"}}"#, to: "config.json")
        #expect(try Vocabulary(contentsOf: folder.path).count == 6)
        let found = try ModelFolder.resolve(folder.path + "/")
        #expect(found.path == folder.file("0_Transformer"))
        #expect(found.note?.contains("0_Transformer/ is used") == true)
        try FileIO.createFolder(folder.file("outer"))
        try FileManager.default.moveItem(atPath: folder.file("0_Transformer"), toPath: folder.file("outer/inner"))
        try folder.write(#"[{"idx": 0, "path": "outer/inner", "type": "sentence_transformers.models.Transformer"}]"#, to: "modules.json")
        #expect(try Vocabulary(contentsOf: folder.path).count == 6)
        try FileIO.remove(folder.file("modules.json"))
        let error = #expect(throws: TextError.self) { try Vocabulary(contentsOf: folder.path) }
        #expect(
            error?.description.contains("but in \(folder.file("outer/inner")); give that folder") == true, "\(String(describing: error))")
    }

    @Test func aNameOfTheHubIsNotFetched() {
        for name in ["microsoft/BiomedVLP-CXR-BERT-specialized", "bert-base-uncased"] {
            for path in [name, FileManager.default.currentDirectoryPath + "/" + name] {
                let error = #expect(throws: TextError.self) { try Vocabulary(contentsOf: path) }
                #expect(error?.description.contains("`hf download \(name) --local-dir models/") == true, "\(String(describing: error))")
            }
        }
        for path in ["./a/b", "/a/b", "a/b/c", "vocab.txt", "folder", "my-vocab.txt"] {
            let error = #expect(throws: TextError.self) { try Vocabulary(contentsOf: path) }
            #expect(error?.description.contains("no vocabulary here") == true, "\(String(describing: error))")
        }
    }
}
