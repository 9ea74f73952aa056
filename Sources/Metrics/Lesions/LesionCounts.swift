// Counts of detected, missed and false lesions, and the three shares that are computed from them.
// Invariant: counts are integers and add up over images, so the shares of a split do not depend on order or batch size.

public struct LesionCounts: Sendable, Hashable, Codable {
    /// True lesions that are matched with a predicted one.
    public var truePositive: Int
    /// Predicted lesions that are matched with no true one.
    public var falsePositive: Int
    /// True lesions that are matched with no predicted one.
    public var falseNegative: Int

    public init(truePositive: Int = 0, falsePositive: Int = 0, falseNegative: Int = 0) {
        self.truePositive = truePositive
        self.falsePositive = falsePositive
        self.falseNegative = falseNegative
    }

    public static func + (left: LesionCounts, right: LesionCounts) -> LesionCounts {
        LesionCounts(
            truePositive: left.truePositive + right.truePositive, falsePositive: left.falsePositive + right.falsePositive,
            falseNegative: left.falseNegative + right.falseNegative)
    }

    public static func += (left: inout LesionCounts, right: LesionCounts) { left = left + right }

    /// TP / (TP + FN), 0...1: the share of the true lesions that are detected. Nil if there is no true lesion.
    public var sensitivity: Double? { ratio(truePositive, truePositive + falseNegative) }

    /// TP / (TP + FP), 0...1: the share of the predicted lesions that are true. Nil if no lesion is predicted.
    public var precision: Double? { ratio(truePositive, truePositive + falsePositive) }

    /// 2 TP / (2 TP + FP + FN), 0...1: the harmonic mean of the two. Nil only if there is neither a true nor a predicted lesion.
    public var f1: Double? { ratio(2 * truePositive, 2 * truePositive + falsePositive + falseNegative) }

    private func ratio(_ part: Int, _ whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
}
