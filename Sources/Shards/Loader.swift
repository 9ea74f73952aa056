// Batches of an epoch, made ahead by threads of its own and delivered in order. Order and bytes are a pure function of (seed, epoch, batch): never of
// the number of threads or of when the epoch was entered. Not for tensors: batches are bytes and numbers.
import Files
import Foundation

public struct LoaderOptions: Sendable {
    public var batchSize: Int
    public var seed: UInt64
    public var shuffle: Bool
    /// Leaves a smaller last batch out.
    public var dropLast: Bool
    /// Loader threads, at least one.
    public var workers: Int
    public var augmentation: Augmentation

    public init(
        batchSize: Int, seed: UInt64 = 0, shuffle: Bool = true, dropLast: Bool = false, workers: Int = 1, augmentation: Augmentation = .none
    ) {
        self.batchSize = batchSize
        self.seed = seed
        self.shuffle = shuffle
        self.dropLast = dropLast
        self.workers = workers
        self.augmentation = augmentation
    }
}

/// A loader's place: with the options, all there is to know.
public struct LoaderState: Codable, Sendable, Equatable {
    public var seed: UInt64
    public var epoch: Int
    public var nextBatch: Int

    public init(seed: UInt64, epoch: Int, nextBatch: Int) {
        self.seed = seed
        self.epoch = epoch
        self.nextBatch = nextBatch
    }
}

public final class Loader: @unchecked Sendable {
    public let shards: ShardSet
    public let options: LoaderOptions
    /// Batches in an epoch.
    public let batchCount: Int

    // All below is touched only with the condition locked, but `threads`, which belongs to the consumer.
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

    /// - Throws: `invalidOption` for a batch size or worker count below one, or no whole batch in the set.
    public init(shards: ShardSet, options: LoaderOptions) throws(ShardError) {
        guard options.batchSize > 0 else { throw .invalidOption("batch size \(options.batchSize): expected at least 1") }
        guard options.workers > 0 else { throw .invalidOption("\(options.workers) loader threads: expected at least 1") }
        self.shards = shards
        self.options = options
        let whole = shards.count / options.batchSize
        batchCount = options.dropLast || shards.count % options.batchSize == 0 ? whole : whole + 1
        let size = min(options.batchSize, max(1, shards.count))
        // One batch with the consumer, one ready, one being filled by every thread.
        free = (0..<(options.workers + 2)).map { _ in BatchSlot(capacity: size, layout: shards.layout) }
    }

    deinit { stop() }

    /// Begins an epoch at a batch; what an earlier epoch left is dropped. Slots still held by the consumer must have been released.
    public func start(epoch: Int, fromBatch batch: Int = 0) throws(ShardError) {
        stop()
        guard (0...batchCount).contains(batch) else { throw .invalidOption("batch \(batch) of an epoch of \(batchCount)") }
        condition.lock()
        order = options.shuffle
            ? SampleOrder.shuffled(count: shards.count, seed: options.seed, epoch: epoch) : Array(0..<shards.count)
        self.epoch = epoch
        nextToFill = batch
        nextToDeliver = batch
        failure = nil
        stopped = false
        condition.unlock()
        threads = (0..<options.workers).map { number in
            OwnThread(name: "loader \(number)") { [weak self] in
                while let loader = self, loader.fillOne() {}
            }
        }
    }

    /// The next batch, or nil at the epoch's end. Waits while it is being made.
    public func next() throws(ShardError) -> BatchSlot? {
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

    /// Gives a batch's memory back.
    public func release(_ slot: BatchSlot) {
        condition.lock()
        free.append(slot)
        condition.broadcast()
        condition.unlock()
    }

    /// Ends the epoch: threads finish the sample they are at and go away.
    public func stop() {
        condition.lock()
        stopped = true
        condition.broadcast()
        condition.unlock()
        for thread in threads { thread.join() }
        threads = []
        condition.lock()
        free += ready.values
        ready.removeAll()
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
            guard let factor = options.augmentation.zoomFactor(seed: options.seed, epoch: epoch, sample: sample) else { continue }
            let (image, mask) = slot.pixels(slot.count - 1)
            Augmentation.zoom(image, mask, width: shards.imageWidth, height: shards.imageHeight, by: factor)
        }
    }
}
