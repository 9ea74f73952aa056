// Operators, blocks and losses of the networks against PyTorch in float64 (Scripts/golden/models/operators.py), on the CPU and on the
// stand-in for a GPU.
import EmulatedGPU
import Foundation
import GoldenSupport
import Networks
import Tensors
import Testing

struct GoldenOperators: Decodable {
    /// In full, or samples of it.
    struct Values: Decodable {
        let shape: [Int]
        let values: [Double]?
        let samples: [Double]?
        let maximum: Double?
    }
    struct Case: Decodable {
        /// How a convolution's window lies; other cases have other parameters.
        struct Parameters: Decodable {
            let kernel: [Int]?, stride: [Int]?, padding: [Int]?, dilation: [Int]?, groups: Int?

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                func pair(_ key: CodingKeys) -> [Int]? { try? container.decodeIfPresent([Int].self, forKey: key) }
                (kernel, stride, padding, dilation) = (pair(.kernel), pair(.stride), pair(.padding), pair(.dilation))
                groups = try? container.decodeIfPresent(Int.self, forKey: .groups)
            }

            private enum CodingKeys: String, CodingKey { case kernel, stride, padding, dilation, groups }
        }
        let parameters: Parameters?
        let inputs: [String: [Int]], weights: [String: [Int]]
        let inputValues: [String: Values]?
        let outputs: [String: Values], gradients: [String: Values]
    }
    struct Losses: Decodable {
        struct Loss: Decodable { let terms: [String: Double], gradient: Values }
        let target: Values
        let unet: Loss
        let swinunet: Loss
        let plain: Loss

        private enum CodingKeys: String, CodingKey {
            case target, unet, swinunet
            case plain = "dice+bce"
        }
    }

    let cases: [String: Case]
    let losses: Losses

    static func read() throws -> GoldenOperators { try JSONDecoder().decode(GoldenOperators.self, from: GoldenNetwork.data("operators")) }
}

@Suite struct GoldenOperatorTests {
    let golden: GoldenOperators

    init() throws { golden = try GoldenOperators.read() }

    private func backends() throws -> [any Backend] {
        [
            try CPUBackend(threads: 2, winogradConvolutions: false), try CPUBackend(threads: 2),
            try CPUBackend(threads: 2, winogradConvolutions: false, hasConvolutionLibrary: false),
            try EmulatedGPU.backend(CUDAOptions(formats: [])),
        ]
    }

