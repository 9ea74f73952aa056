// The figures of an evaluation as tables for the terminal: shares as percentages with two decimals, distances in pixels,
// and in millimetres where the spacing of an image is known.
import Foundation
import Metrics

extension EvaluationReport {
    public var table: String {
        let sections =
            [[heading] + overlaps, intervalled] + (groups.table.isEmpty ? [] : [groups.table]) + [calibrated]
            + (uncertainty.map { [$0.table] } ?? [])
        return sections.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var heading: String {
        "\(split) split, \(images) images\(size == .original ? " at their original size" : ""), threshold \(thresholdNote)" + captionNote
            + (blanksImages ? ", blank images" : "")
    }

    private var thresholdNote: String {
        let best =
            switch thresholdSource {
            case .standard, .given: ""
            case .best: " (best image Dice on validation)"
            case .bestForPixels: " (best Dice of pixels on validation)"
            }
        let value = thresholdSource == .standard || thresholdSource == .given ? "\(threshold)" : String(format: "%.3f", threshold)
        let temperature = temperatures.map { values in
            ", temperature " + values.map { $0.map { String(format: "%.3f", $0) } ?? "-" }.joined(separator: ", ")
        }
        return value + best + (temperature ?? "") + (checkpoints.count > 1 ? ", mean of \(checkpoints.count) networks" : "")
    }

    private var captionNote: String {
        switch variant {
        case nil, .original?: ""
        case .empty?: ", captions withheld"
        case let other?: ", captions \(other.name) (\(changedCaptions ?? 0) changed)"
        }
    }

    /// The model beside masks that ignore image and caption: one row for each scope, one column for each metric.
    private var overlaps: [String] {
        let titles = MetricList.ofCounts.filter { $0.scope == .pixels }.map { $0.title }
        func cells(_ values: [(metric: any Metric.Type, value: Double?)], _ scope: MetricScope) -> [String] {
            titles.map { title in
                values.first { $0.metric.title == title && $0.metric.scope == scope }?.value.map { Self.percent($0) } ?? ""
            }
        }
        let own = estimates.map { (metric: $0.metric, value: $0.estimate?.value) }
        var rows = [("", titles)]
        for scope in [MetricScope.pixels, .images] { rows.append(("model, " + scope.title, cells(own, scope))) }
        for (name, label) in [("all", "everything"), ("none", "nothing"), ("meanMask", "training mean mask")] {
            if let scores = trivial[name] { rows.append((label, cells(scores.entries.map { ($0.type, $0.value) }, .pixels))) }
        }
        return rows.map { row in
            Self.pad(row.0, 24, left: false) + zip(row.1, titles).map { Self.pad($0, max(10, $1.count + 2), left: true) }.joined()
        }
    }

    /// The most asked for, with their intervals.
    private var intervalled: [String] {
        let shown = estimates.filter { $0.metric.isHeadline && (imagesWithMillimetres > 0 || !Self.isInMillimetres($0.metric)) }
        let heading = intervals.map { "95 % interval, resampled: \($0.drawn), \($0.resamples) times" } ?? ""
        return [Self.pad("", 42, left: false) + Self.pad("value", 9, left: true) + (heading.isEmpty ? "" : "   " + heading)]
            + shown.map { metric, estimate in
                let title = "\(metric.title), \(metric.scope.title)" + (distanceNote(metric).map { " (\($0))" } ?? "")
                func text(_ value: Double?) -> String {
                    value.map { metric.unit == .share ? Self.percent($0) : String(format: "%.2f", $0) } ?? "-"
                }
                let interval = estimate.flatMap { estimate in
                    estimate.low.flatMap { low in estimate.high.map { "\(text(low)) to \(text($0))" } }
                }
                return Self.pad(title, 42, left: false) + Self.pad(text(estimate?.value), 9, left: true)
                    + (interval.map { "   " + $0 } ?? "")
            }
    }

    private static func isInMillimetres(_ metric: any Metric.Type) -> Bool {
        metric.unit == .millimetres || metric.ofImage == SurfaceDiceInMillimetres.self
    }

    /// The unit or the tolerance of a measure of distances, and over how many images it is averaged if not all; nil for others.
    private func distanceNote(_ metric: any Metric.Type) -> String? {
        let note: String
        switch metric.unit {
        case .pixels: note = "pixels"
        case .millimetres: note = "mm"
        case .share where metric.ofImage == SurfaceDice.self: return "within \(tolerance.formatted()) pixels"
        case .share where metric.ofImage == SurfaceDiceInMillimetres.self: return "within \(toleranceInMillimetres.formatted()) mm"
        case .share: return nil
        }
        let count = metric.unit == .millimetres ? imagesWithMillimetres : imagesWithSurfaces
        return count == images ? note : "\(note); \(count) images"
    }

    private var calibrated: [String] {
        let figures = calibration
        func row(_ title: String, _ value: Double?, _ format: String, times scale: Double = 1) -> String? {
            value.map { Self.pad(title, 42, left: false) + Self.pad(String(format: format, $0 * scale), 9, left: true) }
        }
        return [
            row("ECE of the pixels (15 bins)", figures.ece, "%.2f", times: 100),
            row("ECE, mean of images", figures.meanImageEce, "%.2f", times: 100),
            row("Brier score", figures.brier, "%.4f"), row("negative log-likelihood", figures.negativeLogLikelihood, "%.4f"),
            best.flatMap { best in
                row("best Dice at any threshold", best.dice, "%.2f", times: 100).map {
                    $0 + String(format: "   at %.3f, chosen on these very images", best.threshold)
                }
            },
        ].compactMap { $0 }
    }

    static func percent(_ value: Double) -> String { String(format: "%.2f", value * 100) }

    static func pad(_ text: String, _ width: Int, left: Bool) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return left ? space + text : text + space
    }
}
