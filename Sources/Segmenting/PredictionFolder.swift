// The folder of many predictions: ID.png of each image, predictions.csv, and predictions.json, which says with what they were made. A
// stopped job goes on in it.
// Invariants: a line of the table stands for files that are whole, and is kept only for the same image, caption, network and precision.
// When all is done, the table has the order of the images, however often the job was stopped.
import Files
import Foundation
import Imaging
import NumPyFiles

public final class PredictionFolder {
    /// What decides predictions; of another folder's they are no part of this one.
    public struct Settings: Codable, Sendable, Equatable {
        public var format = "swift-vlseg predictions 1"
        public var checkpointSHA256: String
        public var textEncoder: String?
        public var precision: String
        public var threshold: Double
        /// Nil for plain probabilities.
        public var temperature: Double?

        public init(model: TrainedModel, precision: String, threshold: Double = 0.5) throws(SegmentingError) {
            checkpointSHA256 = try SegmentingError.wrapping { () throws(FileError) in try Digest.sha256(ofFile: model.checkpoint) }
            textEncoder = model.captions?.encoder.identity
            self.precision = precision
            self.threshold = threshold
            temperature = model.temperature?.value
        }
    }

    public let path: String
    /// Folders for ID.jpg (image and outline) and ID.npy (probabilities at the network's size); nil for none.
    public let overlays: String?, probabilities: String?
    private var lines: [String: String] = [:]
    /// Images that are done.
    public var count: Int { lines.count }
    private var table: GrowingFile?

    public static let tableName = "predictions.csv", settingsName = "predictions.json"

    public init(_ path: String, overlays: String?, probabilities: String?) {
        self.path = path
        self.overlays = overlays
        self.probabilities = probabilities
    }

    public func mask(_ id: String) -> String { PredictionFiles.base(of: id, in: path) + ".png" }
    func overlay(_ id: String) -> String? { overlays.map { PredictionFiles.base(of: id, in: $0) + ".jpg" } }
    func probabilities(_ id: String) -> String? { probabilities.map { PredictionFiles.base(of: id, in: $0) + ".npy" } }
    private var tablePath: String { path + "/" + Self.tableName }
    private var settingsPath: String { path + "/" + Self.settingsName }

    /// Checks, before anything is computed, that no two images have the same files and that no other program's files would be replaced.
    /// - Parameter overwrites: such files may be replaced, and so may predictions of other settings.
    public func check(_ ids: [String], overwrites: Bool) throws(SegmentingError) {
        var seen: [String: String] = [:], foreign: [String] = []
        for id in ids {
            if let other = seen.updateValue(id, forKey: mask(id).lowercased()) {
                throw .sameMask(first: other, second: id, path: mask(id))
            }
            if overwrites { continue }
            for picture in [mask(id), overlay(id)].compactMap({ $0 }) where PredictionFiles.isOther(picture, PictureMark.isOn) {
                foreign.append(picture)
            }
            if let map = probabilities(id), PredictionFiles.isOther(map, NPY.isProbabilities) { foreign.append(map) }
        }
        if !overwrites, FileIO.exists(tablePath), recorded == nil { foreign.append(tablePath) }
        if !foreign.isEmpty { throw .otherFiles(folder: path, paths: foreign) }
    }

    private var recorded: Settings? {
        (try? FileIO.read(settingsPath, limit: 1 << 20)).flatMap { try? JSONDecoder().decode(Settings.self, from: Data($0)) }
    }

    /// Opens the folder and finds what is done.
    /// - Returns: the items that are left.
    public func open(
        _ items: [BatchPredictor.Item], _ settings: Settings, overwrites: Bool
    ) throws(SegmentingError) -> [BatchPredictor.Item] {
        let earlier = recorded
        if let earlier, earlier != settings, !overwrites { throw .otherPredictions(folder: path) }
        var left: [BatchPredictor.Item] = []
        if earlier == settings, let text = try? FileIO.readText(tablePath) {
            // A line that was cut off has no end.
            let whole = text.hasSuffix("\n") ? text[...] : text[..<(text.lastIndex(of: "\n") ?? text.startIndex)]
            var known: [String: String] = [:]
            for line in whole.split(separator: "\n").dropFirst() { known[Self.beginning(of: line)] = String(line) }
            for item in items {
                if let line = known[PredictionRow.beginning(item)], isWhole(item) { lines[item.id] = line } else { left.append(item) }
            }
        } else {
            left = items
        }
        for folder in [path, overlays, probabilities].compactMap({ $0 }) {
            try SegmentingError.wrapping { () throws(FileError) in try FileIO.createFolder(folder) }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let record = ((try? encoder.encode(settings)).map { Array($0) } ?? []) + [UInt8(ascii: "\n")]
        // The table first: settings beside a table of others would make its lines count.
        try writeTable(items)
        try SegmentingError.wrapping { () throws(FileError) in
            try FileIO.writeAtomically(record, to: settingsPath)
            table = try GrowingFile(tablePath, keeping: FileIO.size(tablePath))
        }
        return left
    }

    /// The first three fields of a line, with the comma behind them.
    private static func beginning(of line: Substring) -> String {
        var commas = 0, isQuoted = false
        for place in line.indices {
            if line[place] == "\"" { isQuoted.toggle() }
            if line[place] == ",", !isQuoted {
                commas += 1
                if commas == 3 { return String(line[...place]) }
            }
        }
        return String(line)
    }

    /// All files of an item are there, and none is older than its image.
    private func isWhole(_ item: BatchPredictor.Item) -> Bool {
        func date(_ path: String) -> Date? {
            (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
        }
        let image: Date? = if case .file(let path) = item.source { date(path) } else { nil }
        for path in [mask(item.id), overlay(item.id), probabilities(item.id)].compactMap({ $0 }) {
            guard let written = date(path) else { return false }
            if let image, image > written { return false }
        }
        return true
    }

    /// The files of a prediction; several threads may call it for different items.
    static func write(_ made: BatchPredictor.Made, mask: String, overlay: String?, probabilities: String?) throws(SegmentingError) {
        if let overlay, let image = made.image {
            let picture: Raster
            do throws(ImagingError) {
                picture = try Overlay.outline(
                    mask: made.mask, on: image, thickness: max(1, min(image.width, image.height) / 250))
            } catch { throw .image(path: overlay, error) }
            try PredictionFiles.writePicture(picture, to: overlay)
        }
        if let probabilities { try PredictionFiles.writeProbabilities(made.map, to: probabilities) }
        try PredictionFiles.writePicture(Mask.picture(of: made.mask), to: mask)
    }

    /// Adds the line of an item whose files are written.
    public func add(_ row: PredictionRow) throws(SegmentingError) {
        lines[row.id] = row.line
        try SegmentingError.wrapping { () throws(FileError) in try table?.append(line: row.line) }
    }

    /// Writes the table in the order of the items.
    public func finish(_ items: [BatchPredictor.Item]) throws(SegmentingError) {
        table = nil
        try writeTable(items)
    }

    private func writeTable(_ items: [BatchPredictor.Item]) throws(SegmentingError) {
        let text = ([PredictionRow.header] + items.compactMap { lines[$0.id] }).map { $0 + "\n" }.joined()
        try SegmentingError.wrapping { () throws(FileError) in try FileIO.writeAtomically(text, to: tablePath) }
    }
}
