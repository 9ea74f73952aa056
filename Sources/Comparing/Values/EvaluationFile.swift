// Evaluations that `segment evaluate --json` wrote, perhaps on another machine, as runs of a comparison. They hold no masks and no sizes of
// the network, so there are no panels, parameters and rates. Invariant: all are of the same images in the same order.
import Files
import Foundation
import Metrics
import Segmenting

public struct EvaluationFile: Sendable {
    public let run: ComparedRun
    public let shards: String, split: String
    public let ids: [String]
    /// Of each image; nil where it is not known, and in reports of earlier programs.
    public let patients: [String?]
    /// The size at which masks were scored; reports of earlier programs, which do not say it, scored at the network's.
    public let size: ScoringSize

    private struct Document: Decodable {
        struct Calibration: Decodable { let ece: Double? }
        struct Sample: Decodable { let id: String, patient: String?, dice: Double? }
        let checkpoint: String, shards: String, split: String, captions: String?, image: String?, atSize: ScoringSize?, threshold: Double?
        let metrics: [String: Estimate?], imagesWithSurfaces: Int?, calibration: Calibration, samples: [Sample]

        /// How it was not evaluated as a run is: what the network did not get as it is, another threshold. For a run's name.
        var change: String {
            let words = [
                captions.flatMap { $0 == "original" ? nil : "captions \($0)" }, image == "blank" ? "blank images" : nil,
                threshold.flatMap { $0 == 0.5 ? nil : "threshold \($0)" },
            ].compactMap { $0 }
            return words.isEmpty ? "" : " (\(words.joined(separator: ", ")))"
        }
    }

    public static func read(_ paths: [String]) throws(ComparingError) -> [EvaluationFile] {
        let stems = paths.map { stem($0) }
        var files: [EvaluationFile] = []
        for (number, (path, stem)) in zip(paths, stems).enumerated() {
            let identity = FileIdentity(path)
            if paths[..<number].contains(where: { FileIdentity($0).isSame(as: identity) }) {
                throw .givenTwice(label: "--from", path: path)
            }
            let file = try read(path, name: stems.count { $0 == stem } > 1 ? path : stem)
            if let first = files.first {
                if first.split != file.split {
                    throw .otherEvaluation(path: path, first: paths[0], difference: "split \(file.split), not \(first.split)")
                }
                if first.size != file.size {
                    throw .otherEvaluation(
                        path: path, first: paths[0],
                        difference: "--at-size \(file.size.rawValue), not \(first.size.rawValue)")
                }
                if first.ids != file.ids {
                    let count = file.ids.count == first.ids.count ? "" : "\(file.ids.count) images, not \(first.ids.count)"
                    throw .otherEvaluation(
                        path: path, first: paths[0], difference: count.isEmpty ? "other images, or another order" : count)
                }
            }
            files.append(file)
        }
        return files
    }

    /// The patients of the images: of each the first that a file names.
    public static func patients(_ files: [EvaluationFile]) -> [String?] {
        (files.first?.ids.indices ?? 0..<0).map { index in files.lazy.compactMap { $0.patients[index] }.first }
    }

    private static func read(_ path: String, name: String) throws(ComparingError) -> EvaluationFile {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try FileIO.read(path, limit: 1 << 30) } catch { throw .file(error) }
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)), !document.samples.isEmpty else {
            throw .notAnEvaluation(path: path)
        }
        let run = ComparedRun(
            name: name + document.change, checkpoint: document.checkpoint, model: nil, readsText: document.captions != nil, parameters: nil,
            operations: nil, imagesPerSecond: nil, metrics: document.metrics.compactMapValues { $0 },
            imagesWithSurfaces: document.imagesWithSurfaces, ece: document.calibration.ece,
            dice: document.samples.map(\.dice))
        return EvaluationFile(
            run: run, shards: document.shards, split: document.split, ids: document.samples.map(\.id),
            patients: document.samples.map(\.patient), size: document.atSize ?? .model)
    }

    private static func stem(_ path: String) -> String {
        let name = FileIO.lastPart(of: path)
        return name.hasSuffix(".json") && name.count > 5 ? String(name.dropLast(5)) : name
    }
}
