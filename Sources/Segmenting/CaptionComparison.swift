// One network under several variants of the captions: what it takes from the text. Each variant is compared with the first, image by image.
import Foundation
import Metrics
import Text

public struct CaptionComparison: Sendable {
    /// One for each variant, of the same images in the same order.
    public let reports: [EvaluationReport]

    /// For each variant the change of the mean Dice of images from the first one to it, with its interval, for which patients are drawn
    /// where they are known; nil for the first.
    public let changes: [Estimate?]

    public init(_ reports: [EvaluationReport]) {
        self.reports = reports
        func dice(_ report: EvaluationReport) -> [Double?] { report.samples.map { Dice.value($0.counts) } }
        let statistics = reports.dropFirst().map { BootstrapStatistic.meanDifference(dice($0), dice(reports[0])) }
        let bootstrap = reports.first.map { Bootstrap(patients: $0.samples.map(\.patient), resamples: $0.intervals?.resamples ?? 0) }
        changes = reports.isEmpty ? [] : [nil] + (bootstrap?.estimates(statistics) ?? [])
    }

    private struct Row: Encodable {
        let captions: String, changedCaptions: Int?, metrics: MetricFigures
        let meanImageDiceChange: Estimate?

        private enum CodingKeys: String, CodingKey { case captions, changedCaptions, metrics, meanImageDiceChange }

        /// Always with all keys.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(captions, forKey: .captions)
            try container.encode(changedCaptions, forKey: .changedCaptions)
            try container.encode(metrics, forKey: .metrics)
            try container.encode(meanImageDiceChange, forKey: .meanImageDiceChange)
        }
    }

    private struct Document: Encodable {
        let report: EvaluationReport
        let rows: [Row]

        private enum CodingKeys: String, CodingKey { case variants }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(rows, forKey: .variants)
        }
    }

    /// The report of the first variant with `variants`, the metrics under each.
    public var json: [UInt8] {
        get throws {
            guard let first = reports.first else { return [] }
            let rows = reports.enumerated().map { number, report in
                Row(
                    captions: report.variant?.name ?? "", changedCaptions: report.changedCaptions, metrics: report.figures,
                    meanImageDiceChange: changes[number])
            }
            return try EvaluationReport.json(Document(report: first, rows: rows))
        }
    }

    /// For the terminal, below the first report's: one row for each variant.
    public var table: String {
        let heading =
            EvaluationReport.pad("captions", 16, left: false) + EvaluationReport.pad("changed", 10, left: true)
            + ["Dice", "image Dice", "HD95"].map { EvaluationReport.pad($0, 12, left: true) }.joined()
            + "   change of image Dice" + (reports.first?.intervals.map { ", 95 % interval, resampled: \($0.drawn)" } ?? "")
        let rows = reports.enumerated().map { number, report in
            let cells = [
                report["dice"].map(EvaluationReport.percent), report["meanImageDice"].map(EvaluationReport.percent),
                report["meanImageHd95"].map { String(format: "%.2f", $0) },
            ]
            var row =
                EvaluationReport.pad(report.variant?.name ?? "", 16, left: false)
                + EvaluationReport.pad("\(report.changedCaptions ?? 0)", 10, left: true)
                + cells.map { EvaluationReport.pad($0 ?? "-", 12, left: true) }.joined()
            if let change = changes[number] {
                row += String(format: "   %+.2f", change.value * 100)
                if let low = change.low, let high = change.high {
                    row += String(format: "   %+.2f to %+.2f", low * 100, high * 100)
                }
            }
            return row
        }
        return ([heading] + rows).joined(separator: "\n")
    }
}
