// The section `uncertainty` of an evaluation's report, and its table (docs/reference/evaluation.md).
import Foundation
import Metrics

/// How well one measure finds errors.
struct MeasureFigures {
    let measure: UncertaintyMeasure
    /// Over images.
    let mean: Double?
    /// Of pixels; nil for a measure of images.
    let auroc: Double?, averagePrecision: Double?
    let aurc: Double?, idealAurc: Double?, excessAurc: Double?
    let spearman: Double?
    let referrals: [Referral]
    let riskCoverage: [(coverage: Double, risk: Double)]
}

public struct UncertaintyFigures: Encodable, Sendable {
    let kind: UncertaintyKind
    /// The fewest and the most predictions of an image.
    let predictions: ClosedRange<Int>
    /// The share of wrong pixels.
    let errorRate: Double?
    let measures: [MeasureFigures]

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        try container.encode(kind.name, forKey: ReportKey("kind"))
        try container.encode(predictions.lowerBound, forKey: ReportKey("fewestPredictions"))
        try container.encode(predictions.upperBound, forKey: ReportKey("mostPredictions"))
        try container.encode(errorRate, forKey: ReportKey("errorRate"))
        var all = container.nestedContainer(keyedBy: ReportKey.self, forKey: ReportKey("measures"))
        for figures in measures {
            var own = all.nestedContainer(keyedBy: ReportKey.self, forKey: ReportKey(figures.measure.rawValue))
            for (name, value) in [
                ("mean", figures.mean), ("auroc", figures.auroc), ("averagePrecision", figures.averagePrecision), ("aurc", figures.aurc),
                ("idealAurc", figures.idealAurc), ("excessAurc", figures.excessAurc), ("spearman", figures.spearman),
            ] { try own.encode(value, forKey: ReportKey(name)) }
            var rows = own.nestedUnkeyedContainer(forKey: ReportKey("referrals"))
            for referral in figures.referrals {
                var row = rows.nestedContainer(keyedBy: ReportKey.self)
                try row.encode(referral.share, forKey: ReportKey("share"))
                try row.encode(referral.referred, forKey: ReportKey("referred"))
                try row.encode(referral.meanScore, forKey: ReportKey("meanImageDice"))
            }
            var points = own.nestedUnkeyedContainer(forKey: ReportKey("riskCoverage"))
            for point in figures.riskCoverage { try points.encode(["coverage": point.coverage, "risk": point.risk]) }
        }
    }

    /// A value by the measure's name in JSON, for tests.
    package func auroc(_ measure: String) -> Double? { measures.first { $0.measure.rawValue == measure }?.auroc }

    /// One column for each measure.
    var table: [String] {
        func row(_ title: String, _ cells: [String?]) -> String {
            EvaluationReport.pad(title, 42, left: false) + cells.map { EvaluationReport.pad($0 ?? "", 15, left: true) }.joined()
        }
        func text(_ value: Double?, _ format: String, times scale: Double = 1) -> String? {
            value.map { String(format: format, $0 * scale) }
        }
        let count =
            predictions.lowerBound == predictions.upperBound
            ? "\(predictions.upperBound)" : "\(predictions.lowerBound) to \(predictions.upperBound)"
        let heading =
            "uncertainty: \(kind.name)"
            + (kind == .entropy ? "" : ", \(count) prediction\(predictions.upperBound == 1 ? "" : "s") an image")
        var rows = [
            heading, row("", measures.map(\.measure.title)), row("mean of images", measures.map { text($0.mean, "%.4f") }),
            row("finds wrong pixels (AUROC)", measures.map { text($0.auroc, "%.2f", times: 100) }),
            row("rank correlation with image Dice", measures.map { text($0.spearman, "%+.2f") }),
            row("AURC of images", measures.map { text($0.aurc, "%.4f") }),
            row("the best order's", measures.map { text($0.idealAurc, "%.4f") }),
        ]
        for (place, referral) in (measures.first?.referrals ?? []).enumerated() {
            let title =
                referral.share == 0
                ? "image Dice" : String(format: "  without the %.0f %% least sure images (%d)", referral.share * 100, referral.referred)
            rows.append(row(title, measures.map { text($0.referrals[place].meanScore, "%.2f", times: 100) }))
        }
        return rows
    }
}
