// The feed-forward pair against its parts, and the arena that its maps come from.
import Foundation
import Tensors
import Testing

@Suite struct ConvNeXtBlockTests {
    private static func gelu(_ x: Double) -> Double { 0.5 * x * erfc(-x / 2.0.squareRoot()) }

    private static func pair(_ x: Reference, _ w1: Reference, _ b1: Reference, _ w2: Reference, _ b2: Reference) -> Reference {
        let hidden = OperatorTests.linear(x, w1, b1)
        return OperatorTests.linear(Reference(hidden.shape, hidden.values.map(gelu)), w2, b2)
    }

    @Test func pair() throws {
        try checkOperator([.init([2, 5, 7]), .init([11, 7]), .init([11]), .init([6, 11]), .init([6])], half: [0]) {
            $0.convNeXtBlock(
                $1[0], ConvNeXtBlockWeights(expand: .init(weight: $1[1], bias: $1[2]), project: .init(weight: $1[3], bias: $1[4])))
        } reference: {
            Self.pair($0[0], $0[1], $0[2], $0[3], $0[4])
        }
    }

    /// The whole block: depthwise 3x3, layer norm, the pair, a scale per channel, and the input added.
    @Test func block() throws {
        let (height, width, channels, hidden) = (4, 5, 7, 11)
        let inputs: [OperatorInput] = [
            .init([2, height, width, channels], scale: 2, around: 0.5), .init([9, channels]), .init([channels]),
            .init([channels], around: 1), .init([channels]), .init([hidden, channels]), .init([hidden]), .init([channels, hidden]),
            .init([channels]), .init([channels], around: 0.5),
        ]
        try checkOperator(inputs, half: [0]) {
            $0.convNeXtBlock(
                $1[0],
                ConvNeXtBlockWeights(
                    depthwise: .init(weight: $1[1], bias: $1[2], kernel: 3), norm: .init(gamma: $1[3], beta: $1[4], epsilon: 1e-6),
                    expand: .init(weight: $1[5], bias: $1[6]), project: .init(weight: $1[7], bias: $1[8]), scale: $1[9]))
        } reference: { i in
            let x = i[0]
            var normal = x
            func at(_ image: Int, _ row: Int, _ column: Int, _ c: Int) -> Double {
                (0..<height).contains(row) && (0..<width).contains(column) ? x[((image * height + row) * width + column) * channels + c] : 0
            }
            for pixel in 0..<(2 * height * width) {
                let image = pixel / (height * width), row = pixel / width % height, column = pixel % width
                let values = (0..<channels).map { c in
                    (0..<9).reduce(i[2][c]) { $0 + i[1][$1 * channels + c] * at(image, row + $1 / 3 - 1, column + $1 % 3 - 1, c) }
                }
                let mean = values.reduce(0, +) / Double(channels)
                let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(channels) + 1e-6).squareRoot()
                for c in 0..<channels { normal[pixel * channels + c] = (values[c] - mean) / deviation * i[3][c] + i[4][c] }
            }
            let z = Self.pair(normal, i[5], i[6], i[7], i[8])
            return Reference(x.shape, x.values.indices.map { x[$0] + i[9][$0 % channels] * z[$0] })
        }
    }

    /// Without a backward pass the hidden map is there once and nothing is kept.
    @Test func inferenceIsTheSame() throws {
        let backend = try CPUBackend(threads: 2)
        var random = TestRandom(3)
        let tensors = [[4, 9], [20, 9], [20], [9, 20], [9]].map { shape in
            backend.tensor(random.values(shape.reduce(1, *)).map(Float.init), shape, requiresGradient: true)
        }
        let outputs = [Mode.training, .inference].map { mode in
            let tape = Tape(backend: backend, mode: mode)
            // A tape that is not run backward holds itself through its steps.
            defer { tape.discard() }
            return backend.values(
                tape.convNeXtBlock(
                    tensors[0],
                    ConvNeXtBlockWeights(
                        expand: .init(weight: tensors[1], bias: tensors[2]), project: .init(weight: tensors[3], bias: tensors[4]))))
        }
        #expect(outputs[0] == outputs[1])
    }
}

@Suite struct ArenaTests {
    @Test func blocksAreCutAndJoinedAgain() throws {
        let backend = try CPUBackend(threads: 1), megabyte = 1 << 18
        let tiny = backend.empty([1])
        var tensors = (0..<24).map { _ in backend.empty([megabyte]) }
        let reserved = backend.arena.bytesReserved
        #expect(backend.arena.bytesInUse == 64 + (24 << 20))
        // Every other block, then the rest: the free ranges must join to one that holds them all.
        for start in 0..<2 { for index in stride(from: start, to: 24, by: 2) { tensors[index] = tiny } }
        tensors = []
        #expect(backend.arena.bytesInUse == 64)
        let whole = backend.zeros([24 * megabyte])
        #expect(backend.arena.bytesReserved == reserved, "a range of 24 MiB was not put together again")
        #expect(backend.allFinite(whole))
        #expect(backend.arena.peakBytes == 64 + (24 << 20))
    }

    @Test func blocksAreApart() throws {
        let backend = try CPUBackend(threads: 1)
        var random = TestRandom(9)
        var kept: [(tensor: Tensor, value: Float)] = []
        for round in 0..<400 {
            let size = Int(random.values(1)[0].magnitude * 200_000) + 1
            let tensor = backend.empty([size])
            backend.fill(tensor, Float(round))
            kept.append((tensor, Float(round)))
            if kept.count > 20 { kept.remove(at: round % 20) }
        }
        for (tensor, value) in kept { #expect(backend.values(tensor).allSatisfy { $0 == value }) }
    }
}
