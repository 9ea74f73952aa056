// What captions claim, and whether masks of known places agree.
import Imaging
import Statistics
import Testing

@Suite struct AgreementTests {
    private func places(_ caption: String) -> [String] { CaptionClaims(caption).places.map(\.words) }

    @Test func placesOfRealCaptions() {
        #expect(places("two large yellow oval polyp, located in top left, right of the image") == ["top left", "right"])
        #expect(
            places("Bilateral pulmonary infection, two infected areas, upper middle left lung and lower right lung.") == [
                "upper middle left", "lower right",
            ])
        #expect(places("two infected areas, lower left lung and lowerright lung.") == ["lower left", "lower right"])
        #expect(places("one small white circle polyp, located in center of the image") == ["center"])
        #expect(places("No pulmonary infection, zero infected areas.") == [])
        #expect(places("a polyp") == [])
    }

    @Test func cellsOfPlaces() throws {
        func cells(_ caption: String) -> [Int] {
            let bits = CaptionClaims(caption).places.first?.cells ?? 0
            return (0..<16).filter { bits >> UInt16($0) & 1 == 1 }
        }
        #expect(cells("top left") == [0, 1, 4, 5])
        #expect(cells("right") == [2, 3, 6, 7, 10, 11, 14, 15])
        #expect(cells("center") == [5, 6, 9, 10])
        #expect(cells("center left") == [4, 5, 8, 9])
        #expect(cells("top center") == [1, 2, 5, 6])
        #expect(cells("middle right lung") == [6, 7, 10, 11])
        #expect(cells("upper lower left lung") == [0, 1, 4, 5, 8, 9, 12, 13])
        #expect(cells("all left lung") == [0, 1, 4, 5, 8, 9, 12, 13])
        let place = try #require(CaptionClaims("top left").places.first)
        #expect(place.mirrored == 0b1100_1100)
    }

    @Test func numbersAndDenials() {
        #expect(CaptionClaims("three small polyps, one of them in the left").count == 3)
        #expect(CaptionClaims("a polyp").count == nil)
        #expect(CaptionClaims("2 polyps").count == 2)
        // "one" after a place is no number of lesions.
        #expect(CaptionClaims("polyps in the left, one large").count == nil)
        #expect(CaptionClaims("No pulmonary infection, zero infected areas.").deniesLesions)
        #expect(!CaptionClaims("one polyp, no blood").deniesLesions)
        #expect(CaptionClaims("Unilateral pulmonary infection, one infected areas, left lung and middle right lung.").contradictsItself)
        #expect(!CaptionClaims("Bilateral pulmonary infection, left lung and right lung.").contradictsItself)
    }

    private func findings(_ caption: String, _ mask: Raster, reading: SideConvention.Reading = .viewer) -> CaptionFindings {
        CaptionFindings(Samples.measure(mask: mask, caption: caption), reading: reading)
    }

    @Test func placesWhereTheMaskIsNot() {
        let topLeft = Samples.spots([(1, 1)])
        #expect(findings("one polyp in top left of the image", topLeft).missing.isEmpty)
        #expect(findings("one polyp in top right of the image", topLeft).missing.map(\.words) == ["top right"])
        #expect(findings("one polyp in top right of the image", topLeft, reading: .patient).missing.isEmpty)
        #expect(findings("one polyp in bottom", topLeft).missing.map(\.words) == ["bottom"])
        #expect(findings("one polyp in center", topLeft).missing.map(\.words) == ["center"])
        // One spot of twenty-five lies right: 4 % is not enough; one of sixteen is.
        let spots = (0..<24).map { (across: $0 % 5, down: $0 / 5 * 2) }
        #expect(findings("right", Samples.spots(spots + [(9, 9)])).missing.map(\.share) == [0.04])
        #expect(findings("right", Samples.spots(Array(spots.prefix(15)) + [(9, 9)])).missing.isEmpty)
    }

    @Test func numbersSidesAndEmptyMasks() {
        let two = Samples.spots([(1, 1), (8, 1)]), empty = Samples.spots([])
        #expect(findings("two polyps", two).count == nil)
        let wrong = findings("three polyps", two).count
        #expect(wrong?.said == 3 && wrong?.found == 2)
        #expect(findings("unilateral infection", two).wrongLaterality && !findings("bilateral infection", two).wrongLaterality)
        #expect(findings("bilateral infection", Samples.spots([(1, 1)])).wrongLaterality)
        #expect(findings("one polyp, left", empty).describesEmptyMask && findings("one polyp, left", empty).missing.isEmpty)
        #expect(findings("No infection", two).deniesMask && !findings("No infection", empty).deniesMask)
    }

    @Test func theConventionIsTheOneThatFits() {
        let left = Samples.spots([(1, 4)]), right = Samples.spots([(8, 4)])
        func convention(_ pairs: [(String, Raster)]) -> SideConvention {
            SideConvention(pairs.map { Samples.measure(mask: $1, caption: $0) })
        }
        let viewer = convention([
            ("left", left), ("left", left), ("right", right), ("right", right), ("right", left), ("left and right", left),
            ("a polyp", left),
        ])
        #expect(viewer.reading == .viewer && viewer.isCertain && (viewer.informative, viewer.fitViewer, viewer.fitPatient) == (5, 4, 1))
        let patient = convention(Array(repeating: ("left", right), count: 5))
        #expect(patient.reading == .patient && patient.isCertain && patient.sentence.hasPrefix("left means the patient's left"))
        #expect(!convention(Array(repeating: ("left", right), count: 4)).isCertain)
        let mixed = convention(Array(repeating: ("left", right), count: 4) + Array(repeating: ("left", left), count: 4))
        #expect(!mixed.isCertain && mixed.reading == .viewer && mixed.sentence.contains("too mixed to tell"))
        // Equal halves say nothing.
        #expect(convention([("left", Samples.spots([(1, 4), (8, 4)]))]).informative == 0)
    }

    @Test func agreementIsCounted() {
        let left = Samples.spots([(1, 1)])
        let agreement = CaptionAgreement(
            [
                Samples.measure(mask: left, caption: "one polyp in top left"),
                Samples.measure(mask: left, caption: "two polyps in top left and bottom"),
                Samples.measure(mask: left, caption: "a polyp"),
            ], reading: .viewer)
        #expect(
            agreement.namingPlaces == 2 && agreement.placesMissing == 1 && agreement.namingCounts == 2 && agreement.countsDiffering == 1)
        #expect(agreement.places.map { "\($0.words) \($0.named) \($0.missing)" } == ["top left 2 0", "bottom 1 1"])
    }
}
