// The one list of figures of a comparison: every output takes names, order and units from it. Keys are the names within `metrics` of
// `segment evaluate --json`, and four more.
import Foundation
import Metrics

public struct ComparisonFigure: Sendable {
    public enum Unit: Sendable {
        /// A number of parameters, shown in millions.
        case parameters
        /// A number of operations, shown in billions.
        case operations
        /// 0 to 1, shown in percent.
        case share
        /// Distances, in pixels of the size at which masks are compared and in millimetres.
        case pixels, millimetres
        /// Images per second.
        case rate

        init(_ unit: MetricUnit) {
            self =
                switch unit {
                case .share: .share
                case .pixels: .pixels
                case .millimetres: .millimetres
                }
        }

        /// How tables show it.
        var title: String {
            switch self {
            case .parameters: "M"
            case .operations: "G"
            case .share: "%"
            case .pixels: "px"
            case .millimetres: "mm"
            case .rate: ""
            }
        }

        var scale: Double {
            switch self {
            case .parameters: 1e-6
            case .operations: 1e-9
            case .share: 100
            case .pixels, .millimetres, .rate: 1
            }
        }
    }

    public let key: String
    public let title: String
    public let unit: Unit
    /// Nil where neither direction is better.
    public let higherIsBetter: Bool?
    /// Whether tables for people show it. JSON and CSV have all.
    public let isShown: Bool
    package let value: @Sendable (ComparedRun) -> Estimate?

    /// In display order.
    public static let all: [ComparisonFigure] =
        [
            ComparisonFigure(key: "parameters", title: "Params", unit: .parameters, higherIsBetter: nil, isShown: true) {
                $0.parameters.map { Estimate(value: Double($0)) }
            },
            ComparisonFigure(key: "operations", title: "FLOPs", unit: .operations, higherIsBetter: nil, isShown: true) {
                $0.operations.map { Estimate(value: $0) }
            },
        ] + metrics.filter(\.isShown) + [
            ComparisonFigure(key: "ece", title: "ECE", unit: .share, higherIsBetter: false, isShown: true) {
                $0.ece.map { Estimate(value: $0) }
            },
            ComparisonFigure(key: "imagesPerSecond", title: "images/s", unit: .rate, higherIsBetter: nil, isShown: true) {
                $0.imagesPerSecond.map { Estimate(value: $0) }
            },
        ] + metrics.filter { !$0.isShown }

    public static let shown = all.filter(\.isShown)

    /// Every metric of an evaluation. Shown are the paper's Table 1's, in the definitions that papers use, and the figure that is tested.
    private static let metrics: [ComparisonFigure] = MetricList.all.map { metric in
        let key = metric.key, shown = ["dice", "iou", "meanIou", "meanImageDice", "meanImageHd95"].contains(key)
        let title = metric.scope == .images && metric.unit == .share ? "image " + metric.title : metric.title
        return ComparisonFigure(
            key: key, title: title, unit: Unit(metric.unit), higherIsBetter: metric.unit == .share,
            isShown: shown
        ) { $0.metrics[key] }
    }

    public static func named(_ key: String) -> ComparisonFigure? { all.first { $0.key == key } }

    /// A value as tables show it.
    package func text(_ value: Double) -> String { String(format: unit == .rate ? "%.1f" : "%.2f", value * unit.scale) }

    /// "Dice (%)".
    package var heading: String { unit.title.isEmpty ? title : "\(title) (\(unit.title))" }
}
