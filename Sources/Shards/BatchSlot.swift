// The memory of a batch, which is reused. Shape letters: B batch, H W rows and columns, C channels, N text tokens.
// Invariant: one owner at a time: a loader thread while it fills the slot, then the caller of `Loader.next` until it releases the slot.
import CPixels
import Text

public final class BatchSlot: @unchecked Sendable {
    public let capacity: Int
    /// Samples in this batch; the last batch of an epoch may be smaller.
    public internal(set) var count = 0
    public internal(set) var number = 0
    public internal(set) var sampleIndices: [Int] = []
    /// uint8 [B,H,W,C], [B,H,W], int32 [B,N], uint8 [B,N]; the first `count` entries are valid. In a normalised batch `image` is empty.
    public let image: UnsafeMutablePointer<UInt8>
    public let mask: UnsafeMutablePointer<UInt8>
    public let tokens: UnsafeMutablePointer<Int32>
    public let attention: UnsafeMutablePointer<UInt8>
    /// float32 [B,H,W,3] of a normalised batch, in which the channel of a grey image is repeated three times; nil otherwise.
    public let normalised: UnsafeMutablePointer<Float>?
    let layout: SampleLayout
    /// Tokens of each caption, N.
    let tokenLength: Int
    /// Ids and captions in UTF-8, and the range of each.
    private var text: [UInt8] = []
    private var idRanges: [Range<Int>] = []
    private var captionRanges: [Range<Int>] = []

    init(capacity: Int, shards: ShardSet, images: BatchImages = .bytes) {
        self.capacity = capacity
        layout = shards.layout
        tokenLength = shards.tokenLength
        let isNormalised = images == .normalised
        // A normalised batch holds the bytes of one image at a time, so that augmentation can change them.
        image = .allocate(capacity: (isNormalised ? 1 : capacity) * layout.imageBytes)
        mask = .allocate(capacity: capacity * layout.maskBytes)
        tokens = .allocate(capacity: capacity * tokenLength)
        attention = .allocate(capacity: capacity * tokenLength)
        if isNormalised {
            let bytes = capacity * layout.maskBytes * 3 * MemoryLayout<Float>.stride
            normalised = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).bindMemory(
                to: Float.self, capacity: capacity * layout.maskBytes * 3)
        } else {
            normalised = nil
        }
        idRanges.reserveCapacity(capacity)
        captionRanges.reserveCapacity(capacity)
        sampleIndices.reserveCapacity(capacity)
    }

    deinit {
        image.deallocate()
        mask.deallocate()
        tokens.deallocate()
        attention.deallocate()
        if let normalised { UnsafeMutableRawPointer(normalised).deallocate() }
    }

    /// Created on demand.
    public var ids: [String] { idRanges.map { String(decoding: text[$0], as: UTF8.self) } }
    /// Empty for a set without captions.
    public var captions: [String] { captionRanges.map { String(decoding: text[$0], as: UTF8.self) } }

    /// Nil in a set without captions.
    func caption(_ place: Int) -> String? {
        layout.caption == nil ? nil : String(decoding: text[captionRanges[place]], as: UTF8.self)
    }

    func replaceTokens(_ place: Int, by sequence: TokenSequence) {
        for token in 0..<tokenLength {
            tokens[place * tokenLength + token] = sequence.ids[token]
            attention[place * tokenLength + token] = sequence.attention[token]
        }
    }

    func replaceCaption(_ place: Int, by caption: String) {
        let start = text.count
        text.append(contentsOf: caption.utf8)
        captionRanges[place] = start..<text.count
    }

    /// Appends a copy of one sample.
    /// - Parameter willChange: keeps the image's bytes, so that they can be changed before they are normalised (see `normalise`).
    func append(_ index: Int, from shards: ShardSet, willChange: Bool) throws(ShardError) {
        let place = count, layout = layout
        try shards.withColumns(of: index) { bytes, ranges in
            func part(_ column: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[ranges[column]]) }
            func copy(_ column: Int, to target: UnsafeMutableRawPointer, _ size: Int) {
                UnsafeMutableRawBufferPointer(start: target, count: size).copyMemory(from: part(column))
            }
            func keep(_ column: Int, _ places: inout [Range<Int>]) {
                let start = text.count
                text.append(contentsOf: part(column))
                places.append(start..<text.count)
            }
            if let normalised, !willChange {
                let target = normalised + place * layout.maskBytes * 3
                vlpx_normalise(
                    part(layout.image).bindMemory(to: UInt8.self).baseAddress, Int64(layout.maskBytes), Int64(layout.channels), target)
            } else {
                copy(layout.image, to: image + (normalised == nil ? place : 0) * layout.imageBytes, layout.imageBytes)
            }
            copy(layout.mask, to: mask + place * layout.maskBytes, layout.maskBytes)
            if let made = shards.madeTokens(of: index) {
                replaceTokens(place, by: made)
            } else if let tokens = layout.tokens, let attention = layout.attention {
                copy(tokens, to: self.tokens + place * tokenLength, tokenLength * 4)
                copy(attention, to: self.attention + place * tokenLength, tokenLength)
            }
            keep(layout.id, &idRanges)
            if let caption = layout.caption { keep(caption, &captionRanges) }
        }
        sampleIndices.append(index)
        count += 1
    }

    /// Normalises the image of a sample whose bytes were kept for a change. Does nothing in a batch of bytes.
    func normalise(_ place: Int) {
        guard let normalised else { return }
        vlpx_normalise(image, Int64(layout.maskBytes), Int64(layout.channels), normalised + place * layout.maskBytes * 3)
    }

    /// Image and mask of a sample of this batch; in a normalised batch only the last sample's image is available.
    func pixels(_ place: Int) -> (image: UnsafeMutableBufferPointer<UInt8>, mask: UnsafeMutableBufferPointer<UInt8>) {
        (
            UnsafeMutableBufferPointer(start: image + (normalised == nil ? place : 0) * layout.imageBytes, count: layout.imageBytes),
            UnsafeMutableBufferPointer(start: mask + place * layout.maskBytes, count: layout.maskBytes)
        )
    }

    func clear(number: Int) {
        self.number = number
        count = 0
        text.removeAll(keepingCapacity: true)
        idRanges.removeAll(keepingCapacity: true)
        captionRanges.removeAll(keepingCapacity: true)
        sampleIndices.removeAll(keepingCapacity: true)
    }
}
