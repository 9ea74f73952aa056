// Statistics as a table for people: measures down, splits across.
import Datasets
import Foundation
import Text

public enum StatisticsTable {
    /// Near copies that are printed; all of them are in the JSON.
    private static let pairsShown = 5

    public static func text(_ statistics: DatasetStatistics) -> String {
        let parts = [statistics.train, statistics.val, statistics.test, statistics.all]
        var rows: [[String]] = [["", "train", "val", "test", "all"]]
        func row(_ label: String, _ value: (PartStatistics) -> String) { rows.append([label] + parts.map(value)) }
        row("samples") { String($0.samples) }
        row("grey / colour") { "\($0.grey) / \($0.colour)" }
        row("size, most frequent") { part in
            part.sizes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.first.map { "\($0.key) (\($0.value))" } ?? "-"
        }
        row("different sizes") { String($0.sizes.count) }
        row("foreground, mean") { percent($0.foreground?.mean) }
        row("foreground, median") { percent($0.foreground?.median) }
        row("foreground, range") { $0.foreground.map { "\(percent($0.minimum)) to \(percent($0.maximum))" } ?? "-" }
        row("empty masks") { String($0.emptyMasks) }
        row("distinct captions") { String($0.distinctCaptions) }
        row("caption words, mean (range)") { spread($0.captionWords) }
        if statistics.all.captionTokens != nil {
            row("caption tokens, mean (range)") { spread($0.captionTokens) }
            row("truncated captions") { $0.truncatedCaptions.map(String.init) ?? "-" }
            row("unknown words") { $0.unknownWords.map(String.init) ?? "-" }
        }
        for oddity in CaptionOddity.allCases where statistics.all.oddities[oddity.rawValue] != nil {
            row("captions with \(oddity.description)") { String($0.oddities[oddity.rawValue] ?? 0) }
        }
        var lines = ["\(statistics.name) (\(statistics.source.rawValue) \(statistics.path))"] + aligned(rows)
        if let leakage = statistics.leakage {
            lines.append("near copies across splits (hash distance up to \(leakage.limit)): \(leakage.pairs.count)")
            for pair in leakage.pairs.prefix(pairsShown) {
                lines.append("  \(pair.first) (\(pair.firstSplit.rawValue)) and \(pair.second) (\(pair.secondSplit.rawValue)), distance \(pair.distance)")
            }
            if leakage.pairs.count > pairsShown { lines.append("  and \(leakage.pairs.count - pairsShown) more; --json lists all") }
        }
        return lines.joined(separator: "\n")
    }

    private static func aligned(_ rows: [[String]]) -> [String] {
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let first = row[0] + String(repeating: " ", count: widths[0] - row[0].count)
            return "  " + first + (1..<5).map { "  " + String(repeating: " ", count: widths[$0] - row[$0].count) + row[$0] }.joined()
        }
    }

    private static func percent(_ share: Double?) -> String { share.map { fixed($0 * 100, 1) + " %" } ?? "-" }

    private static func spread(_ value: Distribution?) -> String {
        value.map { "\(fixed($0.mean, 1)) (\(Int($0.minimum))-\(Int($0.maximum)))" } ?? "-"
    }

    private static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
