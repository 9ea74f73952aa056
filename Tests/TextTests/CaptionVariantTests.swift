// Variants of captions: what each writes, what it leaves and why, on sentences of the forms that the datasets have.
import Tables
import TestSupport
import Testing
import Text

@Suite struct CaptionVariantTests {
    private static let kvasir = [
        "one medium white round polyp, located in right of the image",
        "two small brown oval polyp, located in top left, bottom of the image",
        "one small pink circle polyp, located in center of the image", "two large red round polyp, located in center, right of the image",
    ]
    private static let mosmed = [
        "Unilateral pulmonary infection, one infected areas, left lung and middle right lung.",
        "Bilateral pulmonary infection, three infected areas, middle left lung and middle right lung.",
        "No pulmonary infection, zero infected areas.",
        "Unilateral pulmonary infection, two infected areas, upper left lung.",
    ]
    private static let qata = [
        "Unilateral pulmonary infection, one infected area, lower left lung.",
        "Bilateral pulmonary infection, two infected areas, all left lung and all right lung.",
        "Bilateral pulmonary infection, three infected areas, upper lower left lung and lowerright lung.",
    ]

    private func texts(_ variant: CaptionVariant, _ captions: [String], seed: UInt64 = 1) -> [String] {
        variant.apply(to: captions, seed: seed).captions.map(\.caption)
    }

    private func reasons(_ variant: CaptionVariant, _ captions: [String]) -> [UnchangedCaption?] {
        variant.apply(to: captions, seed: 1).captions.map(\.unchanged)
    }

    @Test func namesAreThoseOfTheOption() {
        #expect(CaptionVariant.allCases.map(\.name) == ["original", "none", "mirrored", "shuffled", "wrong-count", "generic"])
        for variant in CaptionVariant.allCases {
            #expect(CaptionVariant(rawValue: variant.name) == variant)
            #expect(!variant.explanation.isEmpty)
        }
    }

    @Test(arguments: CaptionVariant.allCases) func emptyLists(variant: CaptionVariant) {
        let result = variant.apply(to: [], seed: 1)
        #expect(result.captions.isEmpty && result.summary == "changed in 0 of 0")
    }

    /// A caption is reported as changed exactly if it is another one.
    @Test(arguments: CaptionVariant.allCases) func reportsAreTrue(variant: CaptionVariant) {
        let captions = Self.kvasir + Self.mosmed + Self.qata + ["", " ", "polyp", "Ein kleiner Polyp im linken Bereich", "polyp"]
        let result = variant.apply(to: captions, seed: 3)
        #expect(result.captions.count == captions.count)
        for (own, varied) in zip(captions, result.captions) { #expect(varied.isChanged == (varied.caption != own), "\(variant): \(own)") }
        #expect(result.changedCount + result.unchangedCounts.map(\.count).reduce(0, +) == captions.count)
    }

    @Test func original() {
        #expect(texts(.original, Self.kvasir) == Self.kvasir)
        #expect(CaptionVariant.original.apply(to: Self.kvasir, seed: 1).summary == "changed in 0 of 4")
    }

    @Test func none() {
        #expect(texts(.empty, ["a", ""]) == ["", ""])
        #expect(reasons(.empty, ["a", ""]) == [nil, .noText])
    }

    @Test func mirrored() {
        #expect(
            texts(.mirrored, Self.kvasir) == [
                "one medium white round polyp, located in left of the image",
                "two small brown oval polyp, located in top right, bottom of the image", Self.kvasir[2],
                "two large red round polyp, located in center, left of the image",
            ])
        #expect(texts(.mirrored, Self.mosmed)[0].hasSuffix("right lung and middle left lung."))
        #expect(reasons(.mirrored, Self.mosmed) == [nil, .sidesAlike, .noSide, nil])
        #expect(reasons(.mirrored, ["lowerl eft lung"]) == [.sideInDoubt])
    }

