// The comparison as CSV (RFC 4180): one line for each run, group of seeds and published method, all figures with full digits. Shares are 0
// to 1. Invariant: the columns are the same for every comparison.
import Metrics

extension Comparison {
    package static let csvColumns =
        ["kind", "model", "network", "text", "seed", "images", "reference"]
        + ComparisonFigure.all.flatMap { figure in
            figure.unit == .parameters || figure.unit == .operations
                ? [figure.key] : [figure.key, figure.key + ".low", figure.key + ".high", figure.key + ".deviation"]
        } + ["difference", "difference.low", "difference.high", "difference.p", "signedRanks.p", "signedRanks.holm", "otherShards"]

    /// The first line of a file, by which it is known again.
    package static var csvHeading: String { csvColumns.joined(separator: ",") }

    public var csv: String {
        var lines: [[String: String]] = []
        for (run, test) in zip(runs, tests) {
            var line = [
                "kind": TableRow.Kind.run.rawValue, "model": run.name, "network": run.model ?? "", "text": Self.word(run.readsText),
                "seed": run.setting.map { "\($0.seed)" } ?? "", "images": "\(ids.count)", "reference": reference,
                "otherShards": run.otherSplits.joined(separator: " "),
            ]
            for figure in ComparisonFigure.all { line.merge(Self.cells(figure.key, figure.value(run))) { $1 } }
            if let test {
                line.merge(Self.cells("difference", test.paired.difference)) { $1 }
                line["difference.p"] = test.paired.p.map { "\($0)" }
                line["signedRanks.p"] = "\(test.paired.signedRanks.p)"
                line["signedRanks.holm"] = "\(test.holm)"
            }
            lines.append(line)
        }
        for group in seeds {
            let first = runs[group.members[0]]
            var line = [
                "kind": TableRow.Kind.seeds.rawValue, "model": group.members.map { runs[$0].name }.joined(separator: " "),
                "network": first.model ?? "", "text": Self.word(first.readsText), "images": "\(ids.count)",
            ]
            for figure in ComparisonFigure.all {
                guard let spread = group.spread(figure, in: self) else { continue }
                line[figure.key] = Self.number(spread.mean, figure)
                line[figure.key + ".deviation"] = spread.deviation.map { "\($0)" }
            }
            lines.append(line)
        }
        for source in published {
            for row in source.rows {
                var line = ["kind": TableRow.Kind.published.rawValue, "model": row.name, "text": Self.word(row.readsText)]
                line["reference"] = source.source
                for figure in ComparisonFigure.all { line[figure.key] = row.figures[figure.key].map { Self.number($0, figure) } }
                lines.append(line)
            }
        }
        return Self.csvHeading + "\n"
            + lines.map { line in Self.csvColumns.map { Self.field(line[$0] ?? "") }.joined(separator: ",") + "\n" }.joined()
    }

    private static func cells(_ key: String, _ estimate: Estimate?) -> [String: String] {
        guard let estimate else { return [:] }
        var cells = [key: ComparisonFigure.named(key).map { number(estimate.value, $0) } ?? "\(estimate.value)"]
        cells[key + ".low"] = estimate.low.map { "\($0)" }
        cells[key + ".high"] = estimate.high.map { "\($0)" }
        return cells
    }

    private static func number(_ value: Double, _ figure: ComparisonFigure) -> String {
        switch figure.unit {
        case .parameters, .operations: "\(Int(value.rounded()))"
        case .share, .pixels, .millimetres, .rate: "\(value)"
        }
    }

    private static func word(_ readsText: Bool?) -> String { readsText.map { $0 ? "yes" : "no" } ?? "" }

    private static func field(_ text: String) -> String {
        text.contains { ",\"\n\r".contains($0) } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
