// The HTML report: whole, self-contained, safe against what captions hold; and, where a browser is installed, without complaints in it.
import Datasets
import Files
import Foundation
import Imaging
import Reports
import Statistics
import TestSupport
import Testing

@Suite struct PageTests {
    /// The demo's report, with one caption full of markup and two copies of one picture in two splits.
    private func report() throws -> (folder: TemporaryFolder, html: String) {
        let folder = try TemporaryFolder("page")
        try DemoDataset.write(to: folder.file("demo"), count: 14, seed: 1)
        var options = IngestOptions(dataset: .kvasir)
        options.root = folder.file("demo")
        options.name = "demo"
        options.manifests = folder.file("manifests")
        let found = try Ingest.run(options).manifest
        var samples = found.samples
        samples[0].caption = "<script>alert('\u{1}')</script> & \"one\" polyp, located in bottom right"
        let first = samples.first { $0.split == .train }, test = samples.firstIndex { $0.split == .test }
        if let first, let test { (samples[test].image, samples[test].imageSHA256) = (first.image, first.imageSHA256) }
        let manifest = Manifest(samples: samples, summary: found.summary)
        let html = try DatasetPage.html([try MeasuredDataset.measure(manifest, path: "manifests/demo.jsonl", threads: 2)])
        #expect(try DatasetPage.html([try MeasuredDataset.measure(manifest, path: "manifests/demo.jsonl", threads: 1)]) == html)
        return (folder, html)
    }

    @Test func aPageIsWholeAndItsOwn() throws {
        let (folder, html) = try report()
        defer { withExtendedLifetime(folder) {} }
        #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
        for section in ["splits", "leakage", "masks", "images", "captions", "look", "samples"] {
            #expect(html.contains("<section id=\(section)>") && html.contains("href=\"#\(section)\""))
        }
        #expect(html.contains("<b>1 image</b> of one split is in another too") && html.contains("the same bytes"))
        #expect(!html.contains("<script") && html.contains("&lt;script&gt;alert(&#39; &#39;)&lt;/script&gt; &amp; &quot;one&quot;"))
        // Nothing is fetched.
        for address in html.matches(of: /(?:src|href)="?([^"# >]+)/) { #expect(address.1.hasPrefix("data:")) }
        #expect(!html.contains("url(") && !html.contains("@import") && !html.contains("http"))
        // Every picture is there, drawn with its outline; and small.
        #expect(html.matches(of: /data:image\/jpeg;base64,/).count >= 14 + 2)
        #expect(html.utf8.count < 900_000)
        for name in ["section", "figure", "svg", "table", "div", "details", "p", "ul", "b"] {
            let opened = html.matches(of: try Regex("<\(name)[ >]")).count
            #expect(opened == html.components(separatedBy: "</\(name)>").count - 1, "\(name)")
        }
    }

    @Test func outlinesFollowThePixelsEdges() {
        #expect(MaskOutline.path(Samples.mask("...", "...")) == "")
        #expect(MaskOutline.path(Samples.mask("...", ".#.", "...")) == "M1 1H2V2H1Z")
        #expect(MaskOutline.path(Samples.mask("##", "##")) == "M0 0H2V2H0Z")
        #expect(MaskOutline.path(Samples.mask("##.", ".#.")) == "M0 0H2V2H1V1H0Z")
        // A hole has a path of its own; pixels that touch at a corner have one each or one for both, closed either way.
        #expect(MaskOutline.path(Samples.mask("###", "#.#", "###")) == "M0 0H3V3H0ZM1 1V2H2V1Z")
        #expect(MaskOutline.path(Samples.mask("#.", ".#")).filter { $0 == "Z" }.count >= 1)
    }

    @Test func ticksAreRound() {
        #expect(Plots.ticks(to: 998) == [0, 250, 500, 750, 1000])
        #expect(Plots.ticks(to: 7) == [0, 2, 4, 6, 8])
        #expect(Plots.ticks(to: 1) == [0, 0.25, 0.5, 0.75, 1])
    }

    @Test func textIsEscaped() {
        #expect(Markup.escaped("a<b> & \"c\" 'd'\u{0}\u{7f}\n\u{e9}") == "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;  \n\u{e9}")
    }

    @Test(.enabled(if: Browser.isInstalled, "\(Browser.wanted)"))
    func aBrowserOpensThePage() throws {
        let (folder, html) = try report()
        let checked = try Browser.check(try folder.write(html, to: "demo.html"), log: try folder.write("", to: "log"))
        #expect(checked.status == 0, "\(checked.said)")
        // The three pictures differ: dark is dark, narrow is narrow.
        func picture(_ name: String) throws -> Raster {
            try ImageDecoder.decode(try FileIO.read(folder.file("demo-\(name).png"))).raster.converted(toChannels: 1)
        }
        let light = try picture("light"), dark = try picture("dark"), narrow = try picture("narrow")
        #expect(light[5, 5] > 230 && dark[5, 5] < 60 && narrow.width == 500 && light.width == 1280)
        // Not an empty page: much of it is not the paper's colour.
        #expect(light.pixels.count { abs(Int($0) - Int(light[5, 5])) > 20 } > light.pixels.count / 20)
    }
}
