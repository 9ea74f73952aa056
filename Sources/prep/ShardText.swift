// The report of `prep shard` as lines for a person or as one JSON object.
import CommandLineTool
import Foundation
import Shards

enum ShardText {
    static func print(_ report: ShardReport, asJSON: Bool, to input: CommandInput) {
        if asJSON { return input.printJSON(json(report)) }
        for part in report.parts {
            let size = String(format: "%.1f MB", Double(part.bytes) / 1e6)
            let state =
                part.wasUpToDate ? "up to date" : part.reused > 0 ? "written, \(part.reused) shards of the stopped run used" : "written"
            input.print(
                "\(report.folder)/\(part.split.rawValue): \(counted(part.samples, "sample")), \(counted(part.shards, "shard")), "
                    + "\(size), \(state)"
            )
        }
        input.print(
            "\(report.dataset): \(report.channels == 1 ? "grey" : "RGB") images, \(captions(report))"
        )
    }

    private static func captions(_ report: ShardReport) -> String {
        guard report.hasCaptions else { return "captions: none" }
        guard let size = report.vocabularySize else { return "captions without tokens" }
        return "vocabulary of \(size) tokens, \(counted(report.truncatedCaptions, "caption")) cut to the token length, "
            + "\(report.captionsWithUnknowns) with unknown words"
    }

    private static func json(_ report: ShardReport) -> String {
        struct Part: Encodable {
            let split: String
            let samples: Int, shards: Int, bytes: Int
            let upToDate: Bool
            let reused: Int
        }
        struct Whole: Encodable {
            let dataset: String, folder: String
            let channels: Int
            let captions: String, vocabularySize: Int?
            let builtVocabulary: Bool
            let truncatedCaptions: Int, captionsWithUnknowns: Int
            let splits: [Part]
        }
        let whole = Whole(
            dataset: report.dataset, folder: report.folder, channels: report.channels,
            captions: !report.hasCaptions ? "none" : report.vocabularySize == nil ? "text" : "text and tokens",
            vocabularySize: report.vocabularySize, builtVocabulary: report.builtVocabulary, truncatedCaptions: report.truncatedCaptions,
            captionsWithUnknowns: report.captionsWithUnknowns,
            splits: report.parts.map {
                Part(
                    split: $0.split.rawValue, samples: $0.samples, shards: $0.shards, bytes: $0.bytes, upToDate: $0.wasUpToDate,
                    reused: $0.reused)
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Numbers, strings and flags only: encoding cannot fail.
        return (try? encoder.encode(whole)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
