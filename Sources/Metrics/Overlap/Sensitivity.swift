// The shares of the true and of the predicted foreground that agree, whose harmonic mean is Dice, and that of the true background.

/// TP / (TP + FN), also called recall: the share of the true foreground that is found.
public enum Sensitivity: CountMeasure {
    public static let column = "sensitivity", title = "sensitivity"
    public static var reportNames: (pixels: String?, images: String?) { ("sensitivity", nil) }
    public static func value(_ c: PixelCounts) -> Double { ratio(c.truePositive, c.truePositive + c.falseNegative) }
}

/// TP / (TP + FP): the share of the predicted foreground that is true. 0 if nothing is predicted where there is something.
public enum Precision: CountMeasure {
    public static let column = "precision", title = "precision"
    public static var reportNames: (pixels: String?, images: String?) { ("precision", nil) }
    public static func value(_ c: PixelCounts) -> Double {
        let predicted = c.truePositive + c.falsePositive
        return predicted == 0 && c.falseNegative > 0 ? 0 : ratio(c.truePositive, predicted)
    }
}

/// TN / (TN + FP): the share of the true background that is left out of the prediction.
public enum Specificity: CountMeasure {
    public static let column = "specificity", title = "specificity"
    public static func value(_ c: PixelCounts) -> Double { ratio(c.trueNegative, c.trueNegative + c.falsePositive) }
}
