// A batch on a device, and its upload from a loader's slot (bytes). Only this file of the library reads the slot's memory.
import Shards
import Tensors
import Text

public final class BatchTensors {
    /// uint8 [B,H,W,C].
    public let images: ByteTensor
    /// uint8 [B,H,W] of 0 and 1.
    public let target: ByteTensor
    /// float32 [B,N,D]; nil for a network that reads no text.
    public let text: Tensor?
    /// Identifies these tensors: a recorded step reads the same tensors every time.
    let identity = Identity()

    public init(images: ByteTensor, target: ByteTensor, text: Tensor?) {
        self.images = images
        self.target = target
        self.text = text
    }

    /// Reserves tensors for a batch of `count` samples.
    public convenience init(count: Int, shards: ShardSet, features: TextFeatureCache?, backend: any Backend) {
        let size = shards.imageSize
        self.init(
            images: backend.emptyBytes([count, size, size, shards.channels]), target: backend.emptyBytes([count, size, size]),
            text: features.map { backend.empty([count, $0.tokens, $0.width]) })
    }

    /// Copies a batch of exactly the reserved count; afterwards the slot is free again.
    /// - Parameter withheld: replaces every caption.
    /// - Throws: `shardsChanged` if a caption was never encoded.
    public func fill(
        from slot: BatchSlot, shards: ShardSet, features: TextFeatureCache?, backend: any Backend, withheld: TokenSequence? = nil
    ) throws(TrainingError) {
        if let text, let features {
            let tokens = features.tokens
            let sequences = (0..<slot.count).map { index in
                withheld
                    ?? TokenSequence(
                        ids: Array(UnsafeBufferPointer(start: slot.tokens + index * tokens, count: tokens)),
                        attention: Array(UnsafeBufferPointer(start: slot.attention + index * tokens, count: tokens)))
            }
            guard let values = features.features(of: sequences) else { throw .shardsChanged(path: shards.folder, split: "training") }
            values.withUnsafeBufferPointer { backend.upload($0, to: text) }
        }
        backend.upload(UnsafeBufferPointer(start: slot.image, count: images.count), to: images)
        backend.upload(UnsafeBufferPointer(start: slot.mask, count: target.count), to: target)
    }

    /// A sample's image [H,W,C] and mask [H,W] of 0 and 1, as bytes.
    package static func pixels(_ place: Int, of slot: BatchSlot, shards: ShardSet) -> (image: [UInt8], mask: [UInt8]) {
        let area = shards.imageSize * shards.imageSize, bytes = area * shards.channels
        return (
            Array(UnsafeBufferPointer(start: slot.image + place * bytes, count: bytes)),
            Array(UnsafeBufferPointer(start: slot.mask + place * area, count: area))
        )
    }

    /// A batch in new tensors.
    public static func make(
        _ slot: BatchSlot, shards: ShardSet, features: TextFeatureCache?, backend: any Backend, withheld: TokenSequence? = nil
    ) throws(TrainingError) -> BatchTensors {
        let batch = BatchTensors(count: slot.count, shards: shards, features: features, backend: backend)
        try batch.fill(from: slot, shards: shards, features: features, backend: backend, withheld: withheld)
        return batch
    }
}
