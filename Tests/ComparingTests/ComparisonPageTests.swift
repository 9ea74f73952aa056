// The page and the panels: whole, self-contained, safe against names and captions; and, where a browser is installed, without complaints.
import Foundation
import Imaging
import TestSupport
import Testing

import Comparing

@Suite struct ComparisonPageTests {
    private static let comparison = Comparisons.comparison([
        Comparisons.run("first", [0.9, 0.8, 0.7, 0.2, 0.95, 0.6]),
        Comparisons.run("<script>x</script>", [0.92, 0.85, 0.6, 0.5, 0.95, 0.1]),
    ])

    private static func page() throws -> String {
        try ComparisonPage.html(
            comparison, worst: [Comparisons.panel("image_3", caption: "one \"polyp\" <b>", shifts: [0, 3])],
            different: [Comparisons.panel("image_5", shifts: [1, 2])])
    }

    @Test func aPageIsWholeAndItsOwn() throws {
        let html = try Self.page()
        #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
        #expect(try Self.page() == html)
        for section in ["figures", "tests", "images", "worst", "different"] {
            #expect(html.contains("<section id=\(section)>") && html.contains("href=\"#\(section)\""))
        }
        #expect(
            !html.contains("<script") && html.contains("&lt;script&gt;x&lt;/script&gt;") && html.contains("one &quot;polyp&quot; &lt;b&gt;")
        )
        for address in html.matches(of: /(?:src|href)="?([^"# >]+)/) { #expect(address.1.hasPrefix("data:")) }
        #expect(!html.contains("url(") && !html.contains("@import") && !html.contains("http"))
        // Each image is embedded once, and each run draws on it.
        #expect(html.matches(of: /data:image\/jpeg;base64,/).count == 2 && html.matches(of: /<use href="#worst-1">/).count == 2)
        #expect(html.matches(of: /<circle class=point/).count == 6 && html.contains("<title>image_3: 20 and 50</title>"))
        for name in ["section", "figure", "svg", "table", "div", "p", "ul", "b", "td", "tr", "th", "span", "label", "small"] {
            let opened = html.matches(of: try Regex("<\(name)[ >]")).count
            #expect(opened == html.components(separatedBy: "</\(name)>").count - 1, "\(name)")
        }
    }

    @Test func scatterPointsLieWhereTheirValuesAre() {
        let svg = ScatterPlot.svg([.init(id: "a", x: 1, y: 0.5), .init(id: "b", x: 0.5, y: 1)], xName: "x", yName: "y")
        #expect(svg.contains("cx=328 cy=304 r") && svg.contains("cx=40 cy=10 r"))
        #expect(ScatterPlot.svg([], xName: "x", yName: "y").contains("nothing to draw"))
        // Perfect runs have axes too.
        #expect(ScatterPlot.svg([.init(id: "a", x: 1, y: 1)], xName: "x", yName: "y").contains("cx=328 cy=10 r"))
    }

    @Test func panelsHaveARowForEachImageAndAColumnForEachRun() throws {
        let rows = [Comparisons.panel("one", shifts: [0, 3]), Comparisons.panel("two", shifts: [1, 2])]
        let picture = try PanelPicture.render(rows, names: ["first", "second"])
        #expect(picture.width == 8 + 3 * 232 && picture.channels == 3)
        func count(_ colour: RGBColour, column: Int) -> Int {
            let left = 8 + column * 232
            return (0..<picture.height).reduce(0) { sum, row in
                sum
                    + (left..<left + 224).count { x in
                        picture[row, x, 0] == colour.red && picture[row, x, 1] == colour.green && picture[row, x, 2] == colour.blue
                    }
            }
        }
        // A square of 84 pixels has an outline of 332; a prediction that equals the truth hides it.
        #expect(count(PanelRow.truthColour, column: 0) == 2 * 332 && count(PanelRow.predictionColour, column: 0) == 0)
        #expect(count(PanelRow.predictionColour, column: 1) == 2 * 332 && count(PanelRow.truthColour, column: 1) < 332)
        #expect(count(PanelRow.truthColour, column: 2) > count(PanelRow.truthColour, column: 1))
        #expect(throws: ImagingError.self) { try PanelPicture.render([], names: ["first"]) }
    }

    @Test func activationMapsLieBelowTheirImages() throws {
        let rows = [Comparisons.panel("one", shifts: [0, 3]), Comparisons.panel("two", shifts: [1, 2], activation: true)]
        let plain = try PanelPicture.render([rows[0], Comparisons.panel("two", shifts: [1, 2])], names: ["first", "second"])
        let picture = try PanelPicture.render(rows, names: ["first", "second"], activations: "Grad-CAM")
        #expect(picture.width == plain.width && picture.height == plain.height + 232)
        // The rows above are the same; below are the image without outline, and the maps: red to the right, the image itself to the left.
        let top = plain.height - TextRenderer.lineHeight - 8
        #expect(picture.pixels.prefix(top * picture.width * 3) == plain.pixels.prefix(top * plain.width * 3))
        for row in [top + 10, top + 213] {
            #expect([0, 1, 2].allSatisfy { picture[row, 20, $0] == 128 && picture[row, 242, $0] == 128 })
            for left in [8 + 232, 8 + 464] {
                let red = Int(picture[row, left + 220, 0]), blue = Int(picture[row, left + 220, 2])
                #expect(red > blue + 90)
            }
        }
        let html = try ComparisonPage.html(
            Self.comparison, worst: [Comparisons.panel("image_3", shifts: [0, 3], activation: true)], different: [])
        // The image once, and a map for each run, each with the outline of the true mask.
        #expect(html.matches(of: /data:image\/jpeg;base64,/).count == 3 && html.matches(of: /<use href="#worst-1">/).count == 3)
        #expect(html.matches(of: /image_3, activation map/).count == 2)
        #expect(html.matches(of: /<tr[ >]/).count == html.matches(of: /<\/tr>/).count)
        #expect(try ComparisonPage.html(Self.comparison, worst: [rows[0]], different: []).contains("activation map") == false)
    }

    @Test(.enabled(if: Browser.isInstalled, "\(Browser.wanted)"))
    func aBrowserOpensThePage() throws {
        let folder = try TemporaryFolder("page"), page = folder.file("page.html")
        try folder.write(
            ComparisonPage.html(
                Self.comparison, worst: [Comparisons.panel("image_3", caption: "one", shifts: [0, 3], activation: true)],
                different: [Comparisons.panel("image_5", shifts: [1, 2])]), to: "page.html")
        let (status, said) = try Browser.check(page, log: folder.write("", to: "log"))
        #expect(status == 0, "\(said)")
    }
}
