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
        /// What further networks are, whose probabilities are averaged with the first one's; nil for one network.
        public var others: [Member]?
        /// How several predictions were made; nil for one.
        public var uncertainty: String?
        /// The identity of the shards that the images are read from; nil for files.
        public var shards: String?

        public struct Member: Codable, Sendable, Equatable {
            public var checkpointSHA256: String
            public var textEncoder: String?
            public var temperature: Double?

            init(_ model: TrainedModel) throws(SegmentingError) {
                checkpointSHA256 = try SegmentingError.wrapping { () throws(FileError) in try Digest.sha256(ofFile: model.checkpoint) }
                textEncoder = model.captions?.encoder.identity
                temperature = model.temperature?.value
            }
        }

        public init(
            models: [TrainedModel], precision: String, threshold: Double = 0.5, uncertainty: UncertaintyKind? = nil, shards: String? = nil
        ) throws(SegmentingError) {
            var members: [Member] = []
            for model in models { members.append(try Member(model)) }
            let first = members.removeFirst()
            checkpointSHA256 = first.checkpointSHA256
            textEncoder = first.textEncoder
            temperature = first.temperature
            others = members.isEmpty ? nil : members
            self.precision = precision
            self.threshold = threshold
            self.uncertainty = uncertainty?.name
            self.shards = shards
        }
    }

    public let path: String
    /// Folders for ID.jpg (image and outline) and ID.npy (probabilities at the network's size); nil for none.
    public let overlays: String?, probabilities: String?
    /// A folder for ID.png, the picture of the predictive entropy at the image's size; nil for none.
    public let uncertainty: String?
    /// Decides the table's columns.
    private var kind: UncertaintyKind?
    private var lines: [String: String] = [:]
    /// Images that are done.
    public var count: Int { lines.count }
    private var table: GrowingFile?

    public static let tableName = "predictions.csv", settingsName = "predictions.json"

    public init(_ path: String, overlays: String?, probabilities: String?, uncertainty: String? = nil) {
        self.path = path
        self.overlays = overlays
        self.probabilities = probabilities
        self.uncertainty = uncertainty
    }

    /// The files of one image.
    struct Paths: Sendable {
        let mask: String
        let overlay: String?, probabilities: String?, uncertainty: String?

        var pictures: [String] { [mask, overlay, uncertainty].compactMap { $0 } }
        var all: [String] { pictures + [probabilities].compactMap { $0 } }
    }

    func paths(_ id: String) -> Paths {
        func file(_ folder: String?, _ ending: String) -> String? { folder.map { PredictionFiles.base(of: id, in: $0) + ending } }
        return Paths(
            mask: mask(id), overlay: file(overlays, ".jpg"), probabilities: file(probabilities, ".npy"),
            uncertainty: file(uncertainty, ".png"))
    }

    public func mask(_ id: String) -> String { PredictionFiles.base(of: id, in: path) + ".png" }
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
            let paths = paths(id)
            foreign += paths.pictures.filter { PredictionFiles.isOther($0, PictureMark.isOn) }
            foreign += [paths.probabilities].compactMap { $0 }.filter { PredictionFiles.isOther($0, NPY.isProbabilities) }
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
        kind = settings.uncertainty.flatMap(UncertaintyKind.init)
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
        for folder in [path, overlays, probabilities, uncertainty].compactMap({ $0 }) {
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
        for path in paths(item.id).all {
            guard let written = date(path) else { return false }
            if let image, image > written { return false }
        }
        return true
    }

    /// The files of a prediction; several threads may call it for different items.
    static func write(_ made: BatchPredictor.Made, to paths: Paths) throws(SegmentingError) {
        if let overlay = paths.overlay, let image = made.image {
            try PredictionFiles.writeOverlay(mask: made.mask, on: image, to: overlay)
        }
        if let probabilities = paths.probabilities { try PredictionFiles.writeProbabilities(made.map, to: probabilities) }
        if let path = paths.uncertainty, let maps = made.uncertainty {
            try PredictionFiles.writeEntropy(maps, like: made.map, mask: made.mask, to: path)
        }
        try PredictionFiles.writePicture(Mask.picture(of: made.mask), to: paths.mask)
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
        let text = ([PredictionRow.header(kind)] + items.compactMap { lines[$0.id] }).map { $0 + "\n" }.joined()
        try SegmentingError.wrapping { () throws(FileError) in try FileIO.writeAtomically(text, to: tablePath) }
    }
}
