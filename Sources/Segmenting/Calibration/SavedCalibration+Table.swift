// A calibration as a table for the terminal.
import Foundation

extension SavedCalibration {
    public var table: String {
        let verdict =
            temperature.isAtLimit
            ? "the best one is beyond it"
            : "by the log-likelihood the network is " + (temperature.value > 1 ? "too sure" : "not sure enough")
        let eceGrows = (before.ece ?? 0) < (after.ece ?? 0)
        func row(_ title: String, _ format: String, times scale: Double = 1, _ value: (CalibrationFigures) -> Double?) -> String {
            EvaluationReport.pad(title, 42, left: false)
                + [before, after].map { figures in
                    EvaluationReport.pad(value(figures).map { String(format: format, $0 * scale) } ?? "-", 10, left: true)
                }.joined()
        }
        func best(_ title: String, _ choice: ThresholdChoice) -> String {
            EvaluationReport.pad(title, 42, left: false)
                + EvaluationReport.pad(String(format: "%.3f", choice.threshold), 10, left: true)
                + String(format: "   %.2f, %.2f at 0.5", choice.dice * 100, choice.diceAtHalf * 100)
        }
        return [
            "\(split) split, \(images) images", "",
            "temperature " + String(format: "%.3f", temperature.value) + ": " + verdict,
            EvaluationReport.pad("", 42, left: false) + ["before", "after"].map { EvaluationReport.pad($0, 10, left: true) }.joined(),
            row("ECE of the pixels (15 bins)", "%.2f", times: 100) { $0.ece },
            row("ECE, mean of images", "%.2f", times: 100) { $0.meanImageEce },
            row("Brier score", "%.4f") { $0.brier },
            row("negative log-likelihood", "%.4f") { $0.negativeLogLikelihood },
            eceGrows ? "The ECE grows: a few pixels that were sure and wrong outweigh the many that the ECE counts." : nil,
            "", best("threshold of the best mean image Dice", bestForImages), best("threshold of the best Dice of pixels", bestForPixels),
        ].compactMap { $0 }.joined(separator: "\n")
    }
}
