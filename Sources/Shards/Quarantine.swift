// The damaged shards of a split. They are found before the first step, so that training can continue without their samples: the number of
// samples, the order and the steps are then fixed. Not for naming every damaged sample (`prep verify`), nor for later damage, which stops
// the loader. Invariant: a shard is quarantined exactly if `prep verify` would report its file or one of its samples; all of its samples
// are then left out.
import Files

/// A shard whose samples are left out, and why.
public struct QuarantinedShard: Codable, Sendable, Equatable {
    public let split: String
    /// The name of its file.
    public let shard: String
    public let samples: Int
    public let reason: String

    public init(split: String, shard: String, samples: Int, reason: String) {
        self.split = split
        self.shard = shard
        self.samples = samples
        self.reason = reason
    }
}

public enum Quarantine {
    /// Reads all shards of a split's folder and all their samples: size, every hash, header, columns, content.
    /// - Parameters:
    ///   - known: names of shards that are already left out and are not read.
    ///   - progress: called with the number of shards read and of all shards to read, from 0 on, never by two threads at once.
    /// - Throws: errors that do not concern a single shard: no index, another version, other columns, an unsupported compression.
    public static func find(
        folder: String, split: String, known: Set<String> = [], threads: Int = ParallelMap.availableThreads,
        cancellation: Cancellation = Cancellation(), progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
    ) throws(ShardError) -> [QuarantinedShard] {
        let index = try MDSIndex.read(folder: folder)
        var work: [ShardCheck] = []
        for shard in index.shards where !known.contains(shard.stored.basename) {
            if let compression = shard.schema.compression, !compression.hasPrefix("zstd") {
                throw .unsupportedCompression(path: folder + "/" + shard.stored.basename, found: compression)
            }
            let layout = try SampleLayout(shard.schema, provenance: index.provenance, path: folder + "/" + MDSIndex.name)
            work.append(ShardCheck(folder: folder, split: split, shard: shard, layout: layout, entries: nil, lists: false))
        }
        let found: [QuarantinedShard?], total = work.count
        progress?(0, total)
        do throws(Cancelled) {
            found = try ParallelMap.map(work, threads: threads, cancellation: cancellation, progress: { progress?($0, total) }) { check in
                check.run().problems.first.map { problem in
                    let reason = problem.sample.map { "sample \($0): \(problem.reason)" } ?? problem.reason
                    return QuarantinedShard(split: split, shard: check.shard.stored.basename, samples: check.shard.samples, reason: reason)
                }
            }
        } catch { throw .cancelled }
        return found.compactMap { $0 }
    }
}
