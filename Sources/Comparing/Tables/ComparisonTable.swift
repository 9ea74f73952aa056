// A comparison as tables of texts, which every format for people shares: the figures of each row, and the tests. Not for how a format
// draws them. Invariant: every row has as many cells as the heading.
import Foundation
import Metrics

public struct TableCell: Sendable, Equatable {
    public var text: String
    /// The ends of the interval, as texts.
    public var interval: Interval?
    /// Mean and spread over seeds: the standard deviation.
    public var deviation: String?
    /// Whether no evaluated run has a better value.
    public var isBest = false

    public struct Interval: Sendable, Equatable {
        public let low: String, high: String
    }

    package init(_ text: String, interval: Interval? = nil, deviation: String? = nil) {
        self.text = text
        self.interval = interval
        self.deviation = deviation
    }

    static let unknown = TableCell("-")
}

public struct TableRow: Sendable, Equatable {
    public enum Kind: String, Sendable, Codable { case run, seeds, published }
    public let kind: Kind
    public let cells: [TableCell]
}

public struct ComparisonTable: Sendable, Equatable {
    public let title: String
    public let heading: [String]
    /// The number of columns, from the first, that hold words.
    public let wordColumns: Int
    public let rows: [TableRow]
}

extension Comparison {
    /// The tables in the order of every output: figures, then tests, which there are with two runs or more.
    public var tables: [ComparisonTable] { [figureTable] + (tests.contains { $0 != nil } ? [testTable] : []) }

    package var figureTable: ComparisonTable {
        // A column without any value is left out.
        let figures = ComparisonFigure.shown.filter { figure in
            runs.contains { figure.value($0) != nil } || published.contains { $0.rows.contains { $0.figures[figure.key] != nil } }
        }
        var rows: [TableRow] = []
        for (index, run) in runs.enumerated() {
            let words = [TableCell(run.name + mark(run)), TableCell(run.model ?? "-"), Self.yes(run.readsText)]
            rows.append(TableRow(kind: .run, cells: words + figures.map { cell($0, index) }))
        }
        for group in seeds {
            let first = runs[group.members[0]], names = group.members.map { runs[$0].name }.joined(separator: ", ")
            let words = [
                TableCell("mean of \(group.members.count) seeds: \(names)"), TableCell(first.model ?? "-"), Self.yes(first.readsText),
            ]
            let cells = figures.map { figure in
                group.spread(figure, in: self).map { spread in
                    TableCell(figure.text(spread.mean), deviation: Self.varies(figure) ? spread.deviation.map(figure.text) : nil)
                } ?? .unknown
            }
            rows.append(TableRow(kind: .seeds, cells: words + cells))
        }
        for source in published {
            for row in source.rows {
                let cells = figures.map { figure in row.figures[figure.key].map { TableCell(figure.text($0)) } ?? .unknown }
                rows.append(
                    TableRow(
                        kind: .published, cells: [TableCell(row.name + " [published]"), .unknown, Self.yes(row.readsText)] + cells))
            }
        }
        return ComparisonTable(
            title: "\(split) split, \(ids.count) images", heading: ["run", "network", "text"] + figures.map(\.heading), wordColumns: 3,
            rows: rows)
    }

    package var testTable: ComparisonTable {
        let heading = ["run", "difference (%)", "bootstrap p", "Wilcoxon p", "Holm's p", "effect", "better", "worse", "equal"]
        let rows = zip(runs, tests).compactMap { run, test -> TableRow? in
            guard let test else { return nil }
            let ranks = test.paired.signedRanks
            let better = zip(run.dice, runs[0].dice).count { pair in pair.0.flatMap { a in pair.1.map { a > $0 } } ?? false }
            let cells = [
                TableCell(run.name + mark(run)),
                TableCell(
                    Self.signed(test.paired.difference.value), interval: Self.interval(test.paired.difference) { Self.signed($0) }),
                TableCell(test.paired.p.map(Self.probability) ?? "-"), TableCell(Self.probability(ranks.p)),
                TableCell(Self.probability(test.holm)), TableCell(String(format: "%+.2f", ranks.rankBiserial)), TableCell("\(better)"),
                TableCell("\(ranks.pairs - better)"), TableCell("\(ranks.zeros)"),
            ]
            return TableRow(kind: .run, cells: cells)
        }
        return ComparisonTable(title: "image Dice against \(reference)", heading: heading, wordColumns: 1, rows: rows)
    }

    private func cell(_ figure: ComparisonFigure, _ index: Int) -> TableCell {
        guard let estimate = figure.value(runs[index]) else { return .unknown }
        var cell = TableCell(figure.text(estimate.value), interval: Self.interval(estimate, figure.text))
        if let higherIsBetter = figure.higherIsBetter, runs.count > 1 {
            let values = runs.compactMap { figure.value($0)?.value }
            // What reads the same is equally good.
            cell.isBest = (higherIsBetter ? values.max() : values.min()).map(figure.text) == cell.text
        }
        return cell
    }

    /// The asterisk of a run that was trained on other shards.
    private func mark(_ run: ComparedRun) -> String { run.otherSplits.isEmpty ? "" : " *" }

    private static func yes(_ readsText: Bool?) -> TableCell { TableCell(readsText.map { $0 ? "yes" : "no" } ?? "-") }

    private static func varies(_ figure: ComparisonFigure) -> Bool { figure.unit != .parameters && figure.unit != .operations }

    private static func interval(_ estimate: Estimate, _ text: (Double) -> String) -> TableCell.Interval? {
        estimate.low.flatMap { low in estimate.high.map { TableCell.Interval(low: text(low), high: text($0)) } }
    }

    private static func signed(_ value: Double) -> String { String(format: "%+.2f", value * 100) }

    static func probability(_ p: Double) -> String { p < 1e-4 ? "<0.0001" : String(format: "%.4f", p) }
}
