// The figures of an evaluation, for JSON and for a person.
import Files
import Foundation
import Training

public struct SampleScore: Codable, Sendable, Equatable {
    public let id: String
    public let dice: Double
    public let intersectionOverUnion: Double
    public let counts: PixelCounts
}

public struct EvaluationReport: Codable, Sendable, Equatable {
    public let checkpoint: String
    public let shards: String
    public let split: String
    public let captionsWithheld: Bool
    public let threshold: Double
    public let images: Int
    public let dice: Double
    public let intersectionOverUnion: Double
    public let accuracy: Double
    public let meanImageDice: Double
    public let meanImageIntersectionOverUnion: Double
    public let counts: PixelCounts
    public let trivial: [String: TrivialScore]
    public let samples: [SampleScore]

    public struct TrivialScore: Codable, Sendable, Equatable {
        public let dice: Double, intersectionOverUnion: Double, accuracy: Double

        init(_ metrics: SegmentationMetrics) {
            dice = metrics.dice
            intersectionOverUnion = metrics.intersectionOverUnion
            accuracy = metrics.accuracy
        }
    }

    /// Whether the file at a path is such a report.
    public static func isReport(_ path: String) -> Bool {
        guard let bytes = try? FileIO.read(path, limit: 1 << 30) else { return false }
        return (try? JSONDecoder().decode(EvaluationReport.self, from: Data(bytes))) != nil
    }

    public var json: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }

    /// A table for the terminal, percentages with two decimals.
    public var table: String {
        var rows = [("", "Dice", "IoU", "accuracy")]
        rows.append(("model, all pixels", percent(dice), percent(intersectionOverUnion), percent(accuracy)))
        rows.append(("model, mean of images", percent(meanImageDice), percent(meanImageIntersectionOverUnion), ""))
        for (name, label) in [("all", "everything"), ("none", "nothing"), ("meanMask", "training mean mask")] {
            guard let score = trivial[name] else { continue }
            rows.append((label, percent(score.dice), percent(score.intersectionOverUnion), percent(score.accuracy)))
        }
        let heading = "\(split) split, \(images) images, threshold \(threshold)" + (captionsWithheld ? ", captions withheld" : "")
        return ([heading] + rows.map { row in
            Self.pad(row.0, 24, left: false) + [row.1, row.2, row.3].map { Self.pad($0, 10, left: true) }.joined()
        }).joined(separator: "\n")
    }

    private func percent(_ value: Double) -> String { String(format: "%.2f", value * 100) }

    private static func pad(_ text: String, _ width: Int, left: Bool) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return left ? space + text : text + space
    }
}
