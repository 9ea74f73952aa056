// Single layers against PyTorch in float64 (Scripts/golden/operators.py): outputs and every gradient, on small sizes; and the formula
// itself.
import Foundation
import GoldenSupport
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct LayerParityTests {
    /// A tensor with all its values, or sampled.
    struct AnyGolden: Codable {
        let shape: [Int]
        let values: [Double]?
        let samples: [Double]?
        let sum: Double?, norm: Double?, maximum: Double?

        /// The largest difference and the largest magnitude.
        func difference(_ found: [Float], name: String) -> (worst: Double, scale: Double) {
            let places =
                values == nil ? GoldenFormula.sampleIndices(name, size: found.count, count: samples?.count ?? 0) : Array(found.indices)
            let expected = values ?? samples ?? []
            var worst = zip(places, expected).map { abs(Double(found[$0]) - $1) }.max() ?? .infinity
            if found.count != shape.reduce(1, *) { worst = .infinity }
            // Of differences no larger than d at every place, the norm differs by the square root of the size times d, and so does the mean
            // by d.
            let size = Double(max(1, found.count))
            if let norm {
                worst = max(worst, abs(found.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() - norm) / size.squareRoot())
            }
            if let sum { worst = max(worst, abs(found.reduce(0) { $0 + Double($1) } - sum) / size) }
            return (worst, maximum ?? expected.map(abs).max() ?? 0)
        }
    }
    struct Case: Codable {
        let inputs: [String: [Int]], weights: [String: [Int]], outputs: [String: AnyGolden], gradients: [String: AnyGolden]
    }
    struct Spectral: Codable { let value: Double, gradient: AnyGolden }
    struct Formula: Codable {
        let hashes: [String: String], words: [String: [String]], parameters: [String: [Double]], text: [Double], indices: [Int]
        let image: [UInt8], imageSum: Int, maskSums: [Int]
    }
    struct Normalisation: Codable { let normalised: GoldenTensor }
    struct Golden: Codable {
        let formula: Formula
        let scan: Case, ssmix: Case, modab: Case, batch: Case, up: Case, head: Case
        let spectral: Spectral
        let normalisation: Normalisation
        let sinusoidal: [String: AnyGolden]
    }

    let golden: Golden
    let data: Data
    let backend: CPUBackend

    init() throws {
        let url = try #require(Bundle.module.url(forResource: "Golden/operators", withExtension: "json"))
        data = try Data(contentsOf: url)
        golden = try JSONDecoder().decode(Golden.self, from: data)
        backend = try CPUBackend(threads: 2)
    }

    private func leaf(_ values: [Float], _ shape: [Int]) -> Tensor {
        backend.tensor(values, [values.count]).parameterView(shape, at: 0, gradients: backend.zeros([values.count]))
    }

    /// Runs a layer on the case's inputs, sends the case's upstream gradient back and compares everything.
    private func check(
        _ name: String, _ gold: Case, store: ParameterStore?, leaves: [String: Tensor]? = nil, layer: (Tape, [String: Tensor]) -> Tensor
    ) throws {
        let inputs =
            leaves
            ?? Dictionary(
                uniqueKeysWithValues: gold.inputs.map { ($0.key, leaf(GoldenFormula.plain($0.key, $0.value.reduce(1, *)), $0.value)) })
        let tape = Tape(backend: backend, mode: .training)
        let y = layer(tape, inputs)
        let output = try #require(gold.outputs["output"])
        #expect(y.shape == output.shape)
        let found = output.difference(backend.values(y), name: name + ".output")
        #expect(found.worst <= 1e-5 * max(1, found.scale), "\(name) output: \(found.worst)")
        tape.start(backend.tensor(GoldenFormula.plain(name + ".upstream", y.count), y.shape), at: y)
        tape.backward()
        try backend.check()
        #expect(Set(gold.gradients.keys) == Set(gold.inputs.keys).union(gold.weights.keys))
        for (entry, shape) in gold.weights { #expect(store?.info(entry)?.fileShape ?? inputs[entry]?.shape == shape, "\(entry)") }
        for (entry, gradient) in gold.gradients {
            // The gradient of the key norm's bias is 0 but for rounding.
            let isNoise = entry.hasSuffix("k_norm.bias")
            let values = try #require(inputs[entry]?.gradient.map { backend.values($0) } ?? store?.gradient(entry), "\(entry)")
            let found = gradient.difference(values, name: entry)
            #expect(found.worst <= (isNoise ? 1e-5 : 3e-5 * max(0.1, found.scale)), "\(entry): \(found.worst) of \(found.scale)")
        }
    }

    private func store(_ declare: (ParameterStore) -> Void) -> ParameterStore {
        let store = ParameterStore(backend: backend)
        declare(store)
        store.build(seed: 0, trains: true)
        for entry in store.entries where entry.role == .trained { store.set(entry.name, GoldenFormula.values(entry.name, entry.fileShape)) }
        return store
    }

    @Test func everyGoldenValueIsRead() throws { #expect(try unreadKeys(of: data, by: Golden.self) == []) }

    @Test func formulaIsThePythonOne() {
        for (name, hash) in golden.formula.hashes { #expect(String(GoldenFormula.hash(name), radix: 16) == hash) }
        for (name, words) in golden.formula.words {
            let found = words.indices.map { String(GoldenFormula.word(GoldenFormula.hash(name), $0), radix: 16) }
            #expect(found == words.map { String($0.drop { $0 == "0" }) })
        }
        #expect(zip(GoldenFormula.plain("text", 4), golden.formula.text).allSatisfy { abs(Double($0) - $1) < 1e-7 })
        #expect(GoldenFormula.sampleIndices("text", size: 1000, count: 8) == golden.formula.indices)
        for (name, values) in golden.formula.parameters {
            let shape = name.hasSuffix("A_log") ? [384, 16] : [96, 3, 4, 4]
            let found = GoldenFormula.values(name, shape)
            #expect(zip(found, values).allSatisfy { abs(Double($0) - $1) < 1e-6 }, "\(name)")
        }
        let images = GoldenFormula.images(batch: 2), masks = GoldenFormula.masks(batch: 2)
        #expect(Array(images.prefix(golden.formula.image.count)) == golden.formula.image)
        #expect(images.reduce(0) { $0 + Int($1) } == golden.formula.imageSum)
        let map = masks.count / 2
        #expect((0..<2).map { b in masks[(b * map)..<((b + 1) * map)].reduce(0) { $0 + Int($1) } } == golden.formula.maskSums)
    }

    @Test func normalisation() {
        let images = backend.bytes(GoldenFormula.images(batch: 2, size: 32, name: "small"), [2, 32, 32, 3])
        let found = UAVLS.descriptor.image.normalised(images, activations: .float32, on: backend)
        let gold = golden.normalisation.normalised
        #expect(found.shape == gold.shape)
        let differences = gold.differences(backend.values(found), name: "small")
        #expect(differences.samples <= 1e-5 && differences.norm <= 1e-6, "\(differences)")
    }

    @Test func scan() throws {
        let gold = golden.scan
        var leaves: [String: Tensor] = [:]
        for (name, shape) in gold.inputs {
            let values = name.hasSuffix("A_log") ? GoldenFormula.values(name, shape) : GoldenFormula.plain(name, shape.reduce(1, *))
            leaves[name] = leaf(values, shape)
        }
        let minusOne = backend.tensor([Float](repeating: -1, count: 6), [6])
        try check("scan", gold, store: nil, leaves: leaves) { tape, x in
            guard let u = x["scan.u"], let step = x["scan.step"], let b = x["scan.B"], let c = x["scan.C"], let logA = x["scan.A_log"],
                let skip = x["scan.D"]
            else { return backend.zeros([1]) }
            return tape.selectiveScan(
                u, step: tape.softplus(step, bias: minusOne), logA: logA, skip: skip, projections: tape.concatenate(b, c), b: 0..<16,
                c: 16..<32)
        }
    }

    @Test func ssmix() throws {
        var layer: SSMix?
        let store = store {
            layer = SSMix(
                Scope(store: $0, prefix: "ssmix"), channels: 32, positions: 24, outPositions: 9, configuration: UAVLS.Configuration())
        }
        let mixer = try #require(layer)
        try check("ssmix", golden.ssmix, store: store) { tape, x in x["ssmix.input"].map { mixer($0, tape) } ?? backend.zeros([1]) }
    }

    @Test func modab() throws {
        var configuration = UAVLS.Configuration()
        configuration.textWidth = 24
        configuration.dropout = 0
        var layer: MoDAB?
        let store = store {
            layer = MoDAB(
                Scope(store: $0, prefix: "modab"), channels: 32, tokens: 24, textPositions: 12, configuration: configuration)
        }
        let block = try #require(layer)
        try check("modab", golden.modab, store: store) { tape, x in
            guard let input = x["modab.input"], let text = x["modab.text"] else { return backend.zeros([1]) }
            return block(input, text: text, tape, PositionTables(backend: backend))
        }
    }

    @Test func batchNorm() throws {
        let gamma = leaf(GoldenFormula.values("batch.norm.weight", [5]), [5]),
            beta = leaf(GoldenFormula.values("batch.norm.bias", [5]), [5])
        let mean = backend.tensor(GoldenFormula.values("batch.norm.running_mean", [5]), [5])
        let variance = backend.tensor(GoldenFormula.values("batch.norm.running_var", [5]), [5])
        let input = leaf(GoldenFormula.plain("batch.input", 120), [2, 4, 3, 5])
        try check(
            "batch", golden.batch, store: nil,
            leaves: ["batch.input": input, "batch.norm.weight": gamma, "batch.norm.bias": beta]
        ) { tape, _ in
            tape.batchNorm(input, gamma: gamma, beta: beta, runningMean: mean, runningVariance: variance, slope: 0.01)
        }
        for (name, tensor) in [("running_mean", mean), ("running_var", variance)] {
            #expect(try #require(golden.batch.outputs[name]).difference(backend.values(tensor), name: name).worst < 1e-6)
        }
    }

    @Test func upBlock() throws {
        var layer: UpBlock?
        let store = store { layer = UpBlock(Scope(store: $0, prefix: "up"), input: 16, output: 8) }
        let block = try #require(layer)
        try check("up", golden.up, store: store) { tape, x in
            guard let input = x["up.input"], let skip = x["up.skip"] else { return backend.zeros([1]) }
            return block(input, skip: skip, tape)
        }
    }

    @Test func head() throws {
        var layer: Head?
        let store = store { layer = Head(Scope(store: $0, prefix: "head"), input: 16, channels: 384) }
        let head = try #require(layer)
        try check("head", golden.head, store: store) { tape, x in x["head.input"].map { head.logits($0, tape) } ?? backend.zeros([1]) }
    }

    @Test func spectralTerm() throws {
        let hash = GoldenFormula.hash("spectral.p"), count = 3 * 16 * 16
        // The last map is empty on both sides: the gradient of |z| at 0 is 0.
        let p = (0..<count).map { $0 < 512 ? Float(0.5 + 0.45 * GoldenFormula.unit(hash, $0)) : 0 }
        let g = GoldenFormula.plain("spectral.g", count).enumerated().map { UInt8($0 < 512 && $1 > 0 ? 1 : 0) }
        let gradient = backend.zeros([3, 16, 16]), terms = backend.zeros([LossWeights.Term.allCases.count])
        var weights = LossWeights()
        weights.spectral = 1
        backend.segmentationLoss(
            backend.tensor(p, [3, 16, 16]), backend.bytes(g, [3, 16, 16]), weights: weights, terms: terms, gradient: gradient)
        let value = Double(backend.values(terms)[LossWeights.Term.spectral.rawValue])
        #expect(abs(value - golden.spectral.value) < 1e-6)
        let found = golden.spectral.gradient.difference(backend.values(gradient), name: "spectral.gradient")
        #expect(found.worst < 1e-5 * max(found.scale, 1e-2), "\(found)")
    }

    @Test func positionTable() throws {
        let found = try #require(golden.sinusoidal["table"]).difference(
            PositionTables.values(positions: 9, channels: 16), name: "sinusoidal")
        #expect(found.worst < 1e-7)
    }
}
