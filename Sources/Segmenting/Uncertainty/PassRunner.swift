// Runs the passes of images through one network. Invariant: a prediction is a function of the network, the image, its number and the pass,
// never of the images beside it, the size of batches or the number of threads.
// Shape letters: B batch, H W rows and columns, C channels.
import Networks
import Randomness
import Tensors
import Text
import Training

/// An image and what is done with it.
struct PassImage {
    /// Its number in the split; decides what dropout drops.
    let number: Int
    /// uint8 [H,W,C] in the network's channels.
    let pixels: [UInt8]
    let passes: [Pass]
}

struct PassRunner {
    let model: TrainedModel
    /// Height and width of the images.
    let size: Int
    let channels: Int
    let batchSize: Int
    /// The features [B,N,D] of the passes' captions; nil for a network that reads no text.
    let text: ([String?]) throws(SegmentingError) -> Tensor?

    /// Passes with dropout run so many at once, whatever the batch size: a dropped element depends on its place in the batch.
    static let dropoutGroup = 8
    /// Separates dropout here from other uses of a seed.
    private static let stream: UInt64 = 0x6472_6F70

    /// Calls `body` with the index of the image in `images` and the probabilities [H,W] of each of its passes, in their order.
    func run(_ images: [PassImage], _ body: (_ image: Int, _ probabilities: [Float]) -> Void) throws(SegmentingError) {
        let plain = images.indices.flatMap { index in images[index].passes.filter { !$0.dropout }.map { (index, $0) } }
        for group in Self.groups(plain, of: batchSize) { try run(group, images, seed: nil, body) }
        for index in images.indices {
            let dropping = images[index].passes.filter(\.dropout).map { (index, $0) }
            for (number, group) in Self.groups(dropping, of: Self.dropoutGroup).enumerated() {
                var random = SplitMix64(keys: Self.stream, UInt64(images[index].number), UInt64(number))
                try run(group, images, seed: random.next(), body)
            }
        }
    }

    /// One batch.
    /// - Parameter seed: of dropout; nil for none.
    private func run(
        _ group: [(image: Int, pass: Pass)], _ images: [PassImage], seed: UInt64?, _ body: (Int, [Float]) -> Void
    ) throws(SegmentingError) {
        let pixels = group.flatMap { $0.pass.mirroring.applied(to: images[$0.image].pixels, width: size, height: size, channels: channels) }
        let batch = model.backend.bytes(pixels, [group.count, size, size, channels])
        let values = try model.probabilities(batch, text: try text(group.map(\.pass.caption)), dropoutSeed: seed)
        let area = size * size
        for (place, (image, pass)) in group.enumerated() {
            body(image, pass.mirroring.applied(to: Array(values[place * area..<(place + 1) * area]), width: size, height: size))
        }
    }

    private static func groups<Element>(_ all: [Element], of size: Int) -> [[Element]] {
        stride(from: 0, to: all.count, by: size).map { Array(all[$0..<min($0 + size, all.count)]) }
    }
}
