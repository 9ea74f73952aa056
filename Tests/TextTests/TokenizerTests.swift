// Properties of the tokenizer that hold for any text, and its edges.
import Testing
import Text

@Suite struct TokenizerTests {
    @Test func randomTextsKeepTheInvariants() throws {
        let tokenizer = try Golden.smallTokenizer()
        let vocabulary = tokenizer.vocabulary
        var generator = SeededGenerator(state: 7)
        for _ in 0..<4000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...60, using: &generator) {
                let limit: UInt32 = [0x80, 0x250, 0x3100, 0x11_0000].randomElement(using: &generator) ?? 0x80
                if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &generator)) { text.append(scalar) }
            }
            let string = String(text)
            let sequence = tokenizer.encode(string)
            try check(sequence, vocabulary, length: 24, escaped(string))
            let pieces = tokenizer.tokenize(string)
            #expect(sequence.truncated == (pieces.count > 22), "\(escaped(string))")
            let used = min(22, pieces.count)
            #expect(sequence.ids[1..<(1 + used)].map { vocabulary.tokens[Int($0)] } == Array(pieces.prefix(used)), "\(escaped(string))")
        }
    }

    private func check(_ sequence: TokenSequence, _ vocabulary: Vocabulary, length: Int, _ comment: String) throws {
        #expect(sequence.ids.count == length && sequence.attention.count == length, "\(comment)")
        #expect(sequence.ids.allSatisfy { $0 >= 0 && Int($0) < vocabulary.count }, "\(comment)")
        let used = sequence.attention.reduce(0) { $0 + Int($1) }
        #expect(sequence.attention == (0..<length).map { $0 < used ? 1 : 0 }, "\(comment)")
        #expect(sequence.ids[0] == vocabulary.classification && sequence.ids[used - 1] == vocabulary.separator, "\(comment)")
        #expect(sequence.ids[used...].allSatisfy { $0 == vocabulary.padding }, "\(comment)")
        #expect(sequence.unknownCount <= used - 2, "\(comment)")
    }

    @Test(arguments: [2, 3, 5, 24, 64]) func anyLengthIsFilled(length: Int) throws {
        let tokenizer = try Golden.smallTokenizer()
        for text in ["", "polyp", "one two three four five six", "[SEP] [SEP] [SEP]"] {
            try check(tokenizer.encode(text, length: length), tokenizer.vocabulary, length: length, text)
        }
        #expect(tokenizer.encode("polyp", length: 0).ids == [tokenizer.vocabulary.classification, tokenizer.vocabulary.separator])
    }

    @Test func unknownWordsAreCountedWithinTheSequenceOnly() throws {
        let tokenizer = try Golden.smallTokenizer()
        #expect(tokenizer.encode("polyp \u{3400} lung").unknownCount == 1)
        #expect(tokenizer.encode("[UNK] polyp").unknownCount == 0)
        #expect(tokenizer.encode(String(repeating: "\u{3400} ", count: 40)).unknownCount == 22)
        #expect(tokenizer.encode(String(repeating: "polyp ", count: 22) + "\u{3400}").unknownCount == 0)
    }

    @Test func aHugeWordAndAHugeTextEndSoon() throws {
        let tokenizer = try Golden.smallTokenizer()
        #expect(tokenizer.encode(String(repeating: "a", count: 5_000_000)).unknownCount == 1)
        #expect(tokenizer.encode(String(repeating: "polyp ", count: 1_000_000)).truncated)
    }

    @Test func bytesDecideNotUnicodeEquivalence() throws {
        // Two tokens that Swift's strings hold equal and that have two ids.
        let vocabulary = try Vocabulary(tokens: Vocabulary.specials + ["\u{e9}", "e\u{301}", "e"])
        #expect(vocabulary.id(of: "\u{e9}") == 5)
        #expect(vocabulary.id(of: "e\u{301}") == 6)
        #expect(WordPieceTokenizer(vocabulary: vocabulary).tokenize("\u{e9}") == ["e"])
        #expect(WordPieceTokenizer(vocabulary: vocabulary, lowercase: false).encode("\u{e9}", length: 3).ids == [2, 5, 3])
    }

    @Test func casedVocabulariesKeepCase() throws {
        let vocabulary = try Vocabulary(tokens: Vocabulary.specials + ["Lung", "lung"])
        #expect(WordPieceTokenizer(vocabulary: vocabulary, lowercase: false).tokenize("Lung lung") == ["Lung", "lung"])
        #expect(WordPieceTokenizer(vocabulary: vocabulary).tokenize("Lung lung") == ["lung", "lung"])
    }
}
