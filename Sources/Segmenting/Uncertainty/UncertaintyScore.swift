// Does the uncertainty of a split's predictions find their errors? Collected image by image. Invariant: no pixel is kept.
import Metrics

/// A number for how unsure a prediction is. Larger is less sure.
enum UncertaintyMeasure: String, CaseIterable {
    case entropy, mutualInformation, variance
    /// 1 less the Dice of the mask that the probabilities let expect: 2 sum(p of the mask) / (sum(p) + pixels of the mask). It is of
    /// images alone.
    case expectedDiceLoss

    var title: String {
        switch self {
        case .entropy: "entropy"
        case .mutualInformation: "mutual inf."
        case .variance: "variance"
        case .expectedDiceLoss: "expected loss"
        }
    }

    /// Whether it needs several predictions.
    var needsSeveral: Bool { self == .mutualInformation || self == .variance }

    /// Its map; nil for a measure of images.
    func map(_ maps: UncertaintyMaps) -> [Float]? {
        switch self {
        case .entropy: maps.entropy
        case .mutualInformation: maps.mutualInformation
        case .variance: maps.variance
        case .expectedDiceLoss: nil
        }
    }

    /// Its value for an image: the mean of its map.
    func value(_ maps: UncertaintyMaps, mask: [UInt8]) -> Double {
        if let map = map(maps) { return UncertaintyMaps.mean(of: map) ?? 0 }
        var all = 0.0, inside = 0.0, pixels = 0.0
        for (probability, isInside) in zip(maps.mean, mask) {
            all += Double(probability)
            if isInside != 0 {
                inside += Double(probability)
                pixels += 1
            }
        }
        return all + pixels == 0 ? 0 : 1 - 2 * inside / (all + pixels)
    }

    /// The values of an image, for each measure of a kind; none without a kind or maps.
    /// - Parameter mask: at the maps' size.
    static func values(of kind: UncertaintyKind?, _ maps: UncertaintyMaps?, mask: [UInt8]) -> [(measure: UncertaintyMeasure, value: Double)]
    {
        guard let kind, let maps else { return [] }
        return of(kind).map { ($0, $0.value(maps, mask: mask)) }
    }

    /// In column headings: "mutual_information".
    var column: String { rawValue.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) } }

    /// The measures of a kind.
    static func of(_ kind: UncertaintyKind) -> [UncertaintyMeasure] { allCases.filter { kind != .entropy || !$0.needsSeveral } }
}

/// The uncertainty of one image.
public struct ImageUncertainty: Sendable {
    let predictions: Int
    let values: [(measure: UncertaintyMeasure, value: Double)]
}

struct UncertaintyScore {
    private let kind: UncertaintyKind
    private var detections: [(measure: UncertaintyMeasure, detection: ErrorDetection)]
    private var images: [ImageUncertainty] = [], dice: [Double?] = []

    init(_ kind: UncertaintyKind) {
        self.kind = kind
        detections = UncertaintyMeasure.of(kind).map { ($0, ErrorDetection()) }
    }

    /// Adds an image.
    /// - Parameter dice: nil where it is undefined.
    mutating func add(_ maps: UncertaintyMaps, mask: [UInt8], truth: [UInt8], dice: Double?) -> ImageUncertainty {
        for index in detections.indices {
            guard let map = detections[index].measure.map(maps) else { continue }
            detections[index].detection.add(uncertainties: map, predicted: mask, truth: truth)
        }
        let own = ImageUncertainty(
            predictions: maps.predictions, values: UncertaintyMeasure.values(of: kind, maps, mask: mask))
        images.append(own)
        self.dice.append(dice)
        return own
    }

    var figures: UncertaintyFigures {
        let scored = dice.indices.filter { dice[$0] != nil }
        return UncertaintyFigures(
            kind: kind, predictions: (images.map(\.predictions).min() ?? 0)...(images.map(\.predictions).max() ?? 0),
            errorRate: detections.first?.detection.errorRate,
            measures: detections.enumerated().map { place, entry in
                let values = images.map { $0.values[place].value }, isOfPixels = entry.measure != .expectedDiceLoss
                let risk = RiskCoverage(uncertainties: values, scores: dice)
                return MeasureFigures(
                    measure: entry.measure, mean: values.isEmpty ? nil : values.reduce(0, +) / Double(values.count),
                    auroc: isOfPixels ? entry.detection.areaUnderROC : nil,
                    averagePrecision: isOfPixels ? entry.detection.averagePrecision : nil, aurc: risk.areaUnderCurve,
                    idealAurc: risk.idealAreaUnderCurve, excessAurc: risk.excessAreaUnderCurve,
                    spearman: RankCorrelation.spearman(scored.map { values[$0] }, scored.compactMap { dice[$0] }),
                    referrals: risk.referrals([0, 0.1, 0.2, 0.3]), riskCoverage: risk.points)
            })
    }
}
