// The metrics of an evaluation, for JSON and for a person. The list of metrics (`Metrics`) decides which ones there are.
import Files
import Foundation
import Training

/// A JSON key that is known only at run time.
private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

public struct SampleScore: Encodable, Sendable {
    public let id: String
    public let counts: PixelCounts
    public let scores: [(name: String, value: Double?)]

    init(id: String, counts: PixelCounts) {
        self.id = id
        self.counts = counts
        scores = Metrics.ofImage(ScoredImage(counts: counts))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(id, forKey: Key("id"))
        try container.encode(counts, forKey: Key("counts"))
        for score in scores { try container.encode(score.value, forKey: Key(score.name)) }
    }
}

public struct EvaluationReport: Encodable, Sendable {
    public let checkpoint: String
    public let shards: String
    public let split: String
    public let captionsWithheld: Bool
    public let threshold: Double
    public let metrics: SegmentationMetrics
    /// Metrics of trivial masks that ignore image and caption, over all pixels, by name.
    public let trivial: [String: SegmentationMetrics]
    public let samples: [SampleScore]
    public var images: Int { metrics.images }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(checkpoint, forKey: Key("checkpoint"))
        try container.encode(shards, forKey: Key("shards"))
        try container.encode(split, forKey: Key("split"))
        try container.encode(captionsWithheld, forKey: Key("captionsWithheld"))
        try container.encode(threshold, forKey: Key("threshold"))
        try container.encode(images, forKey: Key("images"))
        try container.encode(metrics.counts, forKey: Key("counts"))
        try container.encode(samples, forKey: Key("samples"))
        for entry in metrics.entries { try container.encode(entry.value, forKey: Key(entry.name)) }
        var masks = container.nestedContainer(keyedBy: Key.self, forKey: Key("trivial"))
        for (name, scores) in trivial {
            var mask = masks.nestedContainer(keyedBy: Key.self, forKey: Key(name))
            for entry in scores.entries where entry.scope == .pixels { try mask.encode(entry.value, forKey: Key(entry.name)) }
        }
    }

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

    public var json: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }

    /// A table for the terminal, percentages with two decimals: one row per scope of a value, one column per metric.
    public var table: String {
        let titles = metrics.entries.reduce(into: [String]()) { if !$0.contains($1.title) { $0.append($1.title) } }
        func cells(_ metrics: SegmentationMetrics, _ scope: MetricScope) -> [String] {
            titles.map { title in
                metrics.entries.first { $0.title == title && $0.scope == scope }?.value.map { String(format: "%.2f", $0 * 100) } ?? ""
            }
        }
        var rows = [("", titles)]
        for scope in MetricScope.allCases { rows.append(("model, " + scope.title, cells(metrics, scope))) }
        for (name, label) in [("all", "everything"), ("none", "nothing"), ("meanMask", "training mean mask")] {
            if let scores = trivial[name] { rows.append((label, cells(scores, .pixels))) }
        }
        let heading = "\(split) split, \(images) images, threshold \(threshold)" + (captionsWithheld ? ", captions withheld" : "")
        return
            ([heading]
            + rows.map { row in
                Self.pad(row.0, 24, left: false)
                    + zip(row.1, titles).map { Self.pad($0, max(10, $1.count + 2), left: true) }.joined()
            }).joined(separator: "\n")
    }

    private static func pad(_ text: String, _ width: Int, left: Bool) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return left ? space + text : text + space
    }
}
