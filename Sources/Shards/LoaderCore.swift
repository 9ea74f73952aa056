// The machinery of Loader: a ring of slots, threads that fill them in the order of the batches, and the hand-over.
// Invariants: batches are delivered in order; a slot is in exactly one place (free, being filled, ready, with the consumer).
import Files
import Foundation

final class LoaderCore: @unchecked Sendable {
    private let shards: ShardSet
    private let options: LoaderOptions
    private let batchCount: Int

    // All below is touched only with the condition locked.
    private let condition = NSCondition()
    private var free: [BatchSlot]
    private var ready: [Int: BatchSlot] = [:]
    private var order: [Int] = []
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
        free = (0..<slots).map { _ in BatchSlot(capacity: size, layout: shards.layout) }
        ready.reserveCapacity(slots)
    }

    func start(epoch: Int, fromBatch batch: Int) {
        stop()
        condition.lock()
        defer { condition.unlock() }
        order = options.shuffle
            ? SampleOrder.shuffled(count: shards.count, seed: options.seed, epoch: epoch) : Array(0..<shards.count)
        self.epoch = epoch
        nextToFill = batch
        nextToDeliver = batch
        failure = nil
        stopped = false
        threads = (0..<options.workers).map { number in
            OwnThread(name: "loader \(number)") { [self] in
                while fillOne() {}
            }
        }
    }

    var state: LoaderState {
        condition.lock()
        defer { condition.unlock() }
        return LoaderState(seed: options.seed, epoch: epoch, nextBatch: nextToDeliver)
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

    /// Makes the next batch that nobody makes yet. False when there is nothing more to do.
    private func fillOne() -> Bool {
        condition.lock()
        while !stopped, failure == nil, nextToFill < batchCount, free.isEmpty { condition.wait() }
        guard !stopped, failure == nil, nextToFill < batchCount, let slot = free.popLast() else {
            condition.unlock()
            return false
        }
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
            if batch < failure?.batch ?? .max { failure = (batch, error) }
        }
        condition.broadcast()
        condition.unlock()
        return true
    }

    private func fill(_ slot: BatchSlot, batch: Int, epoch: Int, samples: ArraySlice<Int>) throws(ShardError) {
        slot.clear(number: batch)
        for sample in samples {
            try slot.append(sample, from: shards)
            slot.augment(slot.count - 1, options, epoch: epoch, sample: sample, width: shards.imageWidth, height: shards.imageHeight)
        }
    }
}