    @Test(arguments: [
        ("all left lung and all right lung", true), ("lower left lung and lowerright lung", false),
        ("all left lung and right lung", false), ("left lung and middle right lung", false),
        ("located in top left, top right of the image", true), ("located in top left, right of the image", false),
        ("large polyp on the left, small polyp on the right", false), ("left and right", true), ("right, left, left", false),
    ])
    func listsWithBothSidesAlike(caption: String, alike: Bool) {
        #expect((reasons(.mirrored, [caption]) == [.sidesAlike]) == alike)
    }

    @Test func shuffledIsAPermutationOfSeedAndList() {
        let captions = (0..<50).map { "caption \($0 % 20)" }
        let once = texts(.shuffled, captions, seed: 7)
        #expect(once == texts(.shuffled, captions, seed: 7))
        #expect(once != texts(.shuffled, captions, seed: 8))
        #expect(once.sorted() == captions.sorted())
        #expect(zip(once, captions).allSatisfy { $0 != $1 })
        // Fixed, because tables of different runs must have used the same captions.
        #expect(texts(.shuffled, ["a", "b", "c", "d", "e"], seed: 1) == ["e", "c", "d", "a", "b"])
    }

    /// With c samples of the commonest text of n, 2c - n keep theirs and no more, however the rest is spread.
    @Test func asFewAsPossibleKeepTheirOwn() {
        for n in 1...12 {
            for common in 0...n {
                for others in 1...3 {
                    let captions = (0..<n).map { $0 < common ? "x" : "y\($0 % others)" }
                    let most = Dictionary(grouping: captions, by: { $0 }).values.map(\.count).max() ?? 0
                    for seed in 0..<4 as Range<UInt64> {
                        let result = CaptionVariant.shuffled.apply(to: captions, seed: seed)
                        #expect(n - result.changedCount == max(0, 2 * most - n))
                        #expect(result.captions.map(\.caption).sorted() == captions.sorted())
                    }
                }
            }
        }
    }

    @Test func shuffledComparesWhatTheTokenizerSees() {
        let result = CaptionVariant.shuffled.apply(to: ["A polyp", "a  polyp"], seed: 1)
        #expect(result.captions.map(\.caption) == ["A polyp", "a  polyp"])
        #expect(result.captions.map(\.unchanged) == [.noOtherText, .noOtherText])
    }