    private func expectClose(
        _ found: [Float], _ gold: GoldenOperators.Values, _ name: String, _ tolerance: Double, _ backend: any Backend
    ) throws {
        if let samples = gold.samples, let maximum = gold.maximum {
            let indices = GoldenFormula.sampleIndices(name, size: found.count, count: samples.count)
            let worst = zip(indices, samples).map { abs(Double(found[$0]) - $1) }.max() ?? .infinity
            #expect(
                found.count == gold.shape.reduce(1, *) && worst <= tolerance * max(0.1, maximum),
                "\(name) on \(backend.summary): \(worst) of \(maximum)")
            return
        }
        let expected = try #require(gold.values, "\(name) is not there"), scale = max(0.1, expected.map(abs).max() ?? 0)
        let worst = found.count == expected.count ? zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 0 : .infinity
        #expect(worst <= tolerance * scale, "\(name) on \(backend.summary): \(worst) of \(scale)")
    }

    /// Runs a case on every backend: its arrays and weights by name, its output, and the gradients of all of them.
    private func check(
        _ name: String, seed: UInt64 = 0, _ layer: (Tape, ParameterStore, [String: Tensor]) -> Tensor,
        declare: (Scope) -> Void = { _ in }
    ) throws {
        let gold = try #require(golden.cases[name])
        for backend in try backends() {
            let store = ParameterStore(backend: backend)
            declare(Scope(store: store, prefix: name))
            store.build(seed: 0, trains: true)
            GoldenFormula.fill(store)
            func leaf(_ values: [Float], _ shape: [Int]) -> Tensor {
                backend.tensor(values, [values.count]).parameterView(shape, at: 0, gradients: backend.zeros([values.count]))
            }
            var inputs: [String: Tensor] = [:]
            for (input, shape) in gold.inputs {
                let given = gold.inputValues?[input]?.values?.map { Float($0) }
                inputs[input] = leaf(given ?? GoldenFormula.plain(input, shape.reduce(1, *)), shape)
            }
            // The mixed text of a guide layer.
            let text = name + ".text_project"
            let tape = Tape(backend: backend, mode: .training, dropoutSeed: seed, taps: TapRequest(values: [text])),
                y = layer(tape, store, inputs),
                output = try #require(gold.outputs["output"])
            #expect(y.shape == output.shape)
            try expectClose(backend.values(y), output, name + ".output", 1e-5, backend)
            for (statistic, expected) in gold.outputs where statistic != "output" {
                let found = statistic == "text" ? tape.tapped[text].map { backend.values($0) } : store.value(name + "." + statistic)
                try expectClose(try #require(found), expected, statistic, 1e-5, backend)
            }
            tape.start(backend.tensor(GoldenFormula.plain(name + ".upstream", y.count), y.shape), at: y)
            tape.backward()
            try backend.check()
            #expect(Set(gold.gradients.keys) == Set(gold.inputs.keys).union(gold.weights.keys))
            for (entry, expected) in gold.gradients {
                let found = try #require(inputs[entry]?.gradient.map { backend.values($0) } ?? store.gradient(entry), "\(entry)")
                try expectClose(found, expected, entry, 1e-4, backend)
            }
        }
    }

    @Test(arguments: ["maxPool", "maxPoolOdd", "maxPoolTies"]) func maxPool(name: String) throws {
        try check(name) { tape, _, x in x[name + ".input"].map { tape.maxPool($0) } ?? tape.backend.zeros([1]) }
    }

    static let convolutions = (try? GoldenOperators.read())?.cases.keys.filter { $0.hasPrefix("conv") }.sorted() ?? []

    @Test(arguments: convolutions) func convolution(name: String) throws {
        let gold = try #require(golden.cases[name]), window = try #require(gold.parameters)
        func extent(_ pair: [Int]?) throws -> Extent { Extent(try #require(pair?.first), try #require(pair?.last)) }
        let stride = try extent(window.stride), padding = try extent(window.padding), dilation = try extent(window.dilation)
        let groups = try #require(window.groups), expected = try #require(gold.outputs["output"])
        let input = name + ".input", weightName = name + ".conv.weight", biasName = name + ".conv.bias"
        let size = try #require(gold.inputs[input]), file = try #require(gold.weights[weightName]), bias = gold.weights[biasName]
        /// [O,I,kh,kw] of files to [O,kh,kw,I] of memory, or back.
        func turned(_ values: [Float], toMemory: Bool) -> [Float] {
            let inputs = file[1], taps = file[2] * file[3]
            return values.indices.map { at in
                let o = at / (inputs * taps), rest = at % (inputs * taps)
                return toMemory
                    ? values[(o * inputs + rest % inputs) * taps + rest / inputs] : values[(o * taps + rest % taps) * inputs + rest / taps]
            }
        }
        for backend in try backends() {
            func leaf(_ values: [Float], _ shape: [Int]) -> Tensor {
                backend.tensor(values, [values.count]).parameterView(shape, at: 0, gradients: backend.zeros([values.count]))
            }
            let x = leaf(GoldenFormula.plain(input, size.reduce(1, *)), size)
            let weight = leaf(turned(GoldenFormula.values(weightName, file), toMemory: true), [file[0], file[2], file[3], file[1]])
            let added = bias.map { leaf(GoldenFormula.values(biasName, $0), $0) }
            let tape = Tape(backend: backend, mode: .training)
            let y = tape.convolution(x, weight: weight, bias: added, stride: stride, padding: padding, dilation: dilation, groups: groups)
            #expect(y.shape == expected.shape)
            try expectClose(backend.values(y), expected, name, 1e-5, backend)
            tape.start(backend.tensor(GoldenFormula.plain(name + ".upstream", y.count), y.shape), at: y)
            tape.backward()
            try backend.check()
            var found = [input: backend.values(try #require(x.gradient))]
            found[weightName] = turned(backend.values(try #require(weight.gradient)), toMemory: false)
            if let added { found[biasName] = backend.values(try #require(added.gradient)) }
            #expect(Set(found.keys) == Set(gold.gradients.keys))
            for (entry, values) in found { try expectClose(values, try #require(gold.gradients[entry]), entry, 1e-4, backend) }
        }
    }

    @Test func allSixteenConvolutionsAreThere() { #expect(Self.convolutions.count == 16) }

    @Test func transposedConvolution() throws {
        let name = "transposed", gold = try #require(golden.cases[name]), outputs = try #require(gold.outputs["output"])
        /// [I,O,2,2] of files to [I,2,2,O] of memory, or back.
        func turned(_ values: [Float], toMemory: Bool) -> [Float] {
            var result = values
            for i in 0..<3 {
                for o in 0..<4 {
                    for k in 0..<4 {
                        let file = (i * 4 + o) * 4 + k, memory = (i * 4 + k) * 4 + o
                        if toMemory { result[memory] = values[file] } else { result[file] = values[memory] }
                    }
                }
            }
            return result
        }
        for backend in try backends() {
            func leaf(_ values: [Float], _ shape: [Int]) -> Tensor {
                backend.tensor(values, [values.count]).parameterView(shape, at: 0, gradients: backend.zeros([values.count]))
            }
            let x = leaf(GoldenFormula.plain("transposed.input", 36), [2, 2, 3, 3]),
                bias = leaf(GoldenFormula.values("transposed.up.bias", [4]), [4])
            let weight = leaf(turned(GoldenFormula.values("transposed.up.weight", [3, 4, 2, 2]), toMemory: true), [3, 2, 2, 4])
            let tape = Tape(backend: backend, mode: .training)
            let y = tape.transposedConvolution(x, weight: weight, bias: bias, kernel: 2)
            #expect(y.shape == outputs.shape)
            try expectClose(backend.values(y), outputs, name, 1e-5, backend)
            tape.start(backend.tensor(GoldenFormula.plain("transposed.upstream", y.count), y.shape), at: y)
            tape.backward()
            try backend.check()
            let found = try [x, weight, bias].map { backend.values(try #require($0.gradient)) }
            let all = [
                "transposed.input": found[0], "transposed.up.weight": turned(found[1], toMemory: false), "transposed.up.bias": found[2],
            ]
            #expect(Set(all.keys) == Set(gold.gradients.keys))
            for (entry, values) in all { try expectClose(values, try #require(gold.gradients[entry]), entry, 1e-4, backend) }
        }
    }

    @Test func sequenceProduct() throws {
        for (name, isActive) in [("sequenceProduct", false), ("sequenceProductGELU", true)] {
            var mix: PositionLinear?
            try check(name) { tape, _, x in
                guard let input = x[name + ".input"], let mix else { return tape.backend.zeros([1]) }
                return isActive ? tape.activate(.gelu, mix(input, tape)) : mix(input, tape)
            } declare: {
                mix = PositionLinear(Scope(store: $0.store, prefix: name + ".mix"), 5, 3)
            }
        }
    }

    @Test func guideLayer() throws {
        let name = "guideLayer"
        var guide: AriadneGuide?
        try check(name) { tape, _, x in
            guard let input = x[name + ".input"], let text = x[name + ".text"], let guide else { return tape.backend.zeros([1]) }
            return guide(input, text: text, tape, PositionTables(backend: tape.backend))
        } declare: {
            guide = AriadneGuide($0, channels: 8, tokens: 5, textWidth: 6, textPositions: 3)
        }
    }

    @Test func stepDown() throws {
        var pair: ConvolutionPair?
        try check("unetDown") { tape, _, x in
            guard let input = x["unetDown.input"], let pair else { return tape.backend.zeros([1]) }
            return pair(tape.maxPool(input), tape)
        } declare: {
            pair = ConvolutionPair($0, 3, 4)
        }
    }

    @Test func stepUp() throws {
        var step: UpStep?
        try check("unetUp") { tape, _, x in
            guard let input = x["unetUp.input"], let skip = x["unetUp.skip"], let step else { return tape.backend.zeros([1]) }
            return step(input, skip: skip, tape)
        } declare: {
            step = UpStep($0, input: 4, output: 3)
        }
    }

    @Test(arguments: [("windowAttention", 0), ("windowAttentionShifted", 1)]) func windowAttention(name: String, shift: Int) throws {
        try check(name) { tape, _, x in
            guard let qkv = x["windowAttention.qkv"], let table = x["windowAttention.table"] else { return tape.backend.zeros([1]) }
            let y = tape.windowAttention(tape.reshape(qkv, [2, 6, 6, 12]), table: table, heads: 2, side: 3, shift: shift)
            return tape.reshape(y, [2, 36, 4])
        }
    }

    /// The published order of a patch's pixels is column by column.
    @Test func gatheredPatches() throws {
        try check("patchGather") { tape, _, x in
            guard let input = x["patchGather.input"] else { return tape.backend.zeros([1]) }
            let rows = tape.gatherPatches(tape.reshape(input, [2, 4, 4, 3]), size: 2)
            let parts = [0, 6, 3, 9].map { tape.columns(rows, $0..<($0 + 3)) }
            let y = tape.concatenate(tape.concatenate(parts[0], parts[1]), tape.concatenate(parts[2], parts[3]))
            return tape.reshape(y, [2, 4, 12])
        }
    }

    @Test(arguments: [2, 4]) func scatteredPatches(size: Int) throws {
        let name = "patchScatter\(size)", gold = try #require(golden.cases[name]?.outputs["output"])
        try check(name) { tape, _, x in
            guard let input = x[name + ".input"] else { return tape.backend.zeros([1]) }
            return tape.reshape(tape.scatterPatches(tape.reshape(input, [2, 2, 2, input.channels]), size: size), gold.shape)
        }
    }

    /// A seed that keeps the samples which the file says are kept.
    @Test func dropPath() throws {
        let host = try CPUBackend(threads: 1), one = host.tensor([1, 1, 1, 1], [4, 1]), none = host.zeros([4, 1])
        func kept(_ seed: UInt64) -> [Bool] {
            let tape = Tape(backend: host, mode: .sampling, dropoutSeed: seed)
            return host.values(tape.addPath(none, one, dropped: 0.25)).map { $0 != 0 }
        }
        let seed = try #require((0..<1000).first { kept($0) == [true, false, true, true] })
        try check("dropPath", seed: seed) { tape, _, x in
            guard let input = x["dropPath.input"] else { return tape.backend.zeros([1]) }
            return tape.addPath(tape.backend.zeros(input.shape), input, dropped: 0.25)
        }
    }

    @Test(arguments: [(name: "windowLayer", side: 6), (name: "windowLayerWhole", side: 3)]) func windowLayer(
        name: String, side: Int
    ) throws {
        var layer: WindowAttentionLayer?
        try check(name) { tape, _, x in
            guard let input = x[name + ".input"], let layer else { return tape.backend.zeros([1]) }
            return tape.reshape(layer(tape.reshape(input, [2, side, side, 4]), tape), input.shape)
        } declare: {
            layer = WindowAttentionLayer($0("attn"), SwinBlockSizes(channels: 4, heads: 2, isShifted: true, side: 3))
        }
    }

    @Test(arguments: [14, 7]) func swinBlock(side: Int) throws {
        var block: SwinBlock?
        try check("swinBlock\(side)") { tape, _, x in
            guard let input = x["swinBlock\(side).input"], let block else { return tape.backend.zeros([1]) }
            return tape.reshape(block(tape.reshape(input, [2, side, side, 32]), tape), input.shape)
        } declare: {
            block = SwinBlock($0, SwinBlockSizes(channels: 32, heads: 2, isShifted: true))
        }
    }

    @Test func patchMerging() throws {
        var merging: PatchMerging?
        try check("patchMerging") { tape, _, x in
            guard let input = x["patchMerging.input"], let merging else { return tape.backend.zeros([1]) }
            return tape.reshape(merging(tape.reshape(input, [2, 4, 4, 3]), tape), [2, 4, 6])
        } declare: {
            merging = PatchMerging($0, 3)
        }
    }

    @Test(arguments: [(factor: 2, channels: 6, output: 3), (factor: 4, channels: 4, output: 4)]) func patchExpanding(
        factor: Int, channels: Int, output: Int
    ) throws {
        var expanding: PatchExpanding?
        let name = "patchExpanding\(factor)"
        try check(name) { tape, _, x in
            guard let input = x[name + ".input"], let expanding else { return tape.backend.zeros([1]) }
            return tape.reshape(expanding(tape.reshape(input, [2, 2, 2, channels]), tape), [2, 4 * factor * factor, output])
        } declare: {
            expanding = PatchExpanding($0, channels, factor: factor, output: output)
        }
    }

    @Test func losses() throws {
        let shape = [3, 4, 5], target = try #require(golden.losses.target.values).map { UInt8($0) }
        for backend in try backends() {
            for (name, gold) in [
                ("balanced-dice+bce", golden.losses.unet), ("batch-dice+bce", golden.losses.swinunet), ("dice+bce", golden.losses.plain),
            ] {
                let logits = backend.tensor(GoldenFormula.plain("loss.logits", 60), [60]).parameterView(
                    shape, at: 0, gradients: backend.zeros([60]))
                let tape = Tape(backend: backend, mode: .training)
                let terms = SegmentationLoss(LossConfiguration(name)).evaluate(
                    ModelOutput(logits: logits), target: backend.bytes(target, shape), tape: tape)
                tape.backward()
                for (term, value) in gold.terms {
                    let part = term == "total" ? terms.total : terms[term == "crossEntropy" ? "bce" : term]
                    #expect(abs(try #require(part) - value) <= 1e-6, "\(name) \(term) on \(backend.summary)")
                }
                try expectClose(backend.values(try #require(logits.gradient)), gold.gradient, name, 1e-5, backend)
            }
        }
    }
}
