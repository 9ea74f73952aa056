// The caption rule of MedVLSM prompts, white space, oddities.
import Testing
import Text

@Suite struct CaptionTests {
    private let full: [String: PromptValue] = [
        "p0": .text(""), "p1": .text("polyp"), "p2": .text("oval polyp"), "p5": .text("one medium white oval polyp"),
        "p6": .text("one medium white oval polyp, located in center of the image"), "p7": .list(["polyp which is a growth"]),
        "p9": .list(["one polyp which is a growth", "one polyp which is a lump located in center of the image"]),
    ]

    private func without(_ names: String..., setting changes: [String: PromptValue] = [:]) -> [String: PromptValue] {
        full.filter { !names.contains($0.key) }.merging(changes) { $1 }
    }

    @Test func p6WhereItSaysWhere() throws {
        let choice = try CaptionRule.choose(prompts: full)
        #expect(choice.caption == "one medium white oval polyp, located in center of the image")
        #expect(choice.source == "p6")
    }

    @Test func elseTheFirstP9ThatDoes() throws {
        let choice = try CaptionRule.choose(prompts: without(setting: ["p6": .text("one polyp")]))
        #expect(choice.source == "p9[1]")
        #expect(choice.caption == "one polyp which is a lump located in center of the image")
        #expect(try CaptionRule.choose(prompts: without("p6")).source == "p9[1]")
    }

    @Test func elseTheLongest() throws {
        #expect(try CaptionRule.choose(prompts: without("p6", "p9")).source == "p5")
        #expect(try CaptionRule.choose(prompts: without("p9", setting: ["p6": .text("polyp")])).source == "p5")
        // Of two of one length the more detailed prompt.
        #expect(try CaptionRule.choose(prompts: ["p1": .text("polyp"), "p2": .text("tumor")]).source == "p2")
    }

    @Test func aPreferredPromptOverrides() throws {
        #expect(try CaptionRule.choose(prompts: full, preferred: "p2").caption == "oval polyp")
        #expect(try CaptionRule.choose(prompts: full, preferred: "p9").source == "p9[0]")
        #expect(try CaptionRule.choose(prompts: full, preferred: "p9[1]").source == "p9[1]")
        #expect(try CaptionRule.choose(prompts: full, preferred: "p0").caption == "")
    }

    @Test(arguments: ["p3", "p9[2]", "p2[1]"]) func missingPrompts(name: String) {
        let error = #expect(throws: TextError.self) { try CaptionRule.choose(prompts: full, preferred: name) }
        #expect(error?.description == "no prompt \"\(name)\"; there are p0, p1, p2, p5, p6, p7, p9")
    }

    @Test(arguments: ["", "p", "6", "p9[", "p9[x]", "p9[-1]", "p9]", "q6", "p9[1][2]", "p٣"]) func malformedNames(name: String) {
        let error = #expect(throws: TextError.self) { try CaptionRule.choose(prompts: full, preferred: name) }
        #expect(error?.description.contains("is not the name of a prompt") == true)
    }

    @Test func noTextAtAll() {
        let error = #expect(throws: TextError.self) { try CaptionRule.choose(prompts: ["p0": .text(""), "p1": .text(" ")]) }
        #expect(error?.description == "no text in any of the prompts p0, p1")
        #expect(throws: TextError.self) { try CaptionRule.choose(prompts: [:]) }
    }

    @Test(arguments: [
        ("a  b", "a b"), (" a\u{a0}b ", "a b"), ("a\r\n\tb", "a b"), ("", ""), (" \u{3000}\u{2028}", ""), ("A..B", "A..B"), ("a", "a"),
    ]) func normalising(text: String, expected: String) {
        #expect(CaptionText.normalised(text) == expected)
        #expect(CaptionText.normalised(expected) == expected)
    }

    @Test(
        arguments: [
            ("Bilateral infection, two infected areas.", []), ("one polyp, located in center of the image", []), ("", [.empty]),
            (" \u{a0}", [.empty]), (" a", [.leadingBlank]), ("a ", [.trailingBlank]), ("a  b", [.doubleBlank]),
            ("a\u{a0}b", [.noBreakBlank]),
            ("a\nb", [.lineBreak]), ("a\r\nb", [.lineBreak]), ("a\u{200b}b", [.controlCharacter]), ("right lung..", [.doubleFullStop]),
            ("lung .", [.blankBeforePunctuation]), ("areas,lower lung", [.missingBlankAfterPunctuation]), ("inFected", [.wrongCapitals]),
            ("BILATERAL infection", [.wrongCapitals]),
            ("Bilateral infection, Two areas", []), ("Ein kleiner Polyp im linken Bereich des Bildes", []),
            ("EIN KLEINER POLYP", [.wrongCapitals]), ("INFEKTION LINKS", [.wrongCapitals]), ("One area. Two areas", []),
            ("naïve", [.notASCII]), ("1.5 cm, CT and COVID19", []),
            ("lung..  ", [.trailingBlank, .doubleBlank, .doubleFullStop]),
        ] as [(String, [CaptionOddity])]) func oddities(text: String, expected: [CaptionOddity])
    {
        #expect(CaptionText.oddities(text) == expected)
    }
}
