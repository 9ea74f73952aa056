// A synthetic batch without files: noise as images, a disc as masks, waves as text features. For benchmarks and profiles.
import Foundation
import Networks
import Randomness
import Tensors

enum SyntheticBatch {
    static func make(_ specification: ModelSpecification, batchSize: Int, imageSize size: Int, on backend: any Backend) -> BatchTensors {
        var random = SplitMix64.hash(0)
        let pixels = (0..<(batchSize * size * size * 3)).map { _ in
            random = SplitMix64.hash(random)
            return UInt8(truncatingIfNeeded: random >> 32)
        }
        let disc: [UInt8] = (0..<(size * size)).map { index in
            let dy = index / size - size / 2, dx = index % size - size / 2
            return 30 * (dy * dy + dx * dx) <= size * size ? 1 : 0
        }
        let text = specification.text.map { text in
            let shape = [batchSize, text.tokens, text.width]
            return backend.tensor((0..<shape.reduce(1, *)).map { Float(sin(Double($0))) }, shape)
        }
        return BatchTensors(
            images: backend.bytes(pixels, [batchSize, size, size, 3]),
            target: backend.bytes((0..<batchSize).flatMap { _ in disc }, [batchSize, size, size]), text: text)
    }
}
