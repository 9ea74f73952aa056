// How a loader keeps within a memory limit: how many shards it may mix, and how many bytes of unpacked shards it keeps.
// Invariant: only the shuffle window decides the order of samples. It is computed from the memory once, when a run begins. A saved loader
// position includes the window (docs/decisions/shuffle-window.md).

extension ShardSet {
    /// Memory of the program itself and of small things, besides shards and batches.
    private static let reserve = 40 << 20

    /// Keeps a loader with these options within `memory` bytes in all.
    /// - Returns: the shuffle window to use: the window of the options, if they have one; else nil if the whole set fits; else the largest
    ///   window that fits.
    /// - Throws: `invalidOption` with the memory that is needed, if the window (or any window) does not fit.
    public func plan(memory: Int, for options: LoaderOptions) throws(ShardError) -> Int? {
        let besides = Self.reserve + (options.workers + 2) * slotBytes(options) + options.workers * largestStored
        let room = memory - besides
        if room >= unpackedBytes {
            limit(memory: unpackedBytes)
            return options.shuffleWindow
        }
        let ahead = shardsAhead(options)
        let fitting = room / max(1, largestShard) - ahead
        let wanted = options.shuffle ? options.shuffleWindow ?? min(4, index.shards.count) : 1
        guard fitting >= wanted else {
            throw .invalidOption(
                "\(folder): \(memory >> 20) MiB are not enough for \(wanted == 1 ? "one shard" : "a shuffle window of \(wanted) shards") "
                    + "of up to \(largestShard >> 20) MiB"
                    + " and \(options.workers) loader threads; give at least \(((besides + (wanted + ahead) * largestShard) >> 20) + 1) "
                    + "MiB, or fewer --workers"
            )
        }
        limit(memory: room)
        return options.shuffle ? options.shuffleWindow ?? fitting : nil
    }

    /// Whether shards read ahead stay until they are used.
    func holdsItsWindow(_ options: LoaderOptions) -> Bool {
        if memory >= unpackedBytes { return true }
        let window = options.shuffle ? options.shuffleWindow ?? index.shards.count : 1
        return memory >= (min(window, index.shards.count) + 1) * largestShard
    }

    /// How many shards may be in memory before their first sample is used, and after their last.
    private func shardsAhead(_ options: LoaderOptions) -> Int {
        let samples = max(1, count / max(1, index.shards.count))
        return (options.workers + 3) * options.batchSize / samples + 2
    }

    private func slotBytes(_ options: LoaderOptions) -> Int {
        let image = options.images == .normalised ? layout.maskBytes * 12 : layout.imageBytes
        return options.batchSize * (image + layout.maskBytes + tokenLength * 5)
    }

    private var largestStored: Int { index.shards.lazy.map(\.stored.bytes).max() ?? 0 }
}
