// The run folders of a comparison, checked before anything is computed: each is a run with a checkpoint, none is given twice, and all were
// trained on the shards that they are compared on. Not for loading a network.
import Files
import Foundation
import Segmenting
import Shards
import Training

public struct RunCandidate: Sendable {
    public let folder: RunFolder
    /// The folder's own name, or its path where two have the same.
    public let name: String
    public let configuration: RunConfiguration
    /// The splits of the comparison's shards that the run was not trained with.
    public let otherSplits: [String]

    /// - Parameters:
    ///   - shards: the folder on which the runs are compared.
    ///   - acceptsOtherShards: runs that were trained on other shards are marked in place of refused.
    public static func open(_ paths: [String], shards: String, acceptsOtherShards: Bool) throws(ComparingError) -> [RunCandidate] {
        for (number, path) in paths.enumerated() {
            let identity = FileIdentity(path)
            if paths[..<number].contains(where: { FileIdentity($0).isSame(as: identity) }) { throw .givenTwice(label: "RUN", path: path) }
            try check(path)
        }
        let train = try fingerprint(shards, "train"), validation = try fingerprint(shards, "val")
        let names = paths.map(FileIO.lastPart)
        var candidates: [RunCandidate] = []
        for (path, name) in zip(paths, names) {
            let folder = RunFolder(path)
            let configuration = try training { () throws(TrainingError) in try RunConfiguration.read(folder.configuration) }
            let others = [
                configuration.trainFingerprint == train ? nil : "train", configuration.validationFingerprint == validation ? nil : "val",
            ].compactMap { $0 }
            candidates.append(
                RunCandidate(
                    folder: folder, name: names.count { $0 == name } > 1 ? path : name, configuration: configuration, otherSplits: others))
        }
        let strangers = candidates.filter { !$0.otherSplits.isEmpty }
        if !strangers.isEmpty, !acceptsOtherShards {
            throw .otherShards(
                shards: shards, runs: strangers.map { ($0.folder.path, $0.otherSplits, $0.configuration.shards) })
        }
        return candidates
    }

    /// The settings with all that does not change results taken away: paths of what is known by its content, versions.
    public var setting: RunSetting {
        var settings = configuration
        settings.seed = 0
        settings.shards = ""
        settings.textEncoder = nil
        settings.tokenizer?.vocabulary = ""
        settings.programVersion = nil
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = (try? encoder.encode(settings)).map { String(decoding: $0, as: UTF8.self) }
        // A run that cannot be written as JSON is like no other.
        return RunSetting(identity: text ?? folder.path, seed: configuration.seed)
    }

    private static func check(_ path: String) throws(ComparingError) {
        let folder = RunFolder(path)
        guard !FileIO.exists(folder.configuration) else {
            if !FileIO.exists(folder.best) { throw .noCheckpoint(run: path) }
            return
        }
        if FileIO.isFolder(path) {
            let runs = ((try? FileIO.list(path)) ?? []).filter { FileIO.exists(RunFolder(path + "/" + $0).configuration) }
            throw .notARun(
                path: path,
                hint: runs.isEmpty ? "" : "; it holds the runs \(runs.joined(separator: ", ")): give these, such as \(path)/\(runs[0])")
        }
        let near = FileIO.neighboursHint(of: path) { FileIO.exists(RunFolder($0).configuration) }
        throw .notARun(path: path, hint: FileIO.isFile(path) ? ", found a file" : "; there is no such folder\(near)")
    }

    /// Nil where the shards have no such split.
    private static func fingerprint(_ shards: String, _ split: String) throws(ComparingError) -> String? {
        guard FileIO.isFolder(shards + "/" + split) else { return nil }
        return try training { () throws(TrainingError) in try RunPreparation.open(shards, split: split) }.identity
    }

    static func training<T>(_ body: () throws(TrainingError) -> T) throws(ComparingError) -> T {
        do throws(TrainingError) { return try body() } catch { throw .segmenting(.training(error)) }
    }
}
