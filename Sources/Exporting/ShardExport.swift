// Exports shards as files that other programs read: a plain folder, or tar shards for WebDataset.
// Not for the layout of either (FolderExport, WebDatasetExport).
// Invariants: the result appears under its name only when it is whole. A stopped export continues from its finished files. Files that this
// program did not write are not changed. The same shards give the same bytes.
import Datasets
import Files
import Foundation
import Shards

public enum ExportFormat: String, Sendable, CaseIterable { case webdataset, folder }

public struct ExportOptions: Sendable {
    public var format: ExportFormat
    /// Number of samples per tar file.
    public var samplesPerTar = 500
    public var threads = 1

    public init(format: ExportFormat) { self.format = format }
}

public struct ExportReport: Sendable {
    public struct Part: Sendable {
        public let split: String
        public let samples: Int
        /// Number of tar files; 0 for a folder.
        public let tars: Int
    }

    public let folder: String
    public let parts: [Part]
    /// True if the whole export existed already.
    public let wasUpToDate: Bool
    /// Number of files that were kept from a stopped run.
    public let reused: Int
    /// Whether the samples have captions.
    public let hasCaptions: Bool

    /// The DATASET by which `prep ingest` reads a folder back.
    public var dataset: DatasetKind {
        hasCaptions || parts.contains { FolderExport.splitFolders[$0.split] == nil } ? .kvasir : .lvit
    }
}

public enum ShardExport {
    /// The record of an export's source; a folder with this file is an export of this program.
    public static let recordName = "export.json"
    static let partialSuffix = ".partial-export"

