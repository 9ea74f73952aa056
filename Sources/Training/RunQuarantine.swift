// The shards that a run skips (--skip-bad). All shards of both splits are read and checked before the first step. The list is then part of
// the trainer's state, and with the seed it decides the order of the other samples (docs/reference/runs.md). Not for later damage: that
// stops the run with the shard's name, and --resume --skip-bad checks again and extends the list.
import Files
import Shards

/// Called with the number of checked shards of a split and their total; from several threads, but never by two at once.
public typealias ShardCheckProgress = @Sendable (_ split: String, _ done: Int, _ total: Int) -> Void

enum RunQuarantine {
    static let splits = ["train", "val"]

    /// - Parameter recorded: shards that the run to resume already skips; they stay skipped, repaired or not.
    /// - Returns: all shards to skip, the recorded ones first; nil if cancelled.
    static func find(
        _ configuration: RunConfiguration, recorded: [QuarantinedShard], cancellation: Cancellation, progress: ShardCheckProgress? = nil
    ) throws(TrainingError) -> [QuarantinedShard]? {
        var result = recorded
        for split in splits {
            try RunPreparation.checkFolders(configuration.shards, split: split)
            let folder = configuration.shards + "/" + split
            if configuration.skipsBad == true {
                do throws(ShardError) {
                    result += try Quarantine.find(
                        folder: folder, split: split, known: recorded.names(of: split), cancellation: cancellation,
                        progress: { progress?(split, $0, $1) })
                } catch {
                    if case .cancelled = error { return nil }
                    throw .shards(error)
                }
            }
            let bad = result.filter { $0.split == split }
            guard let first = bad.first else { continue }
            let shards = try TrainingError.wrapping { () throws(ShardError) in try MDSIndex.read(folder: folder) }.shards.count
            if bad.count >= shards { throw .noShardLeft(folder: folder, shards: shards, first: first) }
        }
        return result
    }
}

extension [QuarantinedShard] {
    func names(of split: String) -> Set<String> { Set(lazy.filter { $0.split == split }.map(\.shard)) }

    /// The number of skipped shards and of their samples, and the names of the first ones.
    public var summary: String {
        let samples = reduce(0) { $0 + $1.samples }
        let names = prefix(8).map { $0.split + "/" + $0.shard }.joined(separator: ", ")
        return "\(count) bad shard\(count == 1 ? "" : "s") with \(samples) samples left out: \(names)"
            + (count > 8 ? " and \(count - 8) more" : "")
    }
}
