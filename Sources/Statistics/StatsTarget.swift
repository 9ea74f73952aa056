// What an argument of `prep stats` means: a shard folder, a folder of manifests, or a manifest's name.
import Datasets
import Files
import Foundation

public enum StatsTarget: Sendable, Equatable {
    /// `only` is a split if the argument names its folder (shards/NAME/train).
    case shards(folder: String, only: Split?)
    case manifests(folder: String, names: [String])

    /// - Parameter word: nil means all manifests of the folder `manifests`.
    public init(_ word: String?, manifests: String) throws(StatisticsError) {
        guard let word else {
            self = try Self.all(in: manifests)
            return
        }
        let folder = word.count > 1 && word.hasSuffix("/") ? String(word.dropLast()) : word
        if !DatasetStatistics.shardSplits(in: folder).isEmpty {
            self = .shards(folder: folder, only: nil)
        } else if let (parent, split) = Self.oneSplit(folder) {
            self = .shards(folder: parent, only: split)
        } else if folder == word,
            FileIO.isFile(Manifest.path(folder: manifests, name: word)) || !FileIO.isFolder(word) && !word.contains("/")
        {
            // The reader reports a manifest that cannot be read; it names the existing manifests.
            self = .manifests(folder: manifests, names: [word])
        } else {
            self = try Self.all(in: folder)
        }
    }

    private static func oneSplit(_ folder: String) -> (folder: String, split: Split)? {
        let path = FileIO.absolute(folder)
        guard let split = Split(rawValue: FileIO.lastPart(of: path)) else { return nil }
        let parent = FileIO.parent(of: path)
        return DatasetStatistics.shardSplits(in: parent).contains(split) ? (parent, split) : nil
    }

    private static func all(in folder: String) throws(StatisticsError) -> StatsTarget {
        let names: [String]
        do { names = FileIO.isFolder(folder) ? try Manifest.names(in: folder) : [] } catch { throw .dataset(error) }
        if names.isEmpty {
            throw .nothingThere(path: folder, looked: ["manifests (*.jsonl)", "shards (train/index.json and so on)"])
        }
        return .manifests(folder: folder, names: names)
    }
}

extension DatasetStatistics {
    /// A JSON list with sorted keys.
    public static func jsonText(_ all: [DatasetStatistics]) -> String {
        String(decoding: StableJSON.encode(all, pretty: true).dropLast(), as: UTF8.self)
    }
}
