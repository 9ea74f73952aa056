// Paraphrases: other words, the same sides, heights, numbers and targets.
import Tables
import TestSupport
import Testing
import Text

@Suite struct ParaphraseTests {
    @Test func anImage() {
        #expect(
            Paraphrases.of("one small white circle polyp, located in top right of the image", limit: 8) == [
                "one small white circle polyp, located in upper right of the image",
                "one small white circle polyp, in the top right of the image",
                "located in top right of the image, one small white circle polyp",
                "1 small white circle polyp, located in top right of the image",
                "one little white circle polyp, located in top right of the image",
                "one small white circular polyp, located in top right of the image",
                "one small white circle polyp, located in top right of the picture",
                "a single small white circle polyp, located in top right of the image",
            ])
    }

    @Test func lungs() {
        #expect(
            Paraphrases.of("Bilateral pulmonary infection, two infected areas, upper left lung and all right lung.", limit: 9) == [
                "Bilateral lung infection, two infected areas, upper left lung and all right lung.",
                "Bilateral pulmonary infection, upper left lung and all right lung, two infected areas.",
                "Bilateral pulmonary infection, 2 infected areas, upper left lung and all right lung.",
                "Bilateral pulmonary infection, two infected regions, upper left lung and all right lung.",
                "Bilateral pulmonary infection, two infected areas, left upper lung and all right lung.",
                "Bilateral pulmonary infection, two infected areas, all right lung and upper left lung.",
                "Bilateral pulmonary infection, two infected areas, upper left lung and the whole right lung.",
                "Two-sided pulmonary infection, two infected areas, upper left lung and all right lung.",
                "Bilateral lung infection, upper left lung and all right lung, two infected areas.",
            ])
    }

    @Test func severalRulesAtOnce() {
        let all = Paraphrases.of("One medium pink oval polyp, located in right of the image.", limit: 1000)
        #expect(all.contains("In the right of the image, 1 medium pink oval polyp."))
        #expect(all.contains("Located in the right side of the image, 1 medium pink oval polyp."))
        #expect(Set(all).count == all.count)
    }

    @Test func limits() {
        let caption = "two large red polyp, located in center, bottom left of the image"
        let many = Paraphrases.of(caption, limit: 20)
        for limit in 0...20 { #expect(Paraphrases.of(caption, limit: limit) == Array(many.prefix(limit))) }
        #expect(Paraphrases.of(caption, limit: -1).isEmpty)
        #expect(Paraphrases.of("", limit: 5).isEmpty)
        #expect(Paraphrases.of("Ein kleiner Polyp", limit: 5).isEmpty)
    }

    /// Words that look like those of a rule and mean something else.
    @Test(arguments: [
        "infiltration of the large bowel", "central left lung", "polyp at 3 o'clock", "top of the stomach", "5 mm", "middle of donut",
    ])
    func nothingToSay(caption: String) { #expect(Paraphrases.of(caption, limit: 9).isEmpty) }

    /// Digits, heights and sides of a caption, in any order.
    private func meaning(_ caption: String) -> [String] {
        let same = [
            "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight", "9": "nine",
            "10": "ten",
            "upper": "top", "lower": "bottom", "center": "middle", "whole": "all",
        ]
        let kept: Set<String> = [
            "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "zero", "no", "left", "right", "top", "bottom",
            "middle",
            "all", "polyp", "infection", "lowerright",
        ]
        // "two-sided" is bilateral and no number.
        let words = CaptionWords(caption.lowercased().replacing("two-sided", with: "bilateral")).words.map { same[$0.text] ?? $0.text }
        return words.filter(kept.contains).sorted()
    }

    @Test(.enabled(if: RealData.isPresent, Comment(rawValue: RealData.skipMessage))) func realCaptionsKeepTheirMeaning() throws {
        var captions = Set<String>()
        for name in ["kvasir-medvlsm-test.json", "kvasir-medvlsm-val.json", "mosmed-plus-Test.xlsx", "qata-test-sample.csv"] {
            for table in try CaptionReader.read(RealData.path("captions/" + name)) { captions.formUnion(table.rows.map(\.caption)) }
        }
        for caption in captions {
            let paraphrases = Paraphrases.of(caption, limit: 12)
            #expect(paraphrases.count >= (caption.hasPrefix("No ") ? 3 : 8), "\(caption)")
            #expect(Set(paraphrases.map { $0.lowercased() } + [caption.lowercased()]).count == paraphrases.count + 1)
            for paraphrase in paraphrases { #expect(meaning(paraphrase) == meaning(caption), "\(caption) -> \(paraphrase)") }
        }
    }
}
