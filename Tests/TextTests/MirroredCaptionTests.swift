// Captions of mirrored pictures: sides change places, everything else stays, and what is in doubt is refused.
import Tables
import TestSupport
import Testing
import Text

@Suite struct MirroredCaptionTests {
    private static let horizontal = Mirroring(horizontal: true, vertical: false)
    private static let vertical = Mirroring(horizontal: false, vertical: true)
    private static let both = Mirroring(horizontal: true, vertical: true)

    @Test(arguments: [
        ("one polyp, located in top left of the image", "one polyp, located in top right of the image"),
        (
            "Bilateral pulmonary infection, two infected areas, upper left lung and all right lung..",
            "Bilateral pulmonary infection, two infected areas, upper right lung and all left lung.."
        ),
        ("Left-sided lesion; RIGHTMOST and leftmost parts", "Right-sided lesion; LEFTMOST and rightmost parts"),
        ("lowerright lung, upperleft", "lowerleft lung, upperright"),
        ("eight bright areas, slight, center", "eight bright areas, slight, center"),
        ("one  polyp\u{A0}in center, left", "one  polyp\u{A0}in center, right"),
        ("", ""),
    ])
    func leftAndRightChangePlaces(caption: String, expected: String) {
        #expect(MirroredCaption.rewrite(caption, Self.horizontal) == .caption(expected))
        #expect(MirroredCaption.rewrite(expected, Self.horizontal) == .caption(caption))
    }

    @Test(arguments: [
        ("located in top left, bottom of the image", "located in bottom left, top of the image"),
        ("Upper lower middle, above the fold", "Lower upper middle, below the fold"),
        ("uppermost, bottommost", "lowermost, topmost"),
        ("lowerright lung", "upperright lung"),
        ("stop at the flower", "stop at the flower"),
    ])
    func topAndBottomChangePlaces(caption: String, expected: String) {
        #expect(MirroredCaption.rewrite(caption, Self.vertical) == .caption(expected))
        #expect(MirroredCaption.rewrite(expected, Self.vertical) == .caption(caption))
    }

    @Test func bothAtOnce() {
        #expect(MirroredCaption.rewrite("in top left, bottom right", Self.both) == .caption("in bottom right, top left"))
        #expect(MirroredCaption.rewrite("upperleft", Self.both) == .caption("lowerright"))
    }

    @Test(arguments: [
        ("lowerl eft lung", "eft"), ("rihgt lung", "rihgt"), ("beside the heart on the left", "heart"), ("at 3 o'clock", "clock"),
        ("an upright fold", "upright"),
        ("the leftover part", "leftover"),
    ])
    func doubtfulSidesAreRefused(caption: String, word: String) {
        #expect(MirroredCaption.rewrite(caption, Self.horizontal) == .refused(word: word))
    }

    @Test(arguments: [
        ("uppper left lung", "uppper"), ("middle llower right", "llower"), ("the superior part", "superior"), ("right upper lobe", "lobe"),
        ("upside down", "upside"),
    ])
    func doubtfulHeightsAreRefused(caption: String, word: String) {
        #expect(MirroredCaption.rewrite(caption, Self.vertical) == .refused(word: word))
    }

    /// Every real caption is either refused or comes back when mirrored twice, and then differs exactly where it names a side.
    @Test(.enabled(if: RealData.isPresent, Comment(rawValue: RealData.skipMessage))) func realCaptions() throws {
        var captions = Set<String>()
        for name in ["kvasir-medvlsm-train.json", "mosmed-plus-Train.xlsx", "mosmed-plus-Test.xlsx", "qata-test-sample.csv"] {
            for table in try CaptionReader.read(RealData.path("captions/" + name)) { captions.formUnion(table.rows.map(\.caption)) }
        }
        #expect(captions.count > 200)
        var refused = Set<String>()
        for caption in captions {
            switch MirroredCaption.rewrite(caption, Self.horizontal) {
            case .refused(let word): refused.insert(word)
            case .caption(let mirrored):
                #expect(MirroredCaption.rewrite(mirrored, Self.horizontal) == .caption(caption))
                let namesASide =
                    caption.lowercased().contains("left") || caption.lowercased().contains("right") && !caption.contains("bright")
                #expect((mirrored != caption) == namesASide, "\(caption)")
            }
        }
        #expect(refused == ["eft", "heart"])
    }
}
