// Builds the shards of all splits in several threads. Which shard a sample belongs to is planned beforehand from the sizes of the training
// columns; the sizes of the others are known only when a sample is prepared. The thread that prepares a shard's last sample puts the shard
// together and compresses it. One more thread writes and flushes.
// Invariants: bytes do not depend on the threads; at most `window` shards are in memory; a finished shard has its receipt.
import Datasets
import Files
import Foundation

final class ShardBuild: @unchecked Sendable {
    /// One split: its samples, and the folder for its shards.
    struct Part {
        let samples: [ManifestSample]
        let staging: ShardStaging
    }

    /// The result of a part: a receipt for each shard (all of them if there are no problems), and how many an earlier run had made.
    struct Result {
        let receipts: [ShardReceipt]
        let reused: Int
    }

    /// A shard to be made: shard `number` of a part, with the samples `range`.
    private struct Plan {
        let part: Int
        let number: Int
        let range: Range<Int>
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

    // The fields below are accessed only while the condition is locked.
    private let condition = NSCondition()
    private var nextItem = 0
    /// The payloads of each shard that is begun, one entry a sample, in the order of the columns.
    private var pending: [Int: [[[UInt8]]]] = [:]
    private var remaining: [Int]
    private var faulty: Set<Int> = []
    private var receipts: [ShardReceipt?]
    private var problems: [(item: Item, problem: ShardProblem)] = []
    private var failure: ShardError?
    /// Finished shards that wait to be written, and whether there will be no more.
    private var waiting: [Finished] = []
    private var isComplete = false

    private struct Finished {
        let shard: Int
        let packed: PackedShard
        let sampleHashes: [String]
    }

    /// - Parameter advance: called from the working threads with the number of samples done since the last call.
    init(
        preparation: SamplePreparation, parts: [Part], cancellation: Cancellation, advance: @escaping @Sendable (Int) -> Void
    ) throws(ShardError) {
        self.preparation = preparation
        self.parts = parts
        self.cancellation = cancellation
        self.advance = advance
        let options = preparation.options, hasCaptions = preparation.manifest.hasCaptions
        let training = options.trainingSchema(channels: preparation.channels, hasCaptions: hasCaptions)
        let schema = options.schema(channels: preparation.channels, hasCaptions: hasCaptions, preparation.evaluation)
        self.schema = schema
        window = max(2, options.threads) + 2
        var plans: [Plan] = [], items: [Item] = [], reused: [Int] = []
        receipts = []
        for (index, part) in parts.enumerated() {
            let sizes = part.samples.map { training.sampleSize(payloadSizes: preparation.payloadSizes($0)) }
            reused.append(0)
            for (number, range) in try training.cut(sampleSizes: sizes).enumerated() {
                let receipt = part.staging.finished(number: number, schema: schema, samples: range.count)
                if receipt == nil {
                    items += range.map { Item(shard: plans.count, sample: $0) }
                } else {
                    reused[index] += 1
                    advance(range.count)
                }
                receipts.append(receipt)
                plans.append(Plan(part: index, number: number, range: range))
            }
        }
        (self.plans, self.items, self.reused) = (plans, items, reused)
        remaining = plans.map(\.range.count)
    }

    /// Makes all missing shards.
    /// - Returns: the result of each part, and the problems of samples, in their order.
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
            if pending[item.shard] == nil {
                // Shards that wait for the disk count too, so that memory stays bounded on a slow disk.
                if pending.count + waiting.count >= window {
                    // The wait has a time limit, because a cancellation wakes no thread.
                    _ = condition.wait(until: Date(timeIntervalSinceNow: 0.2))
                    continue
                }
                pending[item.shard] = Array(repeating: [], count: plans[item.shard].range.count)
            }
            nextItem += 1
            return item
        }
    }

    /// Keeps a prepared sample, and packs the shard after its last sample.
    private func finish(_ item: Item, _ result: Swift.Result<[String: [UInt8]], ShardProblem>) {
        let plan = plans[item.shard]
        condition.lock()
        switch result {
        case .success(let payloads):
            pending[item.shard]?[item.sample - plan.range.lowerBound] = schema.columns.map { column in
                guard let payload = payloads[column.name] else { preconditionFailure("a sample without \(column.name)") }
                return payload
            }
        case .failure(let problem):
            problems.append((item, problem))
            faulty.insert(item.shard)
        }
        remaining[item.shard] -= 1
        let isLast = remaining[item.shard] == 0
        let samples = isLast && failure == nil && !faulty.contains(item.shard) ? pending[item.shard] : nil
        condition.unlock()
        advance(1)
        guard isLast else { return }
        let packed = samples.map { pack($0, item.shard) }
        condition.lock()
        switch packed {
        case .success(let finished): waiting.append(finished)
        case .failure(let error): failure = failure ?? error
        case nil: break
        }
        pending[item.shard] = nil
        condition.broadcast()
        condition.unlock()
    }

    private func pack(_ samples: [[[UInt8]]], _ shard: Int) -> Swift.Result<Finished, ShardError> {
        Swift.Result { () throws(ShardError) in
            let plan = plans[shard]
            let sizes = samples.map { schema.sampleSize(payloadSizes: $0.map(\.count)) }
            let buffer = try MDSShardBuffer(schema: schema, sampleSizes: sizes)
            for (index, payloads) in samples.enumerated() { try buffer.put(payloads, at: index) }
            let packed = try buffer.pack(number: plan.number, folder: parts[plan.part].staging.folder)
            let hashes = (0..<buffer.count).map { Digest.digest(named: ShardReceipt.hash, of: buffer.sample($0)) ?? "" }
            return Finished(shard: shard, packed: packed, sampleHashes: hashes)
        }
    }

    /// The next finished shard, for the writer's thread; waits for one. Nil when all are written or writing failed.
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
            // The rename is flushed with the published folder, before the index appears there.
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
