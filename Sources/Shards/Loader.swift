// The batches of an epoch, prepared ahead by loader threads and delivered in order. Order and bytes are a pure function of (seed, epoch,
// batch); they do not depend on the number of threads, on memory, or on the batch at which the epoch was entered. Not for tensors: batches
// are bytes and numbers.
import Files
import Foundation

/// The format of a batch's images.
public enum BatchImages: Sendable {
    /// uint8 as stored, in `BatchSlot.image`.
    case bytes
    /// float32, each image and channel with mean 0 and standard deviation 1, in `BatchSlot.normalised`.
    case normalised
}

public struct LoaderOptions: Sendable {
    public var batchSize: Int
    public var seed: UInt64
    public var shuffle: Bool
    /// Leaves a smaller last batch out.
    public var dropLast: Bool
    /// Loader threads, at least one.
    public var workers: Int
    public var augmentation: Augmentation
    /// Captions of mirrored images. `Augmentation.full` needs them to flip images that have captions; without them it flips none.
    public var mirroredCaptions: MirroredCaptions?
    /// Number of shards whose samples are mixed at any time; nil shuffles over the whole set. Unlike memory, it decides the order: see
    /// LoaderMemory.
    public var shuffleWindow: Int?
    public var images: BatchImages

    public init(
        batchSize: Int, seed: UInt64 = 0, shuffle: Bool = true, dropLast: Bool = false, workers: Int = 1,
        augmentation: Augmentation = .none,
        mirroredCaptions: MirroredCaptions? = nil, shuffleWindow: Int? = nil, images: BatchImages = .bytes
    ) {
        self.batchSize = batchSize
        self.seed = seed
        self.shuffle = shuffle
        self.dropLast = dropLast
        self.workers = workers
        self.augmentation = augmentation
        self.mirroredCaptions = mirroredCaptions
        self.shuffleWindow = shuffleWindow
        self.images = images
    }

    /// Number of batches in an epoch of a set.
    public func batches(in shards: ShardSet) -> Int {
        let whole = shards.count / batchSize
        return dropLast || shards.count % batchSize == 0 ? whole : whole + 1
    }
}

/// A loader's position; together with the options it determines all later batches.
public struct LoaderState: Codable, Sendable, Equatable {
    public var seed: UInt64
    public var epoch: Int
    public var nextBatch: Int
    public var batchSize: Int
    /// Nil if shuffled over the whole set.
    public var shuffleWindow: Int?

    public init(seed: UInt64, epoch: Int, nextBatch: Int, batchSize: Int, shuffleWindow: Int? = nil) {
        self.seed = seed
        self.epoch = epoch
        self.nextBatch = nextBatch
        self.batchSize = batchSize
        self.shuffleWindow = shuffleWindow
    }
}

public final class Loader: Sendable {
    public let shards: ShardSet
    public let options: LoaderOptions
    /// Batches in an epoch.
    public let batchCount: Int
    /// The state that the loader's threads share. They never hold the loader itself, so that releasing it ends them.
    private let core: LoaderCore

    /// - Throws: `invalidOption` for a batch size or worker count below one, or no whole batch in the set.
    public init(shards: ShardSet, options: LoaderOptions) throws(ShardError) {
        guard options.batchSize > 0 else { throw .invalidOption("batch size \(options.batchSize): expected at least 1") }
        if let window = options.shuffleWindow, window < 1 {
            throw .invalidOption("a shuffle window of \(window) shards: expected at least 1")
        }
        guard options.workers > 0 else { throw .invalidOption("\(options.workers) loader threads: expected at least 1") }
        batchCount = options.batches(in: shards)
        guard batchCount > 0 else {
            throw .invalidOption(
                "\(shards.folder): \(shards.count) samples make no whole batch of \(options.batchSize); use a smaller batch size")
        }
        self.shards = shards
        self.options = options
        core = LoaderCore(shards: shards, options: options, batchCount: batchCount)
    }

    deinit { core.stop() }

    /// Begins an epoch at a batch and drops what is left of an earlier epoch.
    public func start(epoch: Int, fromBatch batch: Int = 0) throws(ShardError) {
        guard (0...batchCount).contains(batch) else { throw .invalidOption("batch \(batch) of an epoch of \(batchCount)") }
        core.start(epoch: epoch, fromBatch: batch)
    }

    /// Begins at a saved position, which must have the same seed, batch size and shuffle window.
    public func start(at state: LoaderState) throws(ShardError) {
        guard state.seed == options.seed else {
            throw .invalidOption("the saved loader state has seed \(state.seed), this loader \(options.seed); use the same --seed")
        }
        guard state.batchSize == options.batchSize else {
            throw .invalidOption(
                "the saved loader state has batches of \(state.batchSize), this loader of \(options.batchSize); use the same --batch-size")
        }
        guard state.shuffleWindow == options.shuffleWindow else {
            func text(_ window: Int?) -> String { window.map { "of \($0) shards" } ?? "of the whole set" }
            throw .invalidOption(
                "the saved loader state has a shuffle window \(text(state.shuffleWindow)), this loader one \(text(options.shuffleWindow)); "
                    + "use the same --shuffle-window"
            )
        }
        try start(epoch: state.epoch, fromBatch: state.nextBatch)
    }

    /// The position after the last delivered batch.
    public var state: LoaderState { core.state }

    /// The next batch, or nil at the epoch's end. Waits until it is ready.
    public func next() throws(ShardError) -> BatchSlot? { try core.next() }

    /// Gives a batch's memory back. A consumer that keeps more than one batch stalls the loader.
    public func release(_ slot: BatchSlot) { core.release(slot) }

    /// Ends the epoch: threads finish their current batch and exit.
    public func stop() { core.stop() }
}