    /// Exports shards/NAME with all its splits, or the folder of one split, to `folder`.
    public static func run(
        shards: String, to folder: String, options: ExportOptions, progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(ExportError) -> ExportReport {
        let target = FileIO.absolute(folder)
        let splits = try open(shards)
        let record = ExportRecord(options, splits: splits)
        let hasCaptions = splits.contains { $0.set.hasCaptions }
        if FileIO.exists(target) {
            switch try state(of: target, record) {
            case .same:
                return ExportReport(folder: folder, parts: parts(splits, options), wasUpToDate: true, reused: 0, hasCaptions: hasCaptions)
            case .empty: break
            }
        }
        let keys = try names(in: splits, options.format)
        let partial = target + partialSuffix
        try prepare(partial, record)
        let counter = ProgressCounter(total: splits.reduce(0) { $0 + $1.set.count }, report: progress)
        var reused = 0
        for (split, keys) in zip(splits, keys) {
            switch options.format {
            case .folder:
                reused += try FolderExport(folder: partial, threads: options.threads, counter: counter, cancellation: cancellation).write(
                    split)
            case .webdataset:
                reused += try WebDatasetExport(folder: partial, keys: keys, options: options, counter: counter, cancellation: cancellation)
                    .write(split)
            }
        }
        if cancellation.isCancelled { throw .cancelled }
        try publish(partial, as: target)
        return ExportReport(folder: folder, parts: parts(splits, options), wasUpToDate: false, reused: reused, hasCaptions: hasCaptions)
    }

    /// The samples' names by split: keys for tar files, ids for a folder. All names are computed before anything is written.
    private static func names(in splits: [ExportSplit], _ format: ExportFormat) throws(ExportError) -> [[String]] {
        var ids: [[String]] = []
        for split in splits { ids.append(try self.ids(of: split)) }
        if format == .webdataset {
            let all = Set(ids.joined())
            var keys: [[String]] = []
            for (split, ids) in zip(splits, ids) { keys.append(try WebDatasetKeys.of(ids, among: all, folder: split.set.folder)) }
            return keys
        }
        var seen: [String: String] = [:]
        for (split, ids) in zip(splits, ids) {
            for id in ids {
                guard let other = seen.updateValue(split.name, forKey: id) else { continue }
                throw other == split.name
                    ? .sameName(first: id, second: id, folder: split.set.folder) : .inTwoSplits(id: id, first: other, second: split.name)
            }
        }
        return ids
    }

    private static func parts(_ splits: [ExportSplit], _ options: ExportOptions) -> [ExportReport.Part] {
        splits.map { split in
            let tars = options.format == .folder ? 0 : (split.set.count + options.samplesPerTar - 1) / options.samplesPerTar
            return ExportReport.Part(split: split.name, samples: split.set.count, tars: tars)
        }
    }

    private static func open(_ shards: String) throws(ExportError) -> [ExportSplit] {
        let own = FileIO.exists(shards + "/" + MDSIndex.name)
        let names = own ? [] : Split.allCases.map(\.rawValue).filter { FileIO.exists("\(shards)/\($0)/\(MDSIndex.name)") }
        var splits: [ExportSplit] = []
        do throws(ShardError) {
            if own { splits = [ExportSplit(name: FileIO.lastPart(of: FileIO.absolute(shards)), set: try ShardSet(folder: shards))] }
            for name in names { splits.append(ExportSplit(name: name, set: try ShardSet(folder: "\(shards)/\(name)"))) }
        } catch { throw .shards(error) }
        if splits.isEmpty { throw .notShards(path: shards, hint: ShardAdvice.hint(for: shards)) }
        return splits
    }

    /// The samples' ids in order. Ids that cannot be file names are refused before anything is written.
    private static func ids(of split: ExportSplit) throws(ExportError) -> [String] {
        var ids: [String] = []
        for index in 0..<split.set.count {
            let id: String
            do throws(ShardError) { id = try split.set.texts(of: index).id } catch { throw .shards(error) }
            guard !id.isEmpty, id.utf8.count <= 200, !id.hasPrefix("."), !id.contains("/"),
                !id.unicodeScalars.contains(where: { $0.value < 32 })
            else {
                throw .badID(id: id, folder: split.set.folder)
            }
            ids.append(id)
        }
        return ids
    }

    private enum Found { case same, empty }

    private static func state(of target: String, _ record: ExportRecord) throws(ExportError) -> Found {
        guard FileIO.isFolder(target) else { throw .occupied(path: target, found: ["a file"]) }
        let names = try ExportError.wrapping { () throws(FileError) in try FileIO.list(target) }
        if names.isEmpty { return .empty }
        guard names.contains(recordName) else { throw .occupied(path: target, found: names) }
        guard try ExportRecord.read(target) == record else { throw .otherExport(path: target) }
        return .same
    }

    /// The folder that the export is written to: the folder of a stopped run of the same export, or a new one.
    private static func prepare(_ partial: String, _ record: ExportRecord) throws(ExportError) {
        if FileIO.exists(partial) {
            guard FileIO.exists(partial + "/" + recordName) else { throw .occupied(path: partial, found: []) }
            guard try ExportRecord.read(partial) == record else { throw .otherExport(path: partial) }
            return
        }
        try ExportError.wrapping { () throws(FileError) in
            try FileIO.createFolder(partial)
            try record.write(partial)
        }
    }

    private static func publish(_ partial: String, as target: String) throws(ExportError) {
        // The target may be an empty folder; rename replaces it.
        guard rename(partial, target) == 0 else {
            throw .file(.unwritable(path: target, reason: String(cString: strerror(errno))))
        }
    }
}

/// One split to export.
struct ExportSplit: Sendable {
    let name: String
    let set: ShardSet
}

/// The source of an export.
struct ExportRecord: Codable, Equatable {
    var formatVersion = 1
    let format: String
    let samplesPerTar: Int?
    /// Per split, the hash of its index.
    let splits: [String: String]

    init(_ options: ExportOptions, splits: [ExportSplit]) {
        format = options.format.rawValue
        samplesPerTar = options.format == .webdataset ? options.samplesPerTar : nil
        self.splits = Dictionary(uniqueKeysWithValues: splits.map { ($0.name, Digest.sha256($0.set.index.text)) })
    }

    func write(_ folder: String) throws(FileError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        // Strings and numbers only: encoding cannot fail.
        let data = (try? encoder.encode(self)) ?? Data()
        try FileIO.writeAtomically(Array(data) + [10], to: folder + "/" + ShardExport.recordName)
    }

    static func read(_ folder: String) throws(ExportError) -> ExportRecord? {
        let bytes = try ExportError.wrapping { () throws(FileError) in
            try FileIO.read(folder + "/" + ShardExport.recordName, limit: 1 << 20)
        }
        return try? JSONDecoder().decode(ExportRecord.self, from: Data(bytes))
    }
}
