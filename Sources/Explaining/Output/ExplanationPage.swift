// All explanations as one self-contained HTML page: panels as embedded JPEGs, tables of what the words do.
import Foundation
import Imaging
import Reports

public struct ExplanationPage {
    private var sections: [String] = []
    private let title: String, heading: String
    private var links: [String] = []

    /// - Parameter subject: what was explained, such as "shards/kvasir, test split, 12 worst by Dice".
    public init(_ explainer: Explainer, subject: String) {
        title = Markup.escaped(subject)
        let methods = explainer.methods.map(\.title).joined(separator: ", "), taps = explainer.taps.map(\.name).joined(separator: ", ")
        heading =
            "<div class=meta><code>\(Markup.escaped(explainer.model.checkpoint))</code> "
            + "(\(Markup.escaped(explainer.model.network.descriptor.title)))<br>\(Markup.escaped(methods)) at "
            + "\(Markup.escaped(taps))</div>"
    }

    public mutating func add(_ explanation: Explanation, panel: Raster, attention: Raster?) throws(ExplainingError) {
        let number = sections.count + 1, id = Markup.escaped(explanation.sample.id)
        var html = "<p class=meta>\(Markup.escaped(explanation.sample.caption ?? "")) &middot; target: \(explanation.target)</p>"
        html += try Self.picture(panel, "\(id): panel")
        let effects = explanation.effects
        if !effects.isEmpty { html += "<h3>What the words do</h3>" + Self.table(effects) }
        if !explanation.attention.isEmpty { html += "<h3>Share of the attention</h3>" + Self.attention(explanation) }
        if let attention {
            html += "<details><summary>Each head of each stage</summary>\(try Self.picture(attention, "\(id): attention"))</details>"
        }
        links.append("<a href=\"#s\(number)\">\(id)</a>")
        sections.append(Markup.section("s\(number)", id + (explanation.dice.map { String(format: ", Dice %.3f", $0) } ?? ""), html))
    }

    public var html: String {
        PageDocument.html(
            title: "\(title): explanations", generator: "swift-vlseg segment explain",
            style:
                "main{max-width:1680px}.panel{max-width:100%;height:auto;border:1px solid var(--rule);border-radius:8px;background:#fff}",
            body: "<header><h1>\(title)</h1>\(heading)<nav>\(links.joined())</nav></header>\n\(sections.joined())")
    }

    private static func picture(_ raster: Raster, _ label: String) throws(ExplainingError) -> String {
        let jpeg = try ExplainingError.drawing { () throws(ImagingError) in try JPEGEncoder.encode(raster, quality: 85) }
        return
            "<img class=panel alt=\"\(label)\" width=\(raster.width) height=\(raster.height) "
            + "src=\"data:image/jpeg;base64,\(Data(jpeg).base64EncodedString())\">"
    }

    private static func table(_ effects: [WordEffect]) -> String {
        let rows = effects.map { effect in
            let changed = effect.unchanged.map { ["as written: the captions \($0.description)"] + Array(repeating: "", count: 5) }
            return [Markup.escaped(effect.title)]
                + (changed ?? [
                    Markup.escaped(effect.caption), String(format: "%+.2f", effect.areaChange * 100),
                    String(format: "%.4f", effect.meanChange), String(format: "%.3f", effect.largestChange),
                    String(format: "%.3f", effect.agreement), effect.diceChange.map { String(format: "%+.3f", $0) } ?? "",
                ])
        }
        return Markup.table(
            [
                "change", "the network reads", "area, % of the image", "mean change", "largest change", "Dice with before",
                "Dice with truth",
            ],
            rows)
    }

    private static func attention(_ explanation: Explanation) -> String {
        let words = explanation.words.filter { !$0.tokens.isEmpty }
        return Markup.table(
            ["stage"] + words.map { Markup.escaped($0.word.text) },
            explanation.attention.map { stage in
                [Markup.escaped(stage.stage)] + words.map { Markup.percent(stage.share(of: $0.tokens)) }
            })
    }
}
