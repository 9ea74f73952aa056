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
    /// Captions of mirrored pictures: what `Augmentation.full` needs to flip; without them it does not.
    public var mirroredCaptions: MirroredCaptions?

    public init(
        batchSize: Int, seed: UInt64 = 0, shuffle: Bool = true, dropLast: Bool = false, workers: Int = 1, augmentation: Augmentation = .none,
        mirroredCaptions: MirroredCaptions? = nil
    ) {
        self.batchSize = batchSize
        self.seed = seed
        self.shuffle = shuffle
        self.dropLast = dropLast
        self.workers = workers
        self.augmentation = augmentation
        self.mirroredCaptions = mirroredCaptions
    }

    /// How many batches an epoch of a set has.
    public func batches(in shards: ShardSet) -> Int {
        let whole = shards.count / batchSize
        return dropLast || shards.count % batchSize == 0 ? whole : whole + 1
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

public final class Loader: Sendable {
    public let shards: ShardSet
    public let options: LoaderOptions
    /// Batches in an epoch.
    public let batchCount: Int
    /// What the loader's threads hold on to; they never hold the loader itself, so that dropping it ends them.
    private let core: LoaderCore

    /// - Throws: `invalidOption` for a batch size or worker count below one, or no whole batch in the set.
    public init(shards: ShardSet, options: LoaderOptions) throws(ShardError) {
        guard options.batchSize > 0 else { throw .invalidOption("batch size \(options.batchSize): expected at least 1") }
        guard options.workers > 0 else { throw .invalidOption("\(options.workers) loader threads: expected at least 1") }
        batchCount = options.batches(in: shards)
        guard batchCount > 0 else {
            throw .invalidOption("\(shards.folder): \(shards.count) samples make no whole batch of \(options.batchSize); use a smaller batch size")
        }
        self.shards = shards
        self.options = options
        core = LoaderCore(shards: shards, options: options, batchCount: batchCount)
    }

    deinit { core.stop() }

    /// Begins an epoch at a batch; what an earlier epoch left is dropped.
    public func start(epoch: Int, fromBatch batch: Int = 0) throws(ShardError) {
        guard (0...batchCount).contains(batch) else { throw .invalidOption("batch \(batch) of an epoch of \(batchCount)") }
        core.start(epoch: epoch, fromBatch: batch)
    }

    /// Begins where a state says, which must be of the same seed.
    public func start(at state: LoaderState) throws(ShardError) {
        guard state.seed == options.seed else {
            throw .invalidOption("the saved loader state has seed \(state.seed), this loader \(options.seed); use the same --seed")
        }
        try start(epoch: state.epoch, fromBatch: state.nextBatch)
    }

    /// The place behind the last delivered batch.
    public var state: LoaderState { core.state }

    /// The next batch, or nil at the epoch's end. Waits while it is being made.
    public func next() throws(ShardError) -> BatchSlot? { try core.next() }

    /// Gives a batch's memory back. A consumer that keeps more than one batch stalls the loader.
    public func release(_ slot: BatchSlot) { core.release(slot) }

    /// Ends the epoch: threads finish the batch they are at and go away.
    public func stop() { core.stop() }
}
