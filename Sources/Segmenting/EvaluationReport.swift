// The figures of an evaluation, for JSON (docs/reference/evaluation.md). The list of metrics (`MetricList`) decides which ones there are.
import Files
import Foundation
import Metrics
import Text

/// A JSON key that is known only at run time.
struct ReportKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

public struct SampleScore: Encodable, Sendable {
    public let id: String
    /// Nil where the shards do not know it.
    public let patient: String?
    public let counts: PixelCounts
    public let scores: [(name: String, value: Double?)]
    /// Nil if none was asked for.
    public let uncertainty: ImageUncertainty?

    init(id: String, patient: String?, image: ScoredImage, uncertainty: ImageUncertainty? = nil) {
        self.id = id
        self.patient = patient
        self.uncertainty = uncertainty
        counts = image.counts
        scores =
            MetricList.ofImage.map { ($0.key, $0.value(of: image)) }
            // The name that IoU had before.
            + [("intersectionOverUnion", IntersectionOverUnion.value(image.counts))]
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        try container.encode(id, forKey: ReportKey("id"))
        try container.encode(patient, forKey: ReportKey("patient"))
        try container.encode(counts, forKey: ReportKey("counts"))
        for score in scores { try container.encode(score.value, forKey: ReportKey(score.name)) }
        guard let uncertainty else { return }
        var own = container.nestedContainer(keyedBy: ReportKey.self, forKey: ReportKey("uncertainty"))
        try own.encode(uncertainty.predictions, forKey: ReportKey("predictions"))
        for (measure, value) in uncertainty.values { try own.encode(value, forKey: ReportKey(measure.rawValue)) }
    }
}

/// How well the probabilities are calibrated, over all pixels unless said (docs/reference/calibration.md).
public struct CalibrationFigures: Codable, Sendable {
    public let ece: Double?, mce: Double?, ace: Double?
    /// The mean over images of the image's own ECE.
    public let meanImageEce: Double?
    public let brier: Double?
    /// In nats.
    public let negativeLogLikelihood: Double?
    public let bins: [ReliabilityBin]

    init(_ score: CalibrationScore) {
        ece = score.expectedError()
        mce = score.maximumError()
        ace = score.adaptiveError()
        meanImageEce = score.meanImageExpectedError()
        brier = score.brier
        negativeLogLikelihood = score.negativeLogLikelihood
        bins = score.table.bins()
    }
}

/// Each metric under its key.
struct MetricFigures: Encodable {
    let estimates: [(metric: any Metric.Type, estimate: Estimate?)]

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        for (metric, estimate) in estimates { try container.encode(estimate, forKey: ReportKey(metric.key)) }
    }
}

/// How the intervals were made.
public struct IntervalSettings: Encodable, Sendable {
    public let method: String, level = 0.95
    /// How many images or patients a resample draws.
    public let units: Int
    public let resamples: Int
    /// What is drawn, for people: "100 images" or "37 patients".
    public let drawn: String

    public init(_ bootstrap: Bootstrap) {
        let name = bootstrap.drawsGroups ? "patients" : "images"
        method = "percentile bootstrap of " + name
        units = bootstrap.units
        resamples = bootstrap.resamples
        drawn = "\(units) \(name)"
    }

    enum CodingKeys: String, CodingKey { case method, level, units, resamples }
}

/// At which size masks are compared.
public enum ScoringSize: String, Codable, Sendable, CaseIterable {
    /// The network's, that of the shards' images.
    case model
    /// That of the original image, whose mask the shards hold.
    case original
}

/// Where the threshold of an evaluation's masks comes from.
public enum ThresholdSource: String, Encodable, Sendable {
    /// 0.5.
    case standard = "default"
    /// A number that the user gave.
    case given
    /// The best on validation, for the mean of the images' Dice or for the Dice of all pixels.
    case best
    case bestForPixels = "best-pixels"
}

