// Detection of lesions as metrics of a split: shares of the counts of all images' lesions, at two levels of overlap.

/// From which IoU on a predicted lesion counts as a true one.
public protocol LesionLevel: Sendable {
    static var iou: Double { get }
}

/// At an IoU of 0.1: found, roughly.
public enum AtTenPercent: LesionLevel { public static let iou = 0.1 }
/// At an IoU of 0.5: outlined.
public enum AtHalf: LesionLevel { public static let iou = 0.5 }

/// A share of counts of lesions.
public protocol LesionMeasure: Sendable {
    static var name: String { get }
    static func value(_ counts: LesionCounts) -> Double?
}

public enum LesionSensitivity: LesionMeasure {
    public static let name = "sensitivity"
    public static func value(_ counts: LesionCounts) -> Double? { counts.sensitivity }
}

public enum LesionPrecision: LesionMeasure {
    public static let name = "precision"
    public static func value(_ counts: LesionCounts) -> Double? { counts.precision }
}

public enum LesionF1: LesionMeasure {
    public static let name = "f1"
    public static func value(_ counts: LesionCounts) -> Double? { counts.f1 }
}

/// A measure of the lesions of all images together.
public struct OverLesions<Measure: LesionMeasure, Level: LesionLevel>: Metric {
    private static var percent: Int { Int((Level.iou * 100).rounded()) }
    public static var key: String { "lesion" + Measure.name.prefix(1).uppercased() + Measure.name.dropFirst() + "At\(percent)" }
    public static var column: String { "lesion_\(Measure.name)_at_\(percent)" }
    public static var title: String { "\(Measure.name == "f1" ? "F1" : Measure.name) at IoU \(Level.iou)" }
    public static var scope: MetricScope { .lesions }
    public static var isHeadline: Bool { true }
    public static var needsMasks: Bool { true }

    public static func addends(_ image: ScoredImage) -> [Double] {
        let counts = image.lesions?.counts(atIoU: Level.iou) ?? LesionCounts()
        return [Double(counts.truePositive), Double(counts.falsePositive), Double(counts.falseNegative)]
    }

    public static func value(_ sums: [Double]) -> Double? {
        Measure.value(LesionCounts(truePositive: Int(sums[0]), falsePositive: Int(sums[1]), falseNegative: Int(sums[2])))
    }
}
