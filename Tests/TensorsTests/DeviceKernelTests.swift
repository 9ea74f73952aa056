// The GPU's kernels beside the CPU's on sizes at which their tiles are cut in other ways: whole ones, remains, several of them, what the
// fast paths leave to others.
import EmulatedGPU
import Tensors
import Testing

@Suite struct DeviceKernelTests {
    /// Runs `operation` on the CPU in float32 and on the emulated GPU in both formats; `activations` are the inputs that follow the format.
    private func compare(
        _ shapes: [[Int]], activations: Set<Int>, sourceLocation: SourceLocation = #_sourceLocation, operation: (Tape, [Tensor]) -> Tensor
    ) throws {
        var random = TestRandom(7)
        // Numbers that bf16 holds.
        let inputs = shapes.map { shape in
            random.values(shape.reduce(1, *)).map { Float(bitPattern: Float($0).bitPattern & 0xFFFF_0000) }
        }
        var expected: [[Float]] = []
        for (isGPU, format) in [(false, NumberFormat.float32), (true, .float32), (true, .bfloat16)] {
            let backend: any Backend = isGPU ? try EmulatedGPU.backend() : try CPUBackend(threads: 2)
            let tape = Tape(backend: backend, mode: .training, dropoutSeed: 11)
            let tensors = zip(shapes, inputs).map { shape, values in
                backend.tensor(values, [values.count]).parameterView(shape, at: 0, gradients: backend.zeros([values.count]))
            }
            let y = operation(
                tape, tensors.enumerated().map { format == .bfloat16 && activations.contains($0) ? tape.convert($1, to: format) : $1 })
            let output = tape.convert(y, to: .float32)
            var start = TestRandom(8)
            tape.start(
                backend.tensor(start.values(y.count).map { Float(bitPattern: Float($0).bitPattern & 0xFFFF_0000) }, y.shape), at: output)
            let values = backend.values(output)
            tape.backward()
            try backend.check()
            let found = [values] + tensors.map { $0.gradient.map(backend.values) ?? [] }
            guard isGPU else {
                expected = found
                continue
            }
            for (number, (a, b)) in zip(found, expected).enumerated() {
                let largest = b.lazy.map(abs).max() ?? 0, tolerance = largest * (format == .float32 ? 2e-5 : number == 0 ? 0x1p-7 : 0x1p-6)
                if let index = a.indices.first(where: { !(abs(a[$0] - b[$0]) <= tolerance) }) {
                    let what = number == 0 ? "value" : "gradient of input \(number - 1)"
                    Issue.record(
                        "\(what) at \(index) in \(format): \(a[index]), on the CPU \(b[index]), largest \(largest)",
                        sourceLocation: sourceLocation)
                    return
                }
            }
        }
    }

    @Test(arguments: [
        ([2, 15, 17, 32], 7), ([1, 28, 14, 64], 7), ([1, 1, 30, 32], 7), ([5, 7, 7, 32], 7), ([2, 8, 5, 64], 7), ([1, 9, 6, 96], 7),
        ([2, 9, 11, 40], 7),
        ([2, 5, 5, 32], 5),
    ]) func depthwise(shape: [Int], kernel: Int) throws {
        try compare([shape, [kernel * kernel, shape[3]], [shape[3]]], activations: [0]) {
            $0.depthwise($1[0], weight: $1[1], bias: $1[2], kernel: kernel)
        }
    }

    struct AttentionCase {
        let batch: Int, heads: Int, queries: Int, keys: Int, width: Int
        var dropout: Float = 0
        var isMasked = false
    }

