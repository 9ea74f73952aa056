// The comparison as JSON (docs/reference/comparison.md): all figures of each run with the Dice of each image, tests, spread over seeds,
// published figures, the images to look at. Names are those of `segment evaluate --json`.
import Foundation
import Metrics

extension Comparison {
    private struct Document: Codable {
        /// Without `units` in files of earlier programs.
        struct Intervals: Codable { let method: String, level: Double, units: Int?, resamples: Int }
        struct Calibration: Codable { let ece: Double? }
        struct Sample: Codable { let id: String, patient: String?, dice: Double? }
        struct Test: Codable {
            let images: Int, difference: Estimate, p: Double?, signedRanks: SignedRankTest, rankBiserial: Double, holm: Double
        }
        struct Run: Codable {
            let name: String, checkpoint: String, network: String?, readsText: Bool?, seed: UInt64?
            let parameters: Int?, operations: Double?, imagesPerSecond: Double?
            let metrics: [String: Estimate?], imagesWithSurfaces: Int?, calibration: Calibration, comparison: Test?, otherShards: [String],
                samples: [Sample]
        }
        struct Seeds: Codable { let runs: [String], figures: [String: RunSpread] }
        struct Published: Codable {
            struct Row: Codable { let name: String, readsText: Bool?, figures: [String: Double] }
            let source: String, dataset: String?, rows: [Row]
        }
        struct Cases: Codable { let worst: [String], different: [String] }

        let shards: String, split: String, images: Int, reference: String, intervals: Intervals?, timing: String?
        let runs: [Run], seeds: [Seeds], published: [Published], cases: Cases, notes: [String]
    }

    public func json(_ cases: CaseSelection) throws -> [UInt8] {
        let document = Document(
            shards: shards, split: split, images: ids.count, reference: reference,
            intervals: intervals.map { .init(method: $0.method, level: $0.level, units: $0.units, resamples: $0.resamples) },
            timing: timing, runs: zip(runs, tests).map(run),
            seeds: seeds.map { group in
                let spreads = ComparisonFigure.all.compactMap { figure in group.spread(figure, in: self).map { (figure.key, $0) } }
                return .init(runs: group.members.map { runs[$0].name }, figures: Dictionary(uniqueKeysWithValues: spreads))
            },
            published: published.map { source in
                .init(
                    source: source.source, dataset: source.dataset,
                    rows: source.rows.map { .init(name: $0.name, readsText: $0.readsText, figures: $0.figures) })
            },
            cases: .init(worst: cases.worst.map { ids[$0] }, different: cases.different.map { ids[$0] }), notes: notes)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(document)) + [UInt8(ascii: "\n")]
    }

    private func run(_ run: ComparedRun, _ test: Test?) -> Document.Run {
        Document.Run(
            name: run.name, checkpoint: run.checkpoint, network: run.model, readsText: run.readsText, seed: run.setting?.seed,
            parameters: run.parameters, operations: run.operations, imagesPerSecond: run.imagesPerSecond,
            metrics: Dictionary(uniqueKeysWithValues: MetricList.all.map { ($0.key, run.metrics[$0.key]) }),
            imagesWithSurfaces: run.imagesWithSurfaces, calibration: .init(ece: run.ece),
            comparison: test.map {
                .init(
                    images: $0.paired.images, difference: $0.paired.difference, p: $0.paired.p, signedRanks: $0.paired.signedRanks,
                    rankBiserial: $0.paired.signedRanks.rankBiserial, holm: $0.holm)
            }, otherShards: run.otherSplits,
            samples: ids.indices.map { .init(id: ids[$0], patient: patients[$0], dice: run.dice[$0]) })
    }

    static func isJSON(_ bytes: [UInt8]) -> Bool { (try? JSONDecoder().decode(Document.self, from: Data(bytes))) != nil }
}
