// Complete commands and paths for messages about shard folders: how to make matching shards, and which folder was meant.
import Datasets
import Files
import Foundation

public enum ShardAdvice {
    /// The command that makes a set's shards again with other settings, such as `prep shard kvasir --size 224 --overwrite`.
    /// - Parameter shards: the set's folder, OUT/NAME.
    public static func remaking(_ shards: String, size: Int? = nil) -> String {
        let full = FileIO.absolute(shards)
        let out = FileIO.parent(of: full)
        var words = ["prep", "shard", ShellWord.quoted(FileIO.lastPart(of: full))]
        if let size { words += ["--size", "\(size)"] }
        if out != FileIO.absolute("shards") {
            let given = FileIO.parent(of: shards)
            words += ["--out", ShellWord.quoted(shards.hasPrefix("/") || given.isEmpty ? out : given)]
        }
        return (words + ["--overwrite"]).joined(separator: " ")
    }

    /// The set's folder, if the given path is one of its splits or an index.json; nil otherwise.
    public static func setFolder(insteadOf given: String) -> String? {
        let path = trimmed(given)
        let folder = FileIO.lastPart(of: path) == MDSIndex.name ? parent(path) : path
        let isSplit = FileIO.exists(folder + "/" + MDSIndex.name)
        let set = isSplit ? parent(folder) : folder
        return set != path && (isSplit || holdsSplits(set)) ? set : nil
    }

    /// The hint, such as "give the set's folder, shards/kvasir", or the names of the sets in the folder; nil if neither applies.
    public static func hint(for given: String) -> String? {
        if let set = setFolder(insteadOf: given) { return "give the set's folder, \(set)" }
        if !FileIO.exists(given) { return "there is no such folder" + FileIO.neighboursHint(of: given, where: holdsSplits) }
        let sets = ((try? FileIO.list(trimmed(given))) ?? []).filter { holdsSplits(trimmed(given) + "/" + $0) }
        guard !sets.isEmpty else { return nil }
        return "it holds the shards of \(sets.prefix(8).joined(separator: ", ")): give one of them, such as \(trimmed(given))/\(sets[0])"
    }

    /// The folder to read: if an index.json was given, the folder that contains it.
    public static func folder(ofIndex given: String) -> String? {
        FileIO.lastPart(of: given) == MDSIndex.name && FileIO.isFile(given) ? parent(given) : nil
    }

    static func holdsSplits(_ folder: String) -> Bool {
        Split.allCases.contains { FileIO.exists("\(folder)/\($0.rawValue)/\(MDSIndex.name)") }
    }

    private static func trimmed(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? trimmed(String(path.dropLast())) : path
    }

    private static func parent(_ path: String) -> String {
        let above = FileIO.parent(of: path)
        // For "train" alone, the working folder is the set's folder.
        return above.isEmpty ? "." : above
    }
}
