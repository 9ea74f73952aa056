// The weights of cross-attention against PyTorch's nn.MultiheadAttention, and how words get their maps.
import EmulatedGPU
import Explaining
import GoldenSupport
import Networks
import Tensors
import Testing

@Suite struct AttentionTests {
    private func check(_ backend: any Backend) throws {
        let gold = try #require(GoldenExplaining.shared?.attention["ua-vls"])
        let model = try smallNetwork("ua-vls", backend)
        let input = smallInput(model, image: gold.image, height: gold.size[0], width: gold.size[1])
        let attention = model.textAttention
        #expect(attention.map(\.stage) == ["decoder16", "decoder8", "decoder4"])
        let pass = try ActivationPass(
            model, input, taps: [], target: .prediction, keeping: Set(attention.flatMap { [$0.queries, $0.keys] }))
        for stage in attention {
            let expected = try #require(gold.stages[stage.stage])
            let weights = stage.weights(queries: try #require(pass.values[stage.queries]), keys: try #require(pass.values[stage.keys]))
            #expect([weights.count, weights[0].count, weights[0][0].count] == expected.shape)
            let flat = weights.flatMap { $0.flatMap { $0 } }
            let places = GoldenFormula.sampleIndices("attention." + stage.stage, size: flat.count, count: expected.samples.count)
            for (place, value) in zip(places, expected.samples) { #expect(abs(Double(flat[place]) - value) <= 1e-4, "\(stage.stage)") }
        }
    }

    @Test func weightsEqualPyTorchs() throws { try check(try CPUBackend(threads: 2)) }

    @Test func weightsEqualThemOnTheStandInForAGPU() throws { try check(try EmulatedGPU.backend()) }

    @Test func theGuideLayerOfAriadneHasThemToo() throws {
        let gold = try #require(GoldenExplaining.shared?.attention["ariadne guide layer"]), expected = try #require(gold.stages["guide"])
        let backend = try CPUBackend(threads: 2), store = ParameterStore(backend: backend)
        let layer = AriadneGuide(Scope(store: store, prefix: "guide"), channels: 16, tokens: 8, textWidth: 40, textPositions: 5)
        store.build(seed: 0, trains: false)
        GoldenFormula.fill(store)
        let names = (query: "guide.cross_attn.query", key: "guide.cross_attn.key")
        let tape = Tape(backend: backend, mode: .inference, taps: TapRequest(values: [names.query, names.key]))
        _ = layer(
            backend.tensor(GoldenFormula.plain(gold.image, 9 * 16), [1, 9, 16]),
            text: backend.tensor(GoldenFormula.plain("text", 8 * 40), [1, 8, 40]),
            tape, PositionTables(backend: backend))
        func kept(_ name: String) throws -> (shape: [Int], values: [Float]) {
            let tensor = try #require(tape.tapped[name])
            return (tensor.shape, backend.values(tensor))
        }
        let model = try smallNetwork("ariadne", backend), attention = try #require(model.textAttention.first)
        let flat = attention.weights(queries: try kept(names.query), keys: try kept(names.key)).flatMap { $0.flatMap { $0 } }
        #expect(flat.count == expected.shape.reduce(1, *))
        let places = GoldenFormula.sampleIndices("attention.guide", size: flat.count, count: expected.samples.count)
        for (place, value) in zip(places, expected.samples) { #expect(abs(Double(flat[place]) - value) <= 1e-4) }
        for stage in model.textAttention { #expect(model.parameters.value(try #require(stage.mixing)) != nil) }
    }

    @Test func networksWithoutTextHaveNone() throws {
        #expect(try smallNetwork("unet", try CPUBackend(threads: 1)).textAttention.isEmpty)
    }

    /// All tokens together get all of a position's attention, and a word's share is the sum of its pieces'.
    @Test func wordsShareTheAttention() {
        let weights: [[[Float]]] = [[[0.25, 0.75], [1, 0]], [[0.5, 0.5], [0, 1]]]
        let stage = StageAttention(
            stage: "s", height: 1, width: 2, weights: weights, mixing: [1, -1, 2, 0, 0, 3], tokens: 3)
        for head in stage.heads { for row in head { #expect(abs(row.reduce(0, +) - 1) < 1e-6) } }
        // Position 0 is a quarter, a quarter and a half of the tokens; position 1 is the last token alone.
        #expect(stage.map(of: 0..<1, head: 0).values == [0.0625, 0.25])
        #expect(stage.map(of: 0..<2, head: 0).values == [0.125, 0.5])
        #expect(stage.map(of: 2..<3, head: 1).values == [0.75, 1])
        #expect(stage.map(of: 0..<3).values == [1, 1] && stage.map(of: 1..<1).values == [0, 0])
        #expect(abs(stage.share(of: 2..<3) - (1 - stage.share(of: 0..<2))) < 1e-6)
        let tokens = StageAttention(stage: "s", height: 1, width: 2, weights: weights, mixing: nil, tokens: 2)
        #expect(tokens.map(of: 1..<2).values == [0.625, 0.5])
    }
}
