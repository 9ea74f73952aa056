// Calibration of a split, collected image by image: ECE, MCE and ACE over all pixels, the mean of the images' ECE, Brier score, negative
// log-likelihood, and the reliability diagram. Not for temperature scaling (TemperatureScaling.swift). Invariant: no pixel is kept.

public struct CalibrationScore: Sendable, ProbabilityCollector {
    public private(set) var table: ReliabilityTable
    public private(set) var scores = ProperScores()
    /// For equal-mass bins, and for average precision over the split.
    public private(set) var histogram = TwoClassHistogram()
    public private(set) var images = 0
    private var imageErrors = Array(repeating: 0.0, count: CalibrationReading.allCases.count)

    /// - Parameter bins: of the reliability diagram, ECE, MCE and ACE.
    public init(bins: Int = 15) { table = ReliabilityTable(bins: bins) }

    /// Adds an image. An image without pixels is left out.
    public mutating func add(probabilities: UnsafeBufferPointer<Float>, truth: UnsafeBufferPointer<UInt8>) {
        add(probabilities: probabilities, truth: truth, logits: nil)
    }

    /// Adds an image whose logits are known: negative log-likelihood and Brier score are computed from them, without clipping.
    public mutating func add(
        probabilities: UnsafeBufferPointer<Float>, truth: UnsafeBufferPointer<UInt8>, logits: UnsafeBufferPointer<Float>?
    ) {
        guard !probabilities.isEmpty else { return }
        var image = ReliabilityTable(bins: table.binCount)
        image.add(probabilities: probabilities, truth: truth)
        table.merge(image)
        for (index, reading) in CalibrationReading.allCases.enumerated() { imageErrors[index] += image.expectedError(reading) ?? 0 }
        images += 1
        histogram.add(values: probabilities, positives: truth)
        if let logits { scores.add(logits: logits, truth: truth) } else { scores.add(probabilities: probabilities, truth: truth) }
    }

    /// Adds the images of another score with as many bins.
    public mutating func merge(_ other: CalibrationScore) {
        table.merge(other.table)
        scores.merge(other.scores)
        histogram.merge(other.histogram)
        images += other.images
        for index in imageErrors.indices { imageErrors[index] += other.imageErrors[index] }
    }

    public var pixels: Int { scores.pixels }

    /// ECE over all pixels; nil without pixels.
    public func expectedError(_ reading: CalibrationReading = .foreground) -> Double? { table.expectedError(reading) }

    /// MCE over all pixels; nil without pixels.
    public func maximumError(_ reading: CalibrationReading = .foreground) -> Double? { table.maximumError(reading) }

    /// The mean over images of the image's own ECE; nil without images. For images of one size it is at least as large as the ECE over all
    /// pixels, where gaps of opposite sign in different images cancel.
    public func meanImageExpectedError(_ reading: CalibrationReading = .foreground) -> Double? {
        guard images > 0, let index = CalibrationReading.allCases.firstIndex(of: reading) else { return nil }
        return imageErrors[index] / Double(images)
    }

    /// ACE over all pixels; nil without pixels. Sums of probabilities are exact; the pixels of the histogram's bin at an edge of two
    /// equal-mass bins count as equal.
    public func adaptiveError(_ reading: CalibrationReading = .foreground) -> Double? {
        let ranking = reading == .foreground ? histogram.ranking : histogram.predictedClassRanking
        return ranking.adaptiveCalibrationError(bins: table.binCount)
    }

    public var brier: Double? { scores.brier }
    public var negativeLogLikelihood: Double? { scores.negativeLogLikelihood }
}
