// calibration.json: what `segment calibrate` found on the validation split. Invariant: it belongs to the weights whose hash it records, and
// is refused for others.
import Files
import Foundation
import Metrics
import WeightFiles

/// A threshold chosen on validation.
public struct ThresholdChoice: Codable, Sendable, Equatable {
    public let threshold: Double
    /// The Dice that it was chosen for, and the Dice at 0.5.
    public let dice: Double, diceAtHalf: Double
}

/// Which Dice a threshold is the best for.
public enum BestThreshold: String, Codable, Sendable, CaseIterable {
    /// The mean of the images' Dice.
    case images = "best"
    /// The Dice over all pixels.
    case pixels = "best-pixels"
}

public struct SavedCalibration: Codable, Sendable {
    static let formatName = "swift-vlseg calibration", version = 1

    let format: String, formatVersion: Int
    public let checkpoint: String
    let checkpointSHA256: String
    public let shards: String, split: String
    /// The variant of the captions; nil for a network that reads none.
    public let captions: String?
    public let images: Int
    public let temperature: Temperature
    /// Figures of the split's probabilities without and with the temperature.
    public let before: CalibrationFigures, after: CalibrationFigures
    /// Of the probabilities without temperature.
    public let bestForImages: ThresholdChoice, bestForPixels: ThresholdChoice

    /// The threshold of a choice.
    /// - Parameter tempered: for probabilities at the temperature; the masks are those of the probabilities without it.
    public func threshold(_ choice: BestThreshold, tempered: Bool) -> Double {
        let plain = (choice == .images ? bestForImages : bestForPixels).threshold
        guard tempered, plain > 0, plain < 1 else { return plain }
        return 1 / (1 + exp(-log(plain / (1 - plain)) / temperature.value))
    }

    // MARK: Files

    /// The file of a checkpoint: calibration.json beside a run's best.safetensors, else NAME.calibration.json.
    public static func path(of checkpoint: String) -> String {
        let name = (checkpoint as NSString).lastPathComponent
        if name == "best.safetensors" { return FileIO.sibling(of: checkpoint, named: "calibration.json") }
        return FileIO.sibling(of: checkpoint, named: (name as NSString).deletingPathExtension + ".calibration.json")
    }

    /// The command that writes a checkpoint's file.
    /// - Parameter shards: nil if they are not known.
    static func command(for checkpoint: String, shards: String?) -> String {
        let name = (checkpoint as NSString).lastPathComponent, folder = FileIO.parent(of: checkpoint)
        let isRun = name == "best.safetensors" && FileIO.exists(FileIO.sibling(of: checkpoint, named: "config.json"))
        let what = isRun ? "--run \(ShellWord.quoted(folder.isEmpty ? "." : folder))" : "--checkpoint \(ShellWord.quoted(checkpoint))"
        return "segment calibrate \(what) --shards \(shards.map { ShellWord.quoted($0) } ?? "DIR")"
    }

    /// The hash of a checkpoint's weights; of several files, the hash of their hashes.
    static func identity(of checkpoint: String) throws(SegmentingError) -> String {
        try SegmentingError.wrapping { () throws(FileError) in
            var hashes: [String] = []
            for path in (try? WeightFile.files(of: checkpoint)) ?? [checkpoint] { hashes.append(try Digest.sha256(ofFile: path)) }
            return hashes.count == 1 ? hashes[0] : Digest.sha256(hashes.joined())
        }
    }

    /// Whether the file at a path is one of these, of any version.
    public static func isOne(_ path: String) -> Bool {
        struct Outline: Decodable { let format: String }
        guard let bytes = try? FileIO.read(path, limit: 1 << 24),
            let outline = try? JSONDecoder().decode(Outline.self, from: Data(bytes))
        else { return false }
        return outline.format == formatName
    }

    /// Reads a checkpoint's calibration.
    /// - Parameters:
    ///   - path: nil for the checkpoint's own file.
    ///   - shards: for the advice of an error.
    /// - Throws: `calibrationMissing`, `calibrationUnreadable`, or `calibrationOfOther` if it is of other weights.
    public static func read(_ path: String? = nil, for checkpoint: String, shards: String?) throws(SegmentingError) -> SavedCalibration {
        let path = path ?? Self.path(of: checkpoint), command = command(for: checkpoint, shards: shards)
        guard FileIO.exists(path) else { throw .calibrationMissing(path: path, command: command) }
        let bytes = try SegmentingError.wrapping { () throws(FileError) in try FileIO.read(path, limit: 1 << 24) }
        guard let saved = try? JSONDecoder().decode(SavedCalibration.self, from: Data(bytes)), saved.format == formatName,
            saved.formatVersion == version, saved.temperature.value > 0, saved.temperature.value.isFinite
        else { throw .calibrationUnreadable(path: path, command: command) }
        guard try identity(of: checkpoint) == saved.checkpointSHA256 else {
            throw .calibrationOfOther(path: path, checkpoint: checkpoint, command: command)
        }
        return saved
    }

    public var json: [UInt8] { get throws { try EvaluationReport.json(self) } }
}
