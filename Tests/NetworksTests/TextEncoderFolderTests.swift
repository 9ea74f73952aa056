// Folders of text encoders as Hugging Face's library writes them: DistilBERT, weights in several files, prefixes; features against
// Scripts/golden/encoders.py, and every setting that is refused by name.
import Files
import Foundation
import GoldenSupport
import Networks
import Tensors
import TestSupport
import Testing
import WeightFiles

@Suite struct TextEncoderFolderTests {
    struct Case {
        let configuration: [String: Any]
        let tensors: [(name: String, shape: [Int])]
        let ids: [[Int32]], lengths: [Int]
        let lastHiddenState: GoldenTensor
    }

    private func golden(_ name: String) throws -> Case {
        let url = try #require(Bundle.module.url(forResource: "Golden/encoders", withExtension: "json"))
        let top = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        let gold = try #require(top[name] as? [String: Any])
        let state = try JSONSerialization.data(withJSONObject: try #require(gold["lastHiddenState"]))
        return Case(
            configuration: gold["configuration"] as? [String: Any] ?? [:],
            tensors: (gold["tensors"] as? [String: [Int]] ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            ids: (gold["ids"] as? [[Int]] ?? []).map { $0.map(Int32.init) }, lengths: top["lengths"] as? [Int] ?? [],
            lastHiddenState: try JSONDecoder().decode(GoldenTensor.self, from: state))
    }

    private func write(_ object: [String: Any], to path: String) throws {
        try JSONSerialization.data(withJSONObject: object).write(to: URL(fileURLWithPath: path))
    }

    /// Writes a folder's weights: one file, or `parts` with their index.
    private func writeWeights(
        _ gold: Case, to folder: String, prefix: String = "", parts: Int = 1, rename: (String) -> String = { $0 }
    ) throws {
        var writers = [SafetensorsWriter](repeating: SafetensorsWriter(), count: parts)
        var map: [String: String] = [:]
        for (number, (name, shape)) in gold.tensors.enumerated() {
            let stored = prefix + rename(name)
            writers[number % parts].add(stored, shape: shape, GoldenFormula.values(name, shape))
            map[stored] = "model-\(number % parts + 1).safetensors"
        }
        writers[0].add("cls.predictions.bias", shape: [2], [Float](repeating: 0, count: 2))
        map["cls.predictions.bias"] = "model-1.safetensors"
        if parts == 1 { return try writers[0].write(to: folder + "/model.safetensors") }
        for (number, writer) in writers.enumerated() { try writer.write(to: folder + "/model-\(number + 1).safetensors") }
        try write(["metadata": ["total_size": 1], "weight_map": map], to: folder + "/model.safetensors.index.json")
    }

    private func expectFeatures(_ encoder: TextEncoder, _ gold: Case, _ name: String) {
        let length = gold.ids[0].count
        let attention = gold.lengths.flatMap { used in (0..<length).map { UInt8($0 < used ? 1 : 0) } }
        let features = encoder.features(ids: gold.ids.flatMap { $0 }, attention: attention, batch: gold.ids.count)
        let found = gold.lastHiddenState.differences(encoder.parameters.backend.values(features), name: "encoder." + name)
        #expect(found.samples <= 1e-4)
        #expect(found.norm <= 1e-5)
    }

    @Test(arguments: ["distilbert", "variant"], [1, 3]) func featuresAreHuggingFaces(name: String, parts: Int) throws {
        let gold = try golden(name), folder = try TemporaryFolder("encoder")
        try write(gold.configuration, to: folder.file("config.json"))
        try writeWeights(gold, to: folder.path, parts: parts)
        let encoder = try TextEncoder.open(folder: folder.path, backend: try CPUBackend(threads: 1))
        expectFeatures(encoder, gold, name)
    }

    @Test(arguments: [
        ("distilbert", "distilbert."), ("variant", "bert."), ("variant", "module._orig_mod.bert."), ("variant", "auto_model."),
        ("distilbert", "0.auto_model."),
    ])
    func prefixesGo(name: String, prefix: String) throws {
        let gold = try golden(name), folder = try TemporaryFolder("encoder")
        try write(gold.configuration, to: folder.file("config.json"))
        // Layer norms under TensorFlow's names, as old files have them.
        try writeWeights(gold, to: folder.path, prefix: prefix) {
            name == "distilbert"
                ? $0
                : $0.replacingOccurrences(of: "LayerNorm.weight", with: "LayerNorm.gamma").replacingOccurrences(
                    of: "LayerNorm.bias", with: "LayerNorm.beta")
        }
        let encoder = try TextEncoder.open(folder: folder.path, backend: try CPUBackend(threads: 1))
        expectFeatures(encoder, gold, name)
        #expect(
            encoder.notes.contains { $0.contains("names without the prefix \"\(prefix)\"") }
                == (prefix != "bert." && prefix != "distilbert."))
    }

    @Test func aSentenceTransformersFolderAndOneLevelTooHigh() throws {
        let gold = try golden("variant"), folder = try TemporaryFolder("encoder")
        try FileIO.createFolder(folder.file("0_Transformer"))
        try write(gold.configuration, to: folder.file("0_Transformer/config.json"))
        try writeWeights(gold, to: folder.file("0_Transformer"))
        let encoder = try TextEncoder.open(folder: folder.path, backend: try CPUBackend(threads: 1))
        expectFeatures(encoder, gold, "variant")
        #expect(encoder.notes.contains { $0.contains("0_Transformer/ is used") })
        try FileManager.default.moveItem(atPath: folder.file("0_Transformer"), toPath: folder.file("snapshot"))
        let message = try message(folder.path)
        #expect(message.contains("no model in this folder itself, but in \(folder.file("snapshot")); give that folder"), "\(message)")
        let name = "microsoft/BiomedVLP-CXR-BERT-specialized"
        #expect(try self.message(name).contains("`hf download \(name) --local-dir models/BiomedVLP-CXR-BERT-specialized`"))
    }

    private func message(_ folder: String) throws -> String {
        let backend = try CPUBackend(threads: 1)
        let error = #expect(throws: NetworkError.self) { try TextEncoder.open(folder: folder, backend: backend) }
        return error.map { "\($0)" } ?? ""
    }

    @Test(arguments: [
        ("is_decoder", "true", "is_decoder is true"), ("add_cross_attention", "true", "add_cross_attention is true"),
        ("model_type", "\"roberta\"", "model_type is \"roberta\""), ("model_type", "\"electra\"", "model_type is \"electra\""),
        ("model_type", "\"modernbert\"", "model_type is \"modernbert\""), ("hidden_act", "\"gelu_new\"", "hidden_act is \"gelu_new\""),
        ("position_embedding_type", "\"relative_key\"", "position_embedding_type is \"relative_key\""),
        ("pruned_heads", "{\"0\": [1]}", "pruned_heads is"),
        ("architectures", "[\"JinaBertModel\"]", "JinaBertModel is code of its own"),
        ("quantization_config", "{\"bits\": 4}", "quantization_config"),
        ("layer_norm_eps", "\"small\"", "layer_norm_eps is \"small\""), ("type_vocab_size", "0", "sizes that no BERT model has"),
        ("hidden_size", "30.5", "hidden_size is 30.5"), ("num_attention_heads", "5", "sizes that no BERT model has"),
    ]) func settingsAreRefusedByName(setting: String, value: String, expected: String) throws {
        var gold = try golden("variant").configuration
        let folder = try TemporaryFolder("encoder")
        gold[setting] = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
        try write(gold, to: folder.file("config.json"))
        let text = try message(folder.path)
        #expect(text.contains(expected) && text.contains("config.json"), "\(text)")
    }

    @Test(arguments: [
        ("model_type", "\"cxr-bert\""), ("architectures", "[\"CXRBertModel\"]"), ("architectures", "[\"BertForMaskedLM\"]"),
        ("is_decoder", "false"),
        ("pruned_heads", "{}"), ("position_embedding_type", "\"absolute\""), ("hidden_act", "\"gelu_python\""), ("model_type", "null"),
    ]) func theUsualValuesAreServed(setting: String, value: String) throws {
        var gold = try golden("variant").configuration
        let folder = try TemporaryFolder("encoder")
        gold[setting] = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
        try write(gold, to: folder.file("config.json"))
        let configuration = try TextEncoder.configuration(folder: folder.path)
        #expect(configuration.layers == 3 && configuration.tokenTypes == 1 && configuration.layerNormEpsilon == 1e-5)
    }

    @Test func partsThatLackSomethingAreNamed() throws {
        let gold = try golden("variant"), folder = try TemporaryFolder("encoder")
        try write(gold.configuration, to: folder.file("config.json"))
        try writeWeights(gold, to: folder.path, parts: 3)
        try FileIO.remove(folder.file("model-2.safetensors"))
        let missing = try message(folder.path)
        #expect(missing.contains("1 of the 3 files it names is missing: model-2.safetensors"), "\(missing)")
        try writeWeights(gold, to: folder.path, parts: 2)
        try FileManager.default.removeItem(atPath: folder.file("model-2.safetensors"))
        try SafetensorsWriter.write([("x", [1], [1])], to: folder.file("model-2.safetensors"))
        let wrong = try message(folder.path)
        #expect(wrong.contains("which does not hold it"), "\(wrong)")
    }

    @Test func layersBeyondTheConfigurationAreSaidAndAdaptersRefused() throws {
        let gold = try golden("variant"), folder = try TemporaryFolder("encoder")
        var configuration = gold.configuration
        configuration["num_hidden_layers"] = 2
        try write(configuration, to: folder.file("config.json"))
        try writeWeights(gold, to: folder.path)
        let encoder = try TextEncoder.open(folder: folder.path, backend: try CPUBackend(threads: 1))
        #expect(encoder.notes.contains { $0.contains("16 tensors of layers beyond config.json's 2 are not used") }, "\(encoder.notes)")
        try writeWeights(gold, to: folder.path) {
            $0 == "encoder.layer.2.attention.self.key.bias" ? "encoder.layer.0.attention.adapter.bias" : $0
        }
        let text = try message(folder.path)
        #expect(text.contains("no BERT has (encoder.layer.0.attention.adapter.bias)"), "\(text)")
    }
}
