// The report of one or several datasets as a single self-contained HTML document: statistics, plots, leakage, the samples to look at first.
// Not for measuring (Statistics) or for writing the file (the caller). The same dataset gives the same bytes.
import Datasets
import Files
import Foundation
import Statistics
import Text

public enum DatasetPage {
    /// The number of pictures on the page.
    public struct Size: Sendable {
        /// Numbers of suspicious samples, of samples spread over the dataset, and of pairs per kind of leakage.
        public var suspicious = 48, spread = 24, pairs = 12

        public init() {}
    }

    private static let generator = "swift-vlseg prep stats"

    /// Whether the file at a path is such a report.
    public static func isPage(_ path: String) -> Bool {
        guard let head = try? FileIO.head(path, 1024) else { return false }
        return PageDocument.isWritten(by: generator, head: String(decoding: head, as: UTF8.self))
    }

    /// The whole document.
    /// - Throws: `StatisticsError` if a picture can no longer be read.
    public static func html(_ datasets: [MeasuredDataset], size: Size = Size()) throws(StatisticsError) -> String {
        let title = datasets.map { Markup.escaped($0.statistics.name) }.joined(separator: ", ")
        var body = ""
        for (index, dataset) in datasets.enumerated() {
            body += try article(dataset, size, prefix: datasets.count == 1 ? "" : "d\(index + 1)-")
        }
        return PageDocument.html(title: "\(title): dataset report", generator: generator, body: body)
    }

    private static func article(_ dataset: MeasuredDataset, _ size: Size, prefix: String) throws(StatisticsError) -> String {
        let statistics = dataset.statistics, cards = SampleCards(dataset)
        let sections: [(id: String, title: String, content: String)] = [
            ("splits", "Splits", StatisticsTable.rows(statistics).isEmpty ? "" : splits(statistics)),
            ("leakage", "Leakage", try LeakageSection.html(statistics, cards, size.pairs)),
            ("look", "Worth a look", try lookSection(statistics, cards, size.suspicious)),
            ("captions", "Captions", CaptionSection.html(statistics)),
            ("masks", "Masks", MaskSection.html(statistics)),
            ("images", "Images", ImageSection.html(statistics)),
            ("samples", "A walk through the samples", try walk(dataset, cards, size.spread)),
        ]
        let links = sections.map { "<a href=\"#\(prefix)\($0.id)\">\($0.title)</a>" }.joined()
        let source = statistics.source == .manifest ? "manifest" : "shards"
        return
            "<header><h1>\(Markup.escaped(statistics.name))</h1><div class=meta>\(source) "
            + "<code>\(Markup.escaped(statistics.path))</code></div><nav>\(links)</nav></header>\n"
            + Overview.html(statistics, prefix: prefix)
            + sections.map { Markup.section(prefix + $0.id, $0.title, $0.content) }.joined()
    }

    private static func splits(_ statistics: DatasetStatistics) -> String {
        let rows = StatisticsTable.rows(statistics)
        return Markup.table(rows[0].map(Markup.escaped), rows.dropFirst().map { $0.map(Markup.escaped) })
    }

    private static func lookSection(_ statistics: DatasetStatistics, _ cards: SampleCards, _ count: Int) throws(StatisticsError) -> String {
        let all = statistics.suspicious
        if all.isEmpty { return "<p>Nothing stands out.</p>" }
        var kinds: [Concern.Kind: Int] = [:]
        for sample in all { for kind in Set(sample.concerns.map(\.kind)) { kinds[kind, default: 0] += 1 } }
        let rows = Concern.Kind.allCases.filter { kinds[$0] != nil }.map { [$0.title, String(kinds[$0] ?? 0)] }
        var html =
            "<p>\(all.count) of \(statistics.all.samples) samples have something to look at; the ones with the heaviest reasons "
            + "come first. "
            + "Many of them are right: the text says what was found, not what is wrong.</p>"
        html += Markup.table(["what was found", "samples"], rows)
        html += "<label class=switch><input type=checkbox id=outlines checked> mask outlines</label><div class=cards>"
        for sample in all.prefix(count) { html += try cards.card(id: sample.id, concerns: sample.concerns) }
        html += "</div>"
        guard all.count > count else { return html }
        let rest = all.dropFirst(count).map { sample in
            [
                Markup.escaped(sample.id), sample.split.rawValue, Markup.escaped(sample.concerns.map(\.text).joined(separator: "; ")),
                Markup.escaped(sample.caption ?? ""),
            ]
        }
        return html
            + "<details><summary>The other "
            + "\(rest.count)</summary>\(Markup.table(["sample", "split", "found", "caption"], rest, numeric: false))</details>"
    }

    private static func walk(_ dataset: MeasuredDataset, _ cards: SampleCards, _ count: Int) throws(StatisticsError) -> String {
        let total = dataset.measures.count, shown = min(count, total)
        var html = "<p>\(shown) of \(total) samples, evenly spread in the order of their names.</p><div class=cards>"
        for position in 0..<shown { html += try cards.card(id: dataset.measures[position * total / shown].id) }
        return html + "</div>"
    }
}
