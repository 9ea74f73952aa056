// From a loader's slot (bytes) to tensors on a backend. The one place of this library that touches the slot's memory.
import Shards
import Tensors
import Text

public struct BatchTensors {
    /// uint8 [B,H,W,C].
    public let images: ByteTensor
    /// uint8 [B,H,W] of 0 and 1.
    public let target: ByteTensor
    /// float32 [B,N,D].
    public let text: Tensor

    /// Room for a batch of `count` samples.
    public init(count: Int, shards: ShardSet, features: TextFeatureCache, backend: any Backend) {
        let size = shards.imageSize
        images = backend.emptyBytes([count, size, size, shards.channels])
        target = backend.emptyBytes([count, size, size])
        text = backend.empty([count, features.tokens, features.width])
    }

    /// Takes over a batch of the count that there is room for; the slot is free again afterwards.
    /// - Parameter withheld: takes the place of every caption.
    /// - Throws: `shardsChanged` when a caption was never encoded.
    public func fill(
        from slot: BatchSlot, shards: ShardSet, features: TextFeatureCache, backend: any Backend, withheld: TokenSequence? = nil
    ) throws(TrainingError) {
        let tokens = features.tokens
        let sequences = (0..<slot.count).map { index in
            withheld ?? TokenSequence(
                ids: Array(UnsafeBufferPointer(start: slot.tokens + index * tokens, count: tokens)),
                attention: Array(UnsafeBufferPointer(start: slot.attention + index * tokens, count: tokens)))
        }
        guard let values = features.features(of: sequences) else { throw .shardsChanged(path: shards.folder, split: "training") }
        backend.upload(UnsafeBufferPointer(start: slot.image, count: images.count), to: images)
        backend.upload(UnsafeBufferPointer(start: slot.mask, count: target.count), to: target)
        values.withUnsafeBufferPointer { backend.upload($0, to: text) }
    }

    /// A batch in room of its own.
    public static func make(
        _ slot: BatchSlot, shards: ShardSet, features: TextFeatureCache, backend: any Backend, withheld: TokenSequence? = nil
    ) throws(TrainingError) -> BatchTensors {
        let batch = BatchTensors(count: slot.count, shards: shards, features: features, backend: backend)
        try batch.fill(from: slot, shards: shards, features: features, backend: backend, withheld: withheld)
        return batch
    }
}
