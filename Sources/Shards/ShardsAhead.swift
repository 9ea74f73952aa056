// The shards that an epoch needs, in the order of their first sample, and which of them were unpacked ahead.
// Not for reading them (ShardCache). It only saves waiting: a shard that is not in memory is read when a sample needs it.

struct ShardsAhead {
    struct Entry {
        let shard: Int
        /// The first batch that needs it.
        let batch: Int
        var isDone = false
    }

    private(set) var entries: [Entry] = []
    private var nextToLoad = 0
    /// All entries before this one are done.
    private var done = 0

    init() {}

    /// Empty if the shards needed at the same time fill the memory: shards read ahead would be dropped before their use.
    init(_ order: [Int], batchSize: Int, from batch: Int, shards: ShardSet, options: LoaderOptions) {
        guard shards.holdsItsWindow(options) else { return }
        var isKnown = [Bool](repeating: false, count: shards.index.shards.count)
        for place in min(order.count, batch * batchSize)..<order.count {
            let shard = shards.shardNumber(of: order[place])
            if isKnown[shard] { continue }
            isKnown[shard] = true
            entries.append(Entry(shard: shard, batch: place / batchSize))
        }
    }

    func isReady(batch: Int) -> Bool { done == entries.count || entries[done].batch > batch }

    /// The next entry to load among those needed up to a batch; nil if there is none.
    mutating func next(upToBatch last: Int) -> Int? {
        guard nextToLoad < entries.count, entries[nextToLoad].batch <= last else { return nil }
        nextToLoad += 1
        return nextToLoad - 1
    }

    mutating func finished(_ entry: Int) {
        entries[entry].isDone = true
        while done < entries.count, entries[done].isDone { done += 1 }
    }
}