public struct EvaluationReport: Encodable, Sendable {
    /// One, or several whose probabilities were averaged.
    public let checkpoints: [String]
    public let shards: String
    public let split: String
    /// What the network read in place of each caption; nil for a network that reads none.
    public let variant: CaptionVariant?
    /// Captions that the variant changed; nil where none was read.
    public let changedCaptions: Int?
    /// Whether every image was one grey.
    public let blanksImages: Bool
    public let threshold: Double
    public let thresholdSource: ThresholdSource
    /// What the logits of each checkpoint were divided by; nil if none was calibrated.
    public let temperatures: [Double?]?
    /// The size at which masks were compared, for `estimates`, `groups` and `samples`.
    public let size: ScoringSize
    /// All metrics, with their intervals if they were asked for.
    public let estimates: [(metric: any Metric.Type, estimate: Estimate?)]
    /// The metrics at the network's size, if the others are not at it.
    public let estimatesAtModelSize: [(metric: any Metric.Type, estimate: Estimate?)]?
    /// Nil if no intervals were asked for.
    public let intervals: IntervalSettings?
    /// The tolerance of NSD in pixels.
    public let tolerance: Double
    /// The tolerance of NSD in millimetres.
    public let toleranceInMillimetres: Double
    /// Images whose HD95 and ASSD are defined; the means are over these.
    public let imagesWithSurfaces: Int
    /// Those of them whose spacing is known; the means in millimetres are over these.
    public let imagesWithMillimetres: Int
    public let calibration: CalibrationFigures
    /// Counts at 1,024 thresholds, and the one with the best Dice over all pixels.
    public let curve: [ThresholdPoint], best: ThresholdPoint?
    /// Nil if none was asked for.
    public let uncertainty: UncertaintyFigures?
    /// Scores by size and number of the true targets.
    public let groups: ScoreGroups
    /// Metrics of trivial masks that ignore image and caption, over all pixels, by name.
    public let trivial: [String: SegmentationMetrics]
    public let samples: [SampleScore]
    public var images: Int { samples.count }
    public var counts: PixelCounts { samples.reduce(PixelCounts()) { $0 + $1.counts } }
    public var captionsWithheld: Bool { variant == .empty }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        try container.encode(checkpoints[0], forKey: ReportKey("checkpoint"))
        try container.encode(checkpoints, forKey: ReportKey("checkpoints"))
        try container.encode(shards, forKey: ReportKey("shards"))
        try container.encode(split, forKey: ReportKey("split"))
        try container.encode(captionsWithheld, forKey: ReportKey("captionsWithheld"))
        try container.encode(variant?.name, forKey: ReportKey("captions"))
        try container.encode(changedCaptions, forKey: ReportKey("changedCaptions"))
        try container.encode(blanksImages ? "blank" : "given", forKey: ReportKey("image"))
        try container.encode(threshold, forKey: ReportKey("threshold"))
        try container.encode(thresholdSource, forKey: ReportKey("thresholdSource"))
        try container.encode(temperatures, forKey: ReportKey("temperatures"))
        try container.encode(images, forKey: ReportKey("images"))
        try container.encode(counts, forKey: ReportKey("counts"))
        try container.encode(samples, forKey: ReportKey("samples"))
        try container.encode(intervals, forKey: ReportKey("intervals"))
        try container.encode(tolerance, forKey: ReportKey("tolerance"))
        try container.encode(toleranceInMillimetres, forKey: ReportKey("toleranceMm"))
        try container.encode(imagesWithSurfaces, forKey: ReportKey("imagesWithSurfaces"))
        try container.encode(imagesWithMillimetres, forKey: ReportKey("imagesWithMillimetres"))
        try container.encode(calibration, forKey: ReportKey("calibration"))
        try container.encode(curve, forKey: ReportKey("thresholds"))
        try container.encode(uncertainty, forKey: ReportKey("uncertainty"))
        try container.encode(groups, forKey: ReportKey("groups"))
        try container.encode(size, forKey: ReportKey("atSize"))
        try container.encode(figures, forKey: ReportKey("metrics"))
        try container.encode(
            MetricFigures(estimates: estimatesAtModelSize ?? estimates), forKey: ReportKey("metricsAtModelSize"))
        try container.encode(size == .original ? figures : nil, forKey: ReportKey("metricsAtOriginalSize"))
        for (metric, estimate) in estimates {
            if let name = metric.reportName { try container.encode(estimate?.value, forKey: ReportKey(name)) }
        }
        var masks = container.nestedContainer(keyedBy: ReportKey.self, forKey: ReportKey("trivial"))
        for (name, scores) in trivial {
            var mask = masks.nestedContainer(keyedBy: ReportKey.self, forKey: ReportKey(name))
            for entry in scores.entries where entry.type.scope == .pixels {
                if let name = entry.type.reportName { try mask.encode(entry.value, forKey: ReportKey(name)) }
            }
        }
    }

    /// A metric's value, by its name within `metrics`.
    public subscript(key: String) -> Double? { estimates.first { $0.metric.key == key }?.estimate?.value }

    var figures: MetricFigures { MetricFigures(estimates: estimates) }

    /// The keys of every report, whatever metrics the version of the program had.
    private struct Outline: Decodable {
        struct Sample: Decodable { let id: String, counts: PixelCounts }
        let checkpoint: String, shards: String, split: String
        let captionsWithheld: Bool, threshold: Double, images: Int
        let counts: PixelCounts
        let samples: [Sample]
    }

    /// Whether the file at a path is such a report.
    public static func isReport(_ path: String) -> Bool {
        guard let bytes = try? FileIO.read(path, limit: 1 << 30) else { return false }
        return (try? JSONDecoder().decode(Outline.self, from: Data(bytes))) != nil
    }

    public var json: [UInt8] { get throws { try Self.json(self) } }

    static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
    }
}
