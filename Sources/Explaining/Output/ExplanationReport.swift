// The figures of explanations as JSON (docs/guide/explaining.md). Written with no samples before the first panel and again after each, so
// that the folder of a stopped run, and every file in it, is known as an explanation's own.
import Files
import Foundation
import Text

public struct ExplanationReport: Encodable {
    static let kind = "explanations of segment"

    struct Effect: Encodable {
        let change: String, word: String?, wordKind: String?, caption: String, unchanged: String?
        let area: Double, areaChange: Double, meanChange: Double, largestChange: Double, agreement: Double
        let dice: Double?, diceChange: Double?

        init(_ effect: WordEffect) {
            switch effect.change {
            case .without(let changed): (change, word, wordKind) = ("without", changed.text, changed.kind.rawValue)
            case .variant(let variant): (change, word, wordKind) = (variant.name, nil, nil)
            }
            caption = effect.caption
            unchanged = effect.unchanged?.rawValue
            area = effect.area
            areaChange = effect.areaChange
            meanChange = effect.meanChange
            largestChange = effect.largestChange
            agreement = effect.agreement
            dice = effect.dice
            diceChange = effect.diceChange
        }
    }

    struct Stage: Encodable {
        struct Word: Encodable { let word: String, share: Double }
        let stage: String, height: Int, width: Int, heads: Int, words: [Word]
    }

    struct Sample: Encodable {
        let id: String, caption: String?, dice: Double?, area: Double, target: String
        let files: [String], words: [Effect], attention: [Stage]

        init(_ explanation: Explanation, files: [String]) {
            id = explanation.sample.id
            caption = explanation.sample.caption
            dice = explanation.dice
            area = explanation.area
            target = explanation.target
            self.files = files
            words = explanation.effects.map(Effect.init)
            attention = explanation.attention.map { stage in
                Stage(
                    stage: stage.stage, height: stage.height, width: stage.width, heads: stage.heads.count,
                    words: explanation.words.filter { !$0.tokens.isEmpty }.map {
                        Stage.Word(word: $0.word.text, share: stage.share(of: $0.tokens))
                    })
            }
        }
    }

    struct Tap: Encodable { let name: String, height: Int, width: Int, channels: Int }

    let kind = ExplanationReport.kind
    let checkpoint: String, model: String, methods: [String], taps: [Tap]
    var samples: [Sample] = []

    init(_ explainer: Explainer) {
        checkpoint = explainer.model.checkpoint
        model = explainer.model.network.descriptor.name
        methods = explainer.methods.map(\.rawValue)
        taps = explainer.taps.map { Tap(name: $0.name, height: $0.height, width: $0.width, channels: $0.channels) }
    }

    private struct Outline: Decodable {
        struct Sample: Decodable { let files: [String] }
        let kind: String, samples: [Sample]
    }

    /// The report at a path; nil if there is none, or another file.
    private static func outline(_ path: String) -> Outline? {
        guard let bytes = try? FileIO.read(path, limit: 1 << 28),
            let outline = try? JSONDecoder().decode(Outline.self, from: Data(bytes)), outline.kind == kind
        else { return nil }
        return outline
    }

    /// Whether the file at a path is such a report.
    static func isReport(_ path: String) -> Bool { outline(path) != nil }

    /// The names of the files that the explanation of a folder wrote, without explanations.json; none if the folder holds no explanation.
    static func files(of folder: String) -> [String] {
        guard let outline = outline(folder + "/explanations.json") else { return [] }
        // A report that was edited does not lead out of its folder, or to files of another kind.
        let names = outline.samples.flatMap(\.files).filter { name in
            !name.contains("/") && (name.hasSuffix(".png") || name.hasSuffix(".npy"))
        }
        return names + ["index.html"]
    }

    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Plain numbers and texts: encoding them does not fail. A value that is no number would; such are refused before.
        return Array((try? encoder.encode(self)) ?? Data()) + [UInt8(ascii: "\n")]
    }
}
