// The shares of the true and of the predicted foreground that agree. Dice is their harmonic mean.

/// TP / (TP + FN), also called recall: the share of the true foreground that is found.
public enum Sensitivity: CountMeasure {
    public static let name = "sensitivity", column = "sensitivity", title = "sensitivity", isShownInProgress = false
    public static func value(_ c: PixelCounts) -> Double { ratio(c.truePositive, c.truePositive + c.falseNegative) }
}

/// TP / (TP + FP): the share of the predicted foreground that is true. 0 if nothing is predicted where there is something.
public enum Precision: CountMeasure {
    public static let name = "precision", column = "precision", title = "precision", isShownInProgress = false
    public static func value(_ c: PixelCounts) -> Double {
        let predicted = c.truePositive + c.falsePositive
        return predicted == 0 && c.falseNegative > 0 ? 0 : ratio(c.truePositive, predicted)
    }
}
