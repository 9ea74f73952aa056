// The inner part of Loader: a ring of slots, threads that unpack shards ahead and fill slots in the order of the batches, and the
// hand-over.
// Invariants: batches are delivered in order. A slot is in exactly one state: free, being filled, ready, with the consumer. A thread fills
// a batch only when the batch's shards have been unpacked, so that it rarely waits for another thread.
import Files
import Foundation

final class LoaderCore: @unchecked Sendable {
    private let shards: ShardSet
    private let options: LoaderOptions
    private let batchCount: Int

    // The fields below are accessed only while the condition is locked.
    private let condition = NSCondition()
    private var free: [BatchSlot]
    private var ready: [Int: BatchSlot] = [:]
    private var order: [Int] = []
    private var ahead = ShardsAhead()
    private var epoch = 0
    private var nextToFill = 0
    private var nextToDeliver = 0
    private var failure: (batch: Int, error: ShardError)?
    private var stopped = true
    private var threads: [OwnThread] = []

    init(shards: ShardSet, options: LoaderOptions, batchCount: Int) {
        self.shards = shards
        self.options = options
        self.batchCount = batchCount
        let size = min(options.batchSize, max(1, shards.count))
        // One batch with the consumer, one ready, one being filled by every thread.
        let slots = options.workers + 2
        free = (0..<slots).map { _ in BatchSlot(capacity: size, shards: shards, images: options.images) }
        ready.reserveCapacity(slots)
    }

    func start(epoch: Int, fromBatch batch: Int) {
        stop()
        condition.lock()
        defer { condition.unlock() }
        if !options.shuffle {
            order = Array(0..<shards.count)
        } else if let window = options.shuffleWindow {
            order = SampleOrder.shuffled(samplesPerShard: shards.samplesPerShard, window: window, seed: options.seed, epoch: epoch)
        } else {
            order = SampleOrder.shuffled(count: shards.count, seed: options.seed, epoch: epoch)
        }
        ahead = ShardsAhead(order, batchSize: options.batchSize, from: batch, shards: shards, options: options)
        self.epoch = epoch
        nextToFill = batch
        nextToDeliver = batch
        failure = nil
        stopped = false
        threads = (0..<options.workers).map { number in
            OwnThread(name: "loader \(number)") { [self] in
                while workOnce() {}
            }
        }
    }

    var state: LoaderState {
        condition.lock()
        defer { condition.unlock() }
        return LoaderState(
            seed: options.seed, epoch: epoch, nextBatch: nextToDeliver, batchSize: options.batchSize, shuffleWindow: options.shuffleWindow)
    }

    func next() throws(ShardError) -> BatchSlot? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let slot = ready.removeValue(forKey: nextToDeliver) {
                nextToDeliver += 1
                return slot
            }
            if let failure, failure.batch == nextToDeliver { throw failure.error }
            if stopped || nextToDeliver >= batchCount { return nil }
            condition.wait()
        }
    }

    func release(_ slot: BatchSlot) {
        condition.lock()
        free.append(slot)
        condition.broadcast()
        condition.unlock()
    }

    func stop() {
        condition.lock()
        stopped = true
        let ending = threads
        threads = []
        condition.broadcast()
        condition.unlock()
        for thread in ending { thread.join() }
        condition.lock()
        free += ready.values
        ready.removeAll(keepingCapacity: true)
        condition.unlock()
    }

    /// Fills the next unclaimed batch if its shards are unpacked; otherwise unpacks the next shard. False when there is nothing more to do.
    private func workOnce() -> Bool {
        condition.lock()
        while true {
            guard !stopped, nextToFill < min(batchCount, failure?.batch ?? .max) else {
                condition.unlock()
                return false
            }
            if ahead.isReady(batch: nextToFill), let slot = free.popLast() { return fillNext(slot) }
            if let entry = ahead.next(upToBatch: nextToFill + options.workers + 2) { return load(entry) }
            condition.wait()
        }
    }

    /// Call with the condition locked.
    private func fillNext(_ slot: BatchSlot) -> Bool {
        let batch = nextToFill
        nextToFill += 1
        let samples = order[(batch * options.batchSize)..<min(order.count, (batch + 1) * options.batchSize)]
        let epoch = epoch
        condition.unlock()

        do throws(ShardError) {
            try fill(slot, batch: batch, epoch: epoch, samples: samples)
            condition.lock()
            ready[batch] = slot
        } catch {
            condition.lock()
            free.append(slot)
            fail(batch, error)
        }
        condition.broadcast()
        condition.unlock()
        return true
    }

    /// Call with the condition locked.
    private func load(_ entry: Int) -> Bool {
        let (shard, batch) = (ahead.entries[entry].shard, ahead.entries[entry].batch)
        condition.unlock()
        let result = Result { () throws(ShardError) in try shards.load(shard: shard) }
        condition.lock()
        if case .failure(let error) = result { fail(batch, error) }
        ahead.finished(entry)
        condition.broadcast()
        condition.unlock()
        return true
    }

    /// The first batch that fails ends the epoch; the batches before it are still delivered.
    private func fail(_ batch: Int, _ error: ShardError) {
        if batch < failure?.batch ?? .max { failure = (batch, error) }
    }

    private func fill(_ slot: BatchSlot, batch: Int, epoch: Int, samples: ArraySlice<Int>) throws(ShardError) {
        slot.clear(number: batch)
        for sample in samples {
            let changes = options.augmentation != .none
            try slot.append(sample, from: shards, willChange: changes)
            guard changes else { continue }
            slot.augment(slot.count - 1, options, epoch: epoch, sample: sample, width: shards.imageWidth, height: shards.imageHeight)
            slot.normalise(slot.count - 1)
        }
    }
}