    @Test(arguments: [
        AttentionCase(batch: 2, heads: 2, queries: 49, keys: 49, width: 48, dropout: 0.1),
        AttentionCase(batch: 1, heads: 1, queries: 150, keys: 131, width: 48, dropout: 0.25, isMasked: true),
        AttentionCase(batch: 2, heads: 2, queries: 70, keys: 12, width: 48),
        AttentionCase(batch: 3, heads: 2, queries: 24, keys: 24, width: 64, isMasked: true),
        AttentionCase(batch: 1, heads: 2, queries: 81, keys: 70, width: 96, dropout: 0.1),
        AttentionCase(batch: 2, heads: 1, queries: 49, keys: 49, width: 192, dropout: 0.1),
        AttentionCase(batch: 2, heads: 1, queries: 49, keys: 9, width: 192, isMasked: true),
        AttentionCase(batch: 2, heads: 3, queries: 35, keys: 37, width: 20, dropout: 0.1, isMasked: true),
        AttentionCase(batch: 1, heads: 1, queries: 17, keys: 33, width: 250, isMasked: true),
        AttentionCase(batch: 1, heads: 1, queries: 9, keys: 11, width: 80),
        AttentionCase(batch: 1, heads: 1, queries: 9, keys: 11, width: 150, dropout: 0.1),
        AttentionCase(batch: 2, heads: 2, queries: 41, keys: 37, width: 300, dropout: 0.1, isMasked: true),
        AttentionCase(batch: 2, heads: 1, queries: 49, keys: 49, width: 768),
        AttentionCase(batch: 1, heads: 1, queries: 17, keys: 33, width: 513, dropout: 0.1),
    ]) func attention(_ c: AttentionCase) throws {
        let columns = c.heads * c.width
        // Some keys ignored; of the last image all.
        let mask = (0..<c.batch * c.keys).map { UInt8(c.batch > 1 && $0 / c.keys == c.batch - 1 ? 0 : $0 * 7 % 5 > 1 ? 1 : 0) }
        try compare([[c.batch, c.queries, columns], [c.batch, c.keys, columns], [c.batch, c.keys, columns]], activations: [0, 1, 2]) {
            $0.attention(
                $1[0], $1[1], $1[2], heads: c.heads, mask: c.isMasked ? $0.backend.bytes(mask, [c.batch, c.keys]) : nil, dropout: c.dropout)
        }
    }

    /// A width for each kernel that holds rows in registers, with lanes left over, and more rows than a warp takes at once.
    @Test(arguments: [12, 96, 132, 260, 384, 520, 768, 770, 1000]) func layerNorm(channels: Int) throws {
        try compare([[39, channels], [channels], [channels]], activations: [0]) {
            $0.layerNorm($1[0], gamma: $1[1], beta: $1[2], epsilon: 1e-5)
        }
    }

    @Test(arguments: [2, 3, 4, 5]) func shufflePool(factor: Int) throws {
        try compare([[2, 3, 5, factor * factor], [1]], activations: []) { $0.shufflePool($1[0], factor: factor, bias: $1[1]) }
    }

    @Test func metricsAndChecksOfNumbers() throws {
        let gpu = try EmulatedGPU.backend(), cpu = try CPUBackend(threads: 1), shape = [3, 17, 19], count = 3 * 17 * 19
        var random = TestRandom(3)
        let p = random.values(count, scale: 0.5, around: 0.5).map(Float.init), target = random.values(count).map { UInt8($0 > 0.3 ? 1 : 0) }
        let counts = [cpu, gpu].map { (backend: any Backend) in
            backend.confusion(backend.tensor(p, shape), backend.bytes(target, shape), threshold: 0.5)
        }
        #expect(counts[0] == counts[1])
        for format in NumberFormat.allCases {
            let x = gpu.empty([1003], format: format)
            gpu.fill(x, 0.5)
            #expect(gpu.allFinite(x) && gpu.values(x) == [Float](repeating: 0.5, count: 1003))
            var values = [Float](repeating: 1, count: 1003)
            for bad in [Float.nan, .infinity, -.infinity] {
                values[1002] = bad
                values.withUnsafeBufferPointer { gpu.upload($0, to: x) }
                #expect(!gpu.allFinite(x), "\(bad)")
            }
        }
        try gpu.check()
    }
}
