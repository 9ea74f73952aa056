// Does uncertainty find errors? The area under the ROC curve of a pixel's uncertainty against its being wrong, collected image by image.
// Invariant: no pixel is kept, and the order of images does not matter.

public struct ErrorDetection: Sendable {
    private var histogram = TwoClassHistogram()
    /// Pixels, and those whose predicted class is wrong.
    public private(set) var pixels = 0, errors = 0

    public init() {}

    /// Adds an image.
    /// - Parameters:
    ///   - uncertainties: 0 to 1, for instance entropy over ln 2. Only their order counts. Nearly equal ones (`ValueScale`) count as
    ///     equal.
    ///   - predicted: not 0 for foreground.
    ///   - truth: not 0 for foreground.
    public mutating func add(uncertainties: [Float], predicted: [UInt8], truth: [UInt8]) {
        precondition(
            uncertainties.count == predicted.count && uncertainties.count == truth.count,
            "\(uncertainties.count) uncertainties, \(predicted.count) predicted and \(truth.count) true values")
        let isWrong = Self.errors(predicted: predicted, truth: truth)
        histogram.add(values: uncertainties, positives: isWrong)
        pixels += truth.count
        errors += isWrong.reduce(0) { $0 + Int($1) }
    }

    public mutating func merge(_ other: ErrorDetection) {
        histogram.merge(other.histogram)
        pixels += other.pixels
        errors += other.errors
    }

    /// 1 where the classes differ, else 0.
    public static func errors(predicted: [UInt8], truth: [UInt8]) -> [UInt8] {
        zip(predicted, truth).map { ($0 != 0) == ($1 != 0) ? 0 : 1 }
    }

    /// The share of wrong pixels; nil without pixels.
    public var errorRate: Double? { pixels == 0 ? nil : Double(errors) / Double(pixels) }

    /// The probability that a wrong pixel is more uncertain than a right one, equal ones one half: 0.5 says nothing, 1 finds every error.
    /// Nil unless there are wrong and right pixels.
    public var areaUnderROC: Double? { histogram.ranking.areaUnderROC }

    /// The average precision of the same question: its chance level is the error rate, so it is the harder figure where errors are rare.
    public var averagePrecision: Double? { histogram.ranking.averagePrecision }
}
