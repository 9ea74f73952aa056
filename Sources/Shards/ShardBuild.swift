// The shards of all splits, made by several threads: which sample goes where is planned beforehand from the samples' sizes, so
// every thread can put its samples into place, and whoever finishes a shard's last sample compresses it; one more thread writes and
// flushes. Invariants: bytes do not depend on the threads; at most `window` shards are in memory; a finished shard has its receipt.
import Datasets
import Files
import Foundation

final class ShardBuild: @unchecked Sendable {
    /// One split: its samples, and the folder where its shards grow.
    struct Part {
        let samples: [ManifestSample]
        let staging: ShardStaging
    }

    /// What came of a part: a receipt a shard (all of them where there are no problems), and how many an earlier run had made.
    struct Result {
        let receipts: [ShardReceipt]
        let reused: Int
    }

    /// A shard to be made: the samples `range` of a part are its number `number`.
    private struct Plan {
        let part: Int
        let number: Int
        let range: Range<Int>
        let sampleSizes: [Int]
    }

    private struct Item {
        let shard: Int
        let sample: Int
    }

    private let preparation: SamplePreparation
    private let parts: [Part]
    private let schema: MDSSchema
    private let plans: [Plan]
    private let items: [Item]
    private let cancellation: Cancellation
    private let window: Int
    private let advance: @Sendable (Int) -> Void
    private let reused: [Int]

    // All below is touched only with the condition locked.
    private let condition = NSCondition()
    private var nextItem = 0
    private var buffers: [Int: MDSShardBuffer] = [:]
    private var remaining: [Int]
    private var faulty: Set<Int> = []
    private var receipts: [ShardReceipt?]
    private var problems: [(item: Item, problem: ShardProblem)] = []
    private var failure: ShardError?
    /// Finished shards that wait to be written, and whether no more will come.
    private var waiting: [Finished] = []
    private var isComplete = false

    private struct Finished {
        let shard: Int
        let packed: PackedShard
        let sampleHashes: [String]
    }

    /// - Parameter advance: called from the working threads with how many samples are done since the last call.
    init(
        preparation: SamplePreparation, parts: [Part], cancellation: Cancellation, advance: @escaping @Sendable (Int) -> Void
    ) throws(ShardError) {
        self.preparation = preparation
        self.parts = parts
        self.cancellation = cancellation
        self.advance = advance
        let schema = preparation.options.schema(channels: preparation.channels, hasCaptions: preparation.manifest.hasCaptions)
        self.schema = schema
        window = max(2, preparation.options.threads) + 2
        var plans: [Plan] = [], items: [Item] = [], reused: [Int] = []
        receipts = []
        for (index, part) in parts.enumerated() {
            let sizes = part.samples.map { schema.sampleSize(payloadSizes: preparation.payloadSizes($0)) }
            reused.append(0)
            for (number, range) in try schema.cut(sampleSizes: sizes).enumerated() {
                let receipt = part.staging.finished(number: number, schema: schema, samples: range.count)
                if receipt == nil {
                    items += range.map { Item(shard: plans.count, sample: $0) }
                } else {
                    reused[index] += 1
                    advance(range.count)
                }
                receipts.append(receipt)
                plans.append(Plan(part: index, number: number, range: range, sampleSizes: Array(sizes[range])))
            }
        }
        (self.plans, self.items, self.reused) = (plans, items, reused)
        remaining = plans.map(\.range.count)
    }

    /// Makes all shards that are not there yet.
    /// - Returns: what came of each part, and what is wrong with samples, in their order.
    func run() throws(ShardError) -> (parts: [Result], problems: [ShardProblem]) {
        let work: @Sendable () -> Void = { [self] in
            while let item = take() {
                let sample = parts[plans[item.shard].part].samples[item.sample]
                finish(item, Swift.Result { () throws(ShardProblem) in try preparation.payloads(sample) })
            }
        }
        let writer = OwnThread(name: "shard writer") { [self] in while let shard = nextToWrite() { write(shard) } }
        let others = (1..<max(1, min(preparation.options.threads, items.count))).map { OwnThread(name: "shard \($0)", body: work) }
        work()
        for thread in others { thread.join() }
        noMoreToWrite()
        writer.join()
        if let failure { throw failure }
        if cancellation.isCancelled { throw .cancelled }
        let results = parts.indices.map { part in
            Result(receipts: plans.indices.compactMap { plans[$0].part == part ? receipts[$0] : nil }, reused: reused[part])
        }
        problems.sort { ($0.item.shard, $0.item.sample) < ($1.item.shard, $1.item.sample) }
        return (results, problems.map(\.problem))
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
                    buffers[item.shard] = try MDSShardBuffer(schema: schema, sampleSizes: plans[item.shard].sampleSizes)
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
    private func finish(_ item: Item, _ result: Swift.Result<[[UInt8]], ShardProblem>) {
        condition.lock()
        let buffer = buffers[item.shard]
        condition.unlock()
        guard let buffer else { return }
        var failed: ShardError?
        if case .success(let payloads) = result {
            do throws(ShardError) { try buffer.put(payloads, at: item.sample - plans[item.shard].range.lowerBound) } catch {
                failed = error
            }
        }
        condition.lock()
        if let failed { failure = failure ?? failed }
        if case .failure(let problem) = result {
            problems.append((item, problem))
            faulty.insert(item.shard)
        }
        remaining[item.shard] -= 1
        let isLast = remaining[item.shard] == 0
        let mayWrite = isLast && failure == nil && !faulty.contains(item.shard)
        condition.unlock()
        advance(1)
        guard isLast else { return }
        let packed: Swift.Result<Finished, ShardError>? = mayWrite ? pack(buffer, item.shard) : nil
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

    private func pack(_ buffer: MDSShardBuffer, _ shard: Int) -> Swift.Result<Finished, ShardError> {
        Swift.Result { () throws(ShardError) in
            let plan = plans[shard]
            let packed = try buffer.pack(number: plan.number, folder: parts[plan.part].staging.folder)
            let hashes = (0..<buffer.count).map { Digest.digest(named: ShardReceipt.hash, of: buffer.sample($0)) ?? "" }
            return Finished(shard: shard, packed: packed, sampleHashes: hashes)
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
        let plan = plans[finished.shard]
        let receipt = Swift.Result { () throws(ShardError) in
            let staging = parts[plan.part].staging
            // Its name is flushed with the published folder, before the index appears there.
            try finished.packed.store(in: staging.folder, flush: .content)
            let receipt = ShardReceipt(shard: finished.packed.shard, sampleHashes: finished.sampleHashes)
            try staging.save(receipt, number: plan.number)
            return receipt
        }
        condition.lock()
        switch receipt {
        case .success(let receipt): receipts[finished.shard] = receipt
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
