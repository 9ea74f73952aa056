// BERT's last hidden state against Hugging Face in float64 (Scripts/golden/bert.py), a small and a base-sized encoder, with padding.
import Foundation
import GoldenSupport
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct TextEncoderParityTests {
    struct Case: Codable {
        struct Configuration: Codable {
            let vocab_size: Int, hidden_size: Int, num_hidden_layers: Int, num_attention_heads: Int, intermediate_size: Int
            let max_position_embeddings: Int
        }
        let configuration: Configuration
        let ids: [[Int32]]
        let lastHiddenState: GoldenTensor
    }
    struct Golden: Codable {
        let lengths: [Int]
        let small: Case, base: Case
    }

    @Test func everyGoldenValueIsRead() throws {
        let url = try #require(Bundle.module.url(forResource: "Golden/bert", withExtension: "json"))
        // PyTorch's own float32, for people.
        #expect(try unreadKeys(of: Data(contentsOf: url), by: Golden.self, besides: ["float32Deviation"]) == [])
    }

    @Test(arguments: ["small", "base"]) func lastHiddenStateMatches(name: String) throws {
        let url = try #require(Bundle.module.url(forResource: "Golden/bert", withExtension: "json"))
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        let gold = name == "small" ? golden.small : golden.base
        let c = gold.configuration
        let backend = try CPUBackend(threads: 2)
        let encoder = TextEncoder(
            configuration: TextEncoderConfiguration(
                vocabularySize: c.vocab_size, hiddenSize: c.hidden_size, layers: c.num_hidden_layers, heads: c.num_attention_heads,
                intermediateSize: c.intermediate_size, maximumPositions: c.max_position_embeddings), backend: backend)
        GoldenFormula.fill(encoder.parameters)
        let length = gold.ids[0].count
        let attention = golden.lengths.flatMap { used in (0..<length).map { UInt8($0 < used ? 1 : 0) } }
        let features = encoder.features(ids: gold.ids.flatMap { $0 }, attention: attention, batch: gold.ids.count)
        let found = gold.lastHiddenState.differences(backend.values(features), name: "bert." + name)
        #expect(found.samples <= 1e-4)
        #expect(found.norm <= 1e-5)
    }
}
