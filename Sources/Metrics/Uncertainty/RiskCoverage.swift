// What is gained if the most uncertain images are left to a person: risk-coverage curve, AURC and referral table. Invariant: images with
// equal uncertainty count with the mean of their scores, so that their order does not matter.

/// One row of a referral table.
public struct Referral: Sendable, Equatable, Codable {
    /// The share of images that go to a person, as asked for.
    public let share: Double
    /// How many these are: the share of all images, rounded to the nearest number, halves up.
    public let referred: Int
    /// The mean score of the other images; nil if none is left.
    public let meanScore: Double?
}

/// Images in order of their uncertainty, each with a score such as Dice, 1 for a perfect one.
public struct RiskCoverage: Sendable {
    /// Scores from the most certain image to the least certain, the mean of its group for each of equal uncertainty.
    private let scores: [Double]
    /// The scores in falling order: what a perfect uncertainty would give.
    private let ideal: [Double]

    /// - Parameters:
    ///   - uncertainties: one for each image, no NaN; only the order counts.
    ///   - scores: of the same images, such as Dice. Images without a score (nil) are left out.
    public init(uncertainties: [Double], scores: [Double?]) {
        precondition(uncertainties.count == scores.count, "\(uncertainties.count) uncertainties, \(scores.count) scores")
        let kept = zip(uncertainties, scores).compactMap { uncertainty, score in score.map { (uncertainty, $0) } }
        let values = kept.map(\.1)
        self.scores = RankCorrelation.tiedGroups(kept.map(\.0)).flatMap { _, indices in
            let mean = indices.reduce(0) { $0 + values[$1] } / Double(indices.count)
            return Array(repeating: mean, count: indices.count)
        }
        ideal = values.sorted(by: >)
    }

    public var images: Int { scores.count }

    /// The curve: at coverage k / n the risk is the mean of 1 - score over the k most certain images, k from 1 to n.
    public var points: [(coverage: Double, risk: Double)] {
        zip(1..., Self.risks(scores)).map { (Double($0) / Double(scores.count), $1) }
    }

    /// AURC: the mean of the curve's n risks (Geifman et al., ICLR 2019, with the loss 1 - score). Lower is better. Nil without images.
    public var areaUnderCurve: Double? { Self.mean(Self.risks(scores)) }

    /// The AURC if images were ordered by their scores: what no uncertainty can beat.
    public var idealAreaUnderCurve: Double? { Self.mean(Self.risks(ideal)) }

    /// E-AURC: AURC less the ideal one. 0 for a perfect order, whatever the scores are.
    public var excessAreaUnderCurve: Double? {
        guard let area = areaUnderCurve, let ideal = idealAreaUnderCurve else { return nil }
        return area - ideal
    }

    /// What remains if a share of the images, the most uncertain, goes to a person.
    public func referrals(_ shares: [Double] = [0, 0.05, 0.1, 0.2, 0.3, 0.5]) -> [Referral] {
        shares.map { share in
            let referred = max(0, min(images, Int((share * Double(images)).rounded())))
            return Referral(share: share, referred: referred, meanScore: Self.mean(scores.dropLast(referred)))
        }
    }

    private static func risks(_ scores: [Double]) -> [Double] {
        var sum = 0.0
        return scores.enumerated().map { index, score in
            sum += 1 - score
            return sum / Double(index + 1)
        }
    }

    private static func mean(_ values: some Collection<Double>) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
