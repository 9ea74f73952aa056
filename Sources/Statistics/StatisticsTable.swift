// Statistics as a table for people: one row per measure, one column per split; then what the splits share and which samples to look at.
import Datasets
import Files
import Foundation
import Text

public enum StatisticsTable {
    /// Number of list lines that are printed; the JSON and the report contain all of them.
    private static let shown = 5

    public static func text(_ statistics: DatasetStatistics) -> String {
        (["\(statistics.name) (\(statistics.source.rawValue) \(statistics.path))"] + aligned(rows(statistics)) + intensityLines(statistics)
            + captionLines(statistics)
            + (statistics.leakage?.lines(shown: shown) ?? []) + suspiciousLines(statistics)).map(Printable.line).joined(separator: "\n")
    }

    /// The table: a header row (empty, train, val, test, all) and one row per measure.
    public static func rows(_ statistics: DatasetStatistics) -> [[String]] {
        let parts = [statistics.train, statistics.val, statistics.test, statistics.all]
        var rows: [[String]] = [["", "train", "val", "test", "all"]]
        func row(_ label: String, _ value: (PartStatistics) -> String) {
            rows.append([label] + parts.map { $0.samples == 0 && label != "samples" ? "-" : value($0) })
        }
        row("samples") { String($0.samples) }
        row("grey / colour") { "\($0.grey) / \($0.colour)" }
        row("size, most frequent") { part in
            part.sizes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.first.map { "\($0.key) (\($0.value))" } ?? "-"
        }
        row("different sizes") { String($0.sizes.count) }
        row("foreground, mean") { percent($0.masks.foreground?.mean) }
        row("foreground, median") { percent($0.masks.foreground?.median) }
        row("foreground, range") { $0.masks.foreground.map { "\(percent($0.minimum)) to \(percent($0.maximum))" } ?? "-" }
        row("background to foreground") { $0.masks.backgroundToForeground.map { fixed($0, 1) + " to 1" } ?? "-" }
        row("empty masks") { String($0.masks.empty) }
        row("lesions per image, mean (range)") { spread($0.masks.lesions) }
        row("lesion size, median") { percent($0.masks.lesionShare?.median, digits: 2) }
        if statistics.all.masks.specks > 0 { row("masks with specks") { String($0.masks.masksWithSpecks) } }
        guard statistics.hasCaptions else { return rows }
        row("distinct captions") { String($0.captions.distinct) }
        row("distinct words") { String($0.captions.vocabulary.distinct) }
        row("caption words, mean (range)") { spread($0.captions.words) }
        if statistics.all.captions.tokens != nil {
            row("caption tokens, mean (range)") { spread($0.captions.tokens) }
            row("truncated captions") { $0.captions.truncated.map(String.init) ?? "-" }
            row("unknown words") { $0.captions.unknownWords.map(String.init) ?? "-" }
        }
        func agreement(_ label: String, _ value: (CaptionAgreement) -> Int, of total: (CaptionAgreement) -> Int) {
            guard total(statistics.all.captions.agreement) > 0 else { return }
            row(label) { "\(value($0.captions.agreement)) of \(total($0.captions.agreement))" }
        }
        agreement("place named, mask not there", \.placesMissing, of: \.namingPlaces)
        agreement("number named, mask has another", \.countsDiffering, of: \.namingCounts)
        for (label, value) in [
            ("lesion described, mask empty", \CaptionAgreement.describingEmptyMasks), ("nothing said, mask not empty", \.denyingMasks),
            ("one side or both, mask differs", \.wrongLaterality), ("captions against themselves", \.contradictingThemselves),
        ] where statistics.all.captions.agreement[keyPath: value] > 0 { row(label) { String($0.captions.agreement[keyPath: value]) } }
        for oddity in CaptionOddity.allCases where statistics.all.captions.oddities[oddity.rawValue] != nil {
            row("captions with \(oddity.description)") { String($0.captions.oddities[oddity.rawValue] ?? 0) }
        }
        return rows
    }

    private static func intensityLines(_ statistics: DatasetStatistics) -> [String] {
        statistics.all.intensity.map { channel in
            "\(channel.channel) values: mean \(fixed(channel.mean, 1)), standard deviation \(fixed(channel.standardDeviation, 1)), "
                + "percentiles 1 5 25 50 75 95 99: \(channel.p1) \(channel.p5) \(channel.p25) \(channel.p50) \(channel.p75) \(channel.p95) "
                + "\(channel.p99)"
        }
    }

    private static func captionLines(_ statistics: DatasetStatistics) -> [String] {
        guard statistics.hasCaptions else { return ["captions: none"] }
        return ["most frequent words: " + words(statistics), "left and right: " + statistics.sides.sentence]
    }

    private static func words(_ statistics: DatasetStatistics) -> String {
        statistics.all.captions.vocabulary.frequent.prefix(10).map { "\($0.word) (\($0.count))" }.joined(separator: ", ")
    }

    private static func suspiciousLines(_ statistics: DatasetStatistics) -> [String] {
        ["worth a look: \(statistics.suspicious.count) sample\(statistics.suspicious.count == 1 ? "" : "s")"]
            + list(statistics.suspicious.map { "\($0.id) (\($0.split.rawValue)): \($0.concerns.map(\.text).joined(separator: "; "))" })
    }

    private static func list(_ lines: [String]) -> [String] {
        lines.prefix(shown).map { "  " + $0 }
            + (lines.count > shown ? ["  and \(lines.count - shown) more; --json and --html list all"] : [])
    }

    private static func aligned(_ rows: [[String]]) -> [String] {
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let first = row[0] + String(repeating: " ", count: widths[0] - row[0].count)
            return "  " + first + (1..<5).map { "  " + String(repeating: " ", count: widths[$0] - row[$0].count) + row[$0] }.joined()
        }
    }

    private static func percent(_ share: Double?, digits: Int = 1) -> String { share.map { fixed($0 * 100, digits) + " %" } ?? "-" }

    private static func spread(_ value: Distribution?) -> String {
        value.map { "\(fixed($0.mean, 1)) (\(Int($0.minimum))-\(Int($0.maximum)))" } ?? "-"
    }

    private static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
