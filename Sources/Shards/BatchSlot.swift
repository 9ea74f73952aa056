// A batch's memory, used again and again. Shape letters: B batch, H W rows and columns, C channels, N text tokens.
// Invariant: one owner at a time: a loader thread while it fills, then whoever took it from `Loader.next` until it is released.

public final class BatchSlot: @unchecked Sendable {
    public let capacity: Int
    /// Samples in this batch; the last batch of an epoch may be smaller.
    public internal(set) var count = 0
    public internal(set) var number = 0
    public internal(set) var ids: [String] = []
    public internal(set) var captions: [String] = []
    public internal(set) var sampleIndices: [Int] = []
    /// uint8 [B,H,W,C], [B,H,W], int32 [B,N], uint8 [B,N]; the first `count` entries are valid.
    public let image: UnsafeMutablePointer<UInt8>
    public let mask: UnsafeMutablePointer<UInt8>
    public let tokens: UnsafeMutablePointer<Int32>
    public let attention: UnsafeMutablePointer<UInt8>
    let layout: SampleLayout

    init(capacity: Int, layout: SampleLayout) {
        self.capacity = capacity
        self.layout = layout
        image = .allocate(capacity: capacity * layout.imageBytes)
        mask = .allocate(capacity: capacity * layout.maskBytes)
        tokens = .allocate(capacity: capacity * layout.tokenLength)
        attention = .allocate(capacity: capacity * layout.tokenLength)
        ids.reserveCapacity(capacity)
        captions.reserveCapacity(capacity)
        sampleIndices.reserveCapacity(capacity)
    }

    deinit {
        image.deallocate()
        mask.deallocate()
        tokens.deallocate()
        attention.deallocate()
    }

    /// Copies one sample behind the ones already here.
    func append(_ index: Int, from shards: ShardSet) throws(ShardError) {
        let place = count, layout = layout
        try shards.withColumns(of: index) { bytes, ranges in
            func part(_ column: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[ranges[column]]) }
            func copy(_ column: Int, to target: UnsafeMutableRawPointer, _ size: Int) {
                UnsafeMutableRawBufferPointer(start: target, count: size).copyMemory(from: part(column))
            }
            copy(layout.image, to: image + place * layout.imageBytes, layout.imageBytes)
            copy(layout.mask, to: mask + place * layout.maskBytes, layout.maskBytes)
            copy(layout.tokens, to: tokens + place * layout.tokenLength, layout.tokenLength * 4)
            copy(layout.attention, to: attention + place * layout.tokenLength, layout.tokenLength)
        }
        let texts = try shards.texts(of: index)
        ids.append(texts.id)
        captions.append(texts.caption)
        sampleIndices.append(index)
        count += 1
    }

    /// Image and mask of a sample already here.
    func pixels(_ place: Int) -> (image: UnsafeMutableBufferPointer<UInt8>, mask: UnsafeMutableBufferPointer<UInt8>) {
        (
            UnsafeMutableBufferPointer(start: image + place * layout.imageBytes, count: layout.imageBytes),
            UnsafeMutableBufferPointer(start: mask + place * layout.maskBytes, count: layout.maskBytes)
        )
    }

    func clear(number: Int) {
        self.number = number
        count = 0
        ids.removeAll(keepingCapacity: true)
        captions.removeAll(keepingCapacity: true)
        sampleIndices.removeAll(keepingCapacity: true)
    }
}