    /// The nouns take the forms of the dataset: Kvasir-SEG never has a plural, MosMedData+ never a singular, QaTa-COV19 both.
    @Test func wrongCountInTheFormsOfTheDataset() {
        #expect(texts(.wrongCount, Self.kvasir)[0] == "two medium white round polyp, located in right of the image")
        #expect(texts(.wrongCount, Self.kvasir)[1] == "one small brown oval polyp, located in top left, bottom of the image")
        #expect(
            texts(.wrongCount, Self.mosmed) == [
                "Unilateral pulmonary infection, two infected areas, left lung and middle right lung.",
                "Bilateral pulmonary infection, one infected areas, middle left lung and middle right lung.", Self.mosmed[2],
                "Unilateral pulmonary infection, one infected areas, upper left lung.",
            ])
        #expect(reasons(.wrongCount, Self.mosmed) == [nil, nil, .countOfZero, nil])
        #expect(texts(.wrongCount, Self.qata)[0] == "Unilateral pulmonary infection, two infected areas, lower left lung.")
        #expect(texts(.wrongCount, Self.qata)[1].hasPrefix("Bilateral pulmonary infection, one infected area, all left"))
    }

    @Test(arguments: [
        ("one polyp", "two polyps"), ("two polyps", "one polyp"), ("Three nodules.", "One nodule."), ("2 lesions", "1 lesion"),
        ("1 lesion", "2 lesions"), ("a polyp on the left", "two polyps on the left"), ("An infected area", "Two infected areas"),
        ("multiple small nodules", "one small nodule"), ("many opacities", "one opacity"), ("a few masses", "one mass"),
        ("a single mass", "two masses"), ("Solitary nodule", "Two nodules"), ("A couple of foci", "One focus"),
        ("There is one polyp, which is red", "There are two polyps, which is red"), ("there are two polyps", "there is one polyp"),
        ("two polyps are seen", "one polyp is seen"), ("TWO POLYPS", "ONE POLYP"),
        ("two small, medium red polyps", "one small, medium red polyp"),
        ("one small white a circle polyp", "two small white a circle polyps"), ("one it is round polyp", "two it is round polyps"),
        ("two neoplasms in the colon", "one neoplasm in the colon"), ("one tumor nodule", "two tumor nodules"),
        ("3 mm nodule, two nodules", "3 mm nodule, one nodule"), ("one polyp which is a growth", "two polyps which is a growth"),
    ])
    func wrongCountOfOneCaption(caption: String, expected: String) {
        #expect(texts(.wrongCount, [caption]) == [expected])
    }

    @Test(arguments: [
        "", "polyp", "polyp which is a projecting growth of tissue", "5 mm polyp", "polyp at 3 o'clock", "one-sided infection",
        "COVID-19 infection", "one third of the lung", "The nuclei are evenly distributed.", "this is a polyp", "the left one", "grade 3",
        "one of the lungs", "Ein kleiner Polyp", "1/2 of the image", "both lungs", "two lungs",
    ])
    func noCount(caption: String) { #expect(reasons(.wrongCount, [caption]) == [.noCount]) }

    @Test(arguments: ["no polyps", "no visible lesion", "No pulmonary infection", "zero lesions", "0 polyps"]) func countOfZero(
        caption: String
    ) {
        #expect(reasons(.wrongCount, [caption]) == [.countOfZero])
    }

    @Test func generic() {
        #expect(texts(.generic, Self.kvasir) == ["polyp", "polyp", "polyp", "polyp"])
        #expect(Set(texts(.generic, Self.mosmed + Self.qata)) == ["Pulmonary infection."])
    }

    @Test(arguments: [
        ("two large, flat lung nodules in the left lobe", "lung nodule"), ("one medium yellow a large bone polyp", "polyp"),
        ("bone lesion on the right", "bone lesion"), ("Multiple ground-glass opacities.", "Ground-glass opacity."),
        ("two infected areas, left lung", "infected area"), ("An area of consolidation", "Consolidation"),
        ("There are two irregular tumor nodules", "Tumor nodule"), ("The nuclei density in the left is high.", "Nucleus."),
        ("polyp which is a small lump", "polyp"), ("a 5 mm nodule", "nodule"), ("1.5cm sessile polyp", "sessile polyp"),
    ])
    func genericOfOneCaption(caption: String, expected: String) { #expect(texts(.generic, [caption]) == [expected]) }

    @Test func genericKeepsWhatItDoesNotKnow() {
        #expect(
            reasons(.generic, ["", "polyp", "Polyp.", "something on the left"]) == [.noTarget, .alreadyGeneric, .alreadyGeneric, .noTarget])
    }

    /// On the real captions of validation and test. The generic caption of Kvasir-SEG is MedVLSM's own shortest prompt.
    @Test(.enabled(if: RealData.isPresent, Comment(rawValue: RealData.skipMessage))) func realCaptions() throws {
        func captions(_ files: [String], prompt: String? = nil) throws -> [String] {
            try files.flatMap { try CaptionReader.read(RealData.path("captions/" + $0), prompt: prompt).flatMap { $0.rows.map(\.caption) } }
        }
        func changed(_ captions: [String]) -> [Int] { CaptionVariant.allCases.map { $0.apply(to: captions, seed: 1).changedCount } }
        let kvasir = try captions(["kvasir-medvlsm-val.json", "kvasir-medvlsm-test.json"])
        #expect(changed(kvasir) == [0, 200, 109, 200, 200, 200])
        #expect(Set(texts(.generic, kvasir)) == Set(try captions(["kvasir-medvlsm-test.json"], prompt: "p1")))
        #expect(Set(texts(.wrongCount, kvasir)).contains("two medium white round polyp, located in center of the image"))
        let mosmed = try captions(["mosmed-plus-Val.xlsx", "mosmed-plus-Test.xlsx"])
        #expect(changed(mosmed) == [0, 546, 369, 546, 542, 546])
        #expect(changed(try captions(["qata-test-sample.csv"])) == [0, 33, 20, 33, 33, 33])
    }
}
