// Scores of images of a kind: by the size of the target, in thirds of the training split, and by the number of its parts. Invariant: every
// image with foreground is in one group of either list; one without is in the group of no lesion alone.
import Foundation
import Metrics

/// The images of one group.
struct ScoreGroup: Sendable {
    /// In JSON: "small", "3+".
    let name: String
    /// For people.
    let title: String
    let images: Int
    let estimates: [(metric: any Metric.Type, estimate: Estimate?)]
}

/// Collects images by group.
struct GroupedScores {
    /// Limits of the classes of size, as shares of an image; nil without a training split.
    let thirds: SizeThirds?
    private var images: [(image: ScoredImage, size: SizeClass?, number: LesionNumber?, patient: String?)] = []

    init(thirds: SizeThirds?) { self.thirds = thirds }

    /// Adds an image.
    /// - Parameter patient: nil where it is not known.
    mutating func add(_ image: ScoredImage, patient: String?) {
        let foreground = image.counts.truePositive + image.counts.falseNegative
        let pixels = foreground + image.counts.falsePositive + image.counts.trueNegative
        let size = foreground == 0 ? nil : thirds?.sizeClass(of: Double(foreground) / Double(max(1, pixels)))
        images.append((image, size, image.lesions.map { LesionNumber($0.truth.count) }, patient))
    }

    func bySize(resamples: Int) -> [ScoreGroup] {
        guard let thirds else { return [] }
        func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
        return SizeClass.allCases.compactMap { size in
            let limit =
                switch size {
                case .small: "up to " + percent(thirds.lower)
                case .medium: "up to " + percent(thirds.upper)
                case .large: "above " + percent(thirds.upper)
                }
            return group(size.rawValue, "\(size.rawValue) target, \(limit) of the image", resamples) { $0.size == size }
        }
    }

    func byNumber(resamples: Int) -> [ScoreGroup] {
        LesionNumber.allCases.compactMap { number in
            let title =
                switch number {
                case .none: "no target"
                case .one: "one part"
                case .two: "two parts"
                case .threeOrMore: "three parts or more"
                }
            return group(number.rawValue, title, resamples) { $0.number == number }
        }
    }

    /// Nil without images.
    private func group(
        _ name: String, _ title: String, _ resamples: Int,
        _ isIn: ((image: ScoredImage, size: SizeClass?, number: LesionNumber?, patient: String?)) -> Bool
    ) -> ScoreGroup? {
        let chosen = images.filter(isIn)
        guard !chosen.isEmpty else { return nil }
        var table = MetricTable()
        for entry in chosen { table.add(entry.image) }
        let bootstrap = Bootstrap(patients: chosen.map(\.patient), resamples: resamples)
        return ScoreGroup(name: name, title: title, images: chosen.count, estimates: table.estimates(bootstrap))
    }
}

/// The groups of a report.
public struct ScoreGroups: Encodable, Sendable {
    /// As shares of an image; nil without a training split.
    let thirds: SizeThirds?
    let bySize: [ScoreGroup], byNumber: [ScoreGroup]

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        try container.encode(thirds, forKey: ReportKey("sizeLimits"))
        for (key, groups) in [("bySize", bySize), ("byNumber", byNumber)] {
            var list = container.nestedContainer(keyedBy: ReportKey.self, forKey: ReportKey(key))
            for group in groups {
                var own = list.nestedContainer(keyedBy: ReportKey.self, forKey: ReportKey(group.name))
                try own.encode(group.images, forKey: ReportKey("images"))
                try own.encode(MetricFigures(estimates: group.estimates), forKey: ReportKey("metrics"))
            }
        }
    }

    /// The mean Dice of images of each group.
    var table: [String] {
        let groups = bySize + byNumber
        guard groups.count > 1 else { return [] }
        return [EvaluationReport.pad("", 42, left: false) + EvaluationReport.pad("images", 9, left: true) + "   image Dice"]
            + groups.map { group in
                let dice = group.estimates.first { $0.metric.key == MeanOfImages<Dice>.key }?.estimate
                var row = EvaluationReport.pad(group.title, 42, left: false) + EvaluationReport.pad("\(group.images)", 9, left: true)
                row += EvaluationReport.pad(dice.map { EvaluationReport.percent($0.value) } ?? "-", 13, left: true)
                if let dice, let low = dice.low, let high = dice.high {
                    row += "   \(EvaluationReport.percent(low)) to \(EvaluationReport.percent(high))"
                }
                return row
            }
    }
}
