// The shards of one split, made by several threads: which sample goes where is planned beforehand from the samples' sizes, so
// every thread can put its samples into place, and whoever finishes a shard's last sample compresses it; one more thread writes and flushes.
// Invariants: bytes do not depend on the threads; at most `window` shards are in memory; a finished shard has its receipt.
import Datasets
import Files
import Foundation

final class SplitBuild: @unchecked Sendable {
    private struct Item {
        let shard: Int
        let sample: Int
    }

    private let preparation: SamplePreparation
    private let samples: [ManifestSample]
    private let schema: MDSSchema
    private let ranges: [Range<Int>]
    private let sizes: [Int]
    private let staging: ShardStaging
    private let cancellation: Cancellation
    private let window: Int
    private let advance: @Sendable (Int) -> Void

    // All below is touched only with the condition locked.
    private let condition = NSCondition()
    private var items: [Item] = []
    private var nextItem = 0
    private var buffers: [Int: MDSShardBuffer] = [:]
    private var remaining: [Int]
    private var faulty: Set<Int> = []
    private var receipts: [ShardReceipt?]
    private var problems: [(sample: Int, problem: ShardProblem)] = []
    private var failure: ShardError?
    /// Finished shards that wait to be written, and whether no more will come.
    private var waiting: [Finished] = []
    private var isComplete = false

    private struct Finished {
        let number: Int
        let packed: PackedShard
        let sampleHashes: [String]
    }

    init(
        preparation: SamplePreparation, samples: [ManifestSample], staging: ShardStaging, cancellation: Cancellation,
        advance: @escaping @Sendable (Int) -> Void
    ) throws(ShardError) {
        self.preparation = preparation
        self.samples = samples
        self.staging = staging
        self.cancellation = cancellation
        self.advance = advance
        let schema = preparation.options.schema(channels: preparation.channels)
        self.schema = schema
        sizes = samples.map { schema.sampleSize(payloadSizes: preparation.payloadSizes($0)) }
        ranges = try schema.cut(sampleSizes: sizes)
        window = max(2, preparation.options.threads) + 2
        remaining = ranges.map(\.count)
        receipts = []
        for (number, range) in ranges.enumerated() {
            let receipt = staging.finished(number: number, schema: schema, samples: range.count)
            receipts.append(receipt)
            if receipt == nil { items += range.map { Item(shard: number, sample: $0) } } else { advance(range.count) }
        }
        reused = receipts.count { $0 != nil }
    }

    let reused: Int

    /// Makes all shards that are not there yet.
    /// - Returns: one receipt a shard, and what is wrong with samples, in their order.
    func run() throws(ShardError) -> (receipts: [ShardReceipt], problems: [ShardProblem]) {
        let work: @Sendable () -> Void = { [self] in
            while let item = take() { finish(item, Result { () throws(ShardProblem) in try preparation.payloads(samples[item.sample]) }) }
        }
        let writer = OwnThread(name: "shard writer") { [self] in while let shard = nextToWrite() { write(shard) } }
        let others = (1..<max(1, min(preparation.options.threads, items.count))).map { OwnThread(name: "shard \($0)", body: work) }
        work()
        for thread in others { thread.join() }
        noMoreToWrite()
        writer.join()
        if let failure { throw failure }
        if cancellation.isCancelled { throw .cancelled }
        return (receipts.compactMap { $0 }, problems.sorted { $0.sample < $1.sample }.map(\.problem))
    }

    /// The next sample to prepare; waits while the window is full. Nil when there is nothing more to do.
    private func take() -> Item? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            guard failure == nil, !cancellation.isCancelled, nextItem < items.count else { return nil }
            let item = items[nextItem]
            if buffers[item.shard] == nil {
                // Frames that wait for the disk count as well: memory stays bounded where it is slow.
                if buffers.count + waiting.count >= window {
                    // Bounded, because a cancellation wakes nobody.
                    _ = condition.wait(until: Date(timeIntervalSinceNow: 0.2))
                    continue
                }
                do throws(ShardError) {
                    buffers[item.shard] = try MDSShardBuffer(schema: schema, sampleSizes: Array(sizes[ranges[item.shard]]))
                } catch {
                    failure = error
                    return nil
                }
            }
            nextItem += 1
            return item
        }
    }

    /// Puts a prepared sample into its shard, and writes the shard when it was the last.
    private func finish(_ item: Item, _ result: Result<[[UInt8]], ShardProblem>) {
        condition.lock()
        let buffer = buffers[item.shard]
        condition.unlock()
        guard let buffer else { return }
        var failed: ShardError?
        if case .success(let payloads) = result {
            do throws(ShardError) { try buffer.put(payloads, at: item.sample - ranges[item.shard].lowerBound) } catch { failed = error }
        }
        condition.lock()
        if let failed { failure = failure ?? failed }
        if case .failure(let problem) = result {
            problems.append((item.sample, problem))
            faulty.insert(item.shard)
        }
        remaining[item.shard] -= 1
        let isLast = remaining[item.shard] == 0
        let mayWrite = isLast && failure == nil && !faulty.contains(item.shard)
        condition.unlock()
        advance(1)
        guard isLast else { return }
        let packed: Result<Finished, ShardError>? = mayWrite ? pack(buffer, item.shard) : nil
        condition.lock()
        switch packed {
        case .success(let finished): waiting.append(finished)
        case .failure(let error): failure = failure ?? error
        case nil: break
        }
        buffers[item.shard] = nil
        condition.broadcast()
        condition.unlock()
    }

    private func pack(_ buffer: MDSShardBuffer, _ number: Int) -> Result<Finished, ShardError> {
        Result { () throws(ShardError) in
            let packed = try buffer.pack(number: number, folder: staging.folder)
            let hashes = (0..<buffer.count).map { Digest.digest(named: ShardReceipt.hash, of: buffer.sample($0)) ?? "" }
            return Finished(number: number, packed: packed, sampleHashes: hashes)
        }
    }

    /// The next finished shard, in the writer's thread; waits for one. Nil when all are written or writing failed.
    private func nextToWrite() -> Finished? {
        condition.lock()
        defer { condition.unlock() }
        while failure == nil {
            if !waiting.isEmpty { return waiting.removeFirst() }
            if isComplete { return nil }
            condition.wait()
        }
        return nil
    }

    private func write(_ finished: Finished) {
        let receipt = Result { () throws(ShardError) in
            try finished.packed.store(in: staging.folder)
            let receipt = ShardReceipt(shard: finished.packed.shard, sampleHashes: finished.sampleHashes)
            try staging.save(receipt, number: finished.number)
            return receipt
        }
        condition.lock()
        switch receipt {
        case .success(let receipt): receipts[finished.number] = receipt
        case .failure(let error): failure = failure ?? error
        }
        condition.broadcast()
        condition.unlock()
    }

    private func noMoreToWrite() {
        condition.lock()
        isComplete = true
        condition.broadcast()
        condition.unlock()
    }
}
