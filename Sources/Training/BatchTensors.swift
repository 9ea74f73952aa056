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

    /// - Parameter withheld: takes the place of every caption.
    /// - Throws: `shardsChanged` when a caption was never encoded.
    public static func make(
        _ slot: BatchSlot, shards: ShardSet, features: TextFeatureCache, backend: any Backend, withheld: TokenSequence? = nil
    ) throws(TrainingError) -> BatchTensors {
        let count = slot.count, size = shards.imageSize, channels = shards.channels, tokens = features.tokens
        let sequences = (0..<count).map { index in
            withheld ?? TokenSequence(
                ids: Array(UnsafeBufferPointer(start: slot.tokens + index * tokens, count: tokens)),
                attention: Array(UnsafeBufferPointer(start: slot.attention + index * tokens, count: tokens)))
        }
        guard let text = features.features(of: sequences) else { throw .shardsChanged(path: shards.folder, split: "training") }
        return BatchTensors(
            images: backend.bytes(
                UnsafeBufferPointer(start: slot.image, count: count * size * size * channels), [count, size, size, channels]),
            target: backend.bytes(UnsafeBufferPointer(start: slot.mask, count: count * size * size), [count, size, size]),
            text: backend.tensor(text, [count, tokens, features.width]))
    }
}
