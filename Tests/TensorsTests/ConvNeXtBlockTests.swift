// A ConvNeXt block without a backward pass, and the arena that its maps come from.
import Foundation
import Tensors
import Testing

@Suite struct ConvNeXtBlockTests {
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
