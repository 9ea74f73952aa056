// Words of a caption: their places, their kinds, captions without one of them, their tokens.
import Testing
import Text

@Suite struct CaptionWordsTests {
    private func words(_ caption: String) -> [String] { CaptionWords(caption).words.map(\.text) }

    @Test(arguments: [
        ("one polyp, located in top left of the image", ["one", "polyp", "located", "in", "top", "left", "of", "the", "image"]),
        ("areas,lower lung..", ["areas", "lower", "lung"]), ("", []), (" ., ", []), ("left-sided", ["left", "sided"]),
        ("1.5 cm at 3 o'clock", ["1.5", "cm", "at", "3", "o'clock"]), ("lung.(wait", ["lung", "wait"]),
        ("e\u{301}t\u{e9}", ["e\u{301}t\u{e9}"]),
        ("'left' lung's", ["left", "lung's"]), ("1.", ["1"]), ("a\u{a0}b", ["a", "b"]),
    ])
    func splitting(caption: String, expected: [String]) {
        #expect(words(caption) == expected)
        let split = CaptionWords(caption)
        #expect(split.words.allSatisfy { caption[$0.range] == $0.text })
    }

    @Test(arguments: [
        (
            "one medium white round polyp, located in right of the image",
            "number size colour shape other other other side other other other"
        ),
        ("Bilateral pulmonary infection, two infected areas, all left lung", "place other other number other other place side other"),
        ("No lesion, 2 masses upperleft, lowerl eft", "number other number other side other other"),
        ("large bowel, heart polyp, heart", "other other shape other other"), ("multiple bright spots", "number colour other"),
    ])
    func kinds(caption: String, expected: String) {
        #expect(CaptionWords(caption).words.map(\.kind.rawValue).joined(separator: " ") == expected)
    }

    @Test func withoutOneWord() {
        let words = CaptionWords("One polyp, in top left.")
        #expect(
            (0..<6).map(words.without) == [
                "polyp, in top left.", "One, in top left.", "One polyp, top left.", "One polyp, in left.", "One polyp, in top.",
                "One polyp, in top left.",
            ])
        #expect(CaptionWords("left-sided (two) a,b").without(1) == "left- (two) a,b")
        #expect(CaptionWords("left-sided (two) a,b").without(2) == "left-sided () a,b")
        #expect(CaptionWords("left-sided (two) a,b").without(4) == "left-sided (two) a,")
        #expect(CaptionWords("polyp").without(0) == "")
        #expect(CaptionWords("").without(0) == "")
    }

    /// The other words stay, in order, whichever one goes.
    @Test func theOthersStay() {
        let caption = " Bilateral pulmonary  infection,two infected areas, all left lung and (all) right lung.. "
        let all = words(caption)
        for index in all.indices {
            var expected = all
            expected.remove(at: index)
            #expect(words(CaptionWords(caption).without(index)) == expected)
        }
    }

    @Test func tokensOfWords() throws {
        let tokenizer = try Golden.smallTokenizer()
        let caption = "One polyp, located in the top-left (1.5 cm)."
        let split = CaptionWords(caption)
        let pieces = tokenizer.tokenize(caption)
        let ranges = split.tokenRanges(tokenizer, length: 64)
        #expect(ranges.count == split.words.count)
        for (word, range) in zip(split.words, ranges) {
            // Position 0 is [CLS].
            #expect(Array(pieces[(range.lowerBound - 1)..<(range.upperBound - 1)]) == tokenizer.tokenize(word.text))
        }
        for length in 2...12 {
            for range in split.tokenRanges(tokenizer, length: length) { #expect(range.upperBound <= length - 1 || range.isEmpty) }
        }
    }
}
