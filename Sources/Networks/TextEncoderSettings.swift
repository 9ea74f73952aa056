// Reads a text encoder's config.json: every setting that changes the encoder's output is supported, or refused by name and value.
// Not for the tokenizer's settings (the library Text's) nor the weights (TextEncoder+Files.swift).
import Files
import Foundation

struct TextEncoderSettings {
    let configuration: TextEncoderConfiguration
    let family: TextEncoderFamily

    init(folder: String) throws(NetworkError) {
        let path = folder + "/config.json"
        guard FileIO.exists(path) else { throw .incompleteFolder(path: folder, found: "no config.json", expected: "a config.json") }
        let bytes: [UInt8]
        do throws(FileError) { bytes = try FileIO.read(path, limit: 1 << 20) } catch { throw .file(error) }
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw .configuration(path: path, reason: "is not a JSON object; expected the config.json of a BERT model")
        }
        let reader = Reader(object: object.filter { !($0.value is NSNull) }, path: path)
        family = try reader.family()
        configuration = family == .bert ? try reader.bert() : try reader.distilBERT()
        try reader.checkSizes(configuration)
        try reader.checkRules()
    }
}

private struct Reader {
    let object: [String: Any]
    let path: String

    private func refused(_ name: String, _ reason: String) -> NetworkError {
        let value = object[name].map { $0 is String ? "\"\($0)\"" : "\($0)" } ?? "missing"
        return .configuration(path: path, reason: "\(name) is \(value): \(reason)")
    }

    func family() throws(NetworkError) -> TextEncoderFamily {
        guard let type = object["model_type"] as? String ?? legacyType else {
            if object["model_type"] != nil { throw refused("model_type", "expected \"bert\" or \"distilbert\"") }
            return .bert
        }
        switch type {
        case "bert", "cxr-bert":
            try checkArchitectures(["Bert", "CXRBert"])
            return .bert
        case "distilbert":
            try checkArchitectures(["DistilBert"])
            return .distilBERT
        case "roberta", "xlm-roberta", "camembert":
            throw refused(
                "model_type", "its positions and its tokenizer are not BERT's; give a BERT or DistilBERT encoder, such as CXR-BERT")
        default:
            throw refused(
                "model_type",
                "its layers are not BERT's, and running them as BERT would give other features; give a BERT or DistilBERT encoder, "
                    + "such as CXR-BERT"
            )
        }
    }

    /// The oldest files have no model_type.
    private var legacyType: String? {
        object["model_type"] == nil ? (object["dim"] != nil && object["n_layers"] != nil ? "distilbert" : "bert") : nil
    }

    /// Accepts only the library's BERT classes: other code may compute something else under the same tensor names.
    private func checkArchitectures(_ stems: [String]) throws(NetworkError) {
        for name in object["architectures"] as? [String] ?? [] {
            let rest = stems.first(where: name.hasPrefix).map { name.dropFirst($0.count) }
            let isKnown = rest.map { $0 == "Model" || $0 == "LMHeadModel" || $0.hasPrefix("For") } ?? false
            if !isKnown {
                throw refused(
                    "architectures",
                    "\(name) is code of its own, not \(stems[0])Model; if it only adds heads to one, name \"\(stems[0])Model\" there in a "
                        + "copy of the folder"
                )
            }
        }
    }

    func bert() throws(NetworkError) -> TextEncoderConfiguration {
        TextEncoderConfiguration(
            vocabularySize: try size("vocab_size"), hiddenSize: try size("hidden_size"), layers: try size("num_hidden_layers"),
            heads: try size("num_attention_heads"), intermediateSize: try size("intermediate_size"),
            maximumPositions: try size("max_position_embeddings", 512), tokenTypes: try size("type_vocab_size", 2),
            layerNormEpsilon: try epsilon("layer_norm_eps"))
    }

    func distilBERT() throws(NetworkError) -> TextEncoderConfiguration {
        TextEncoderConfiguration(
            vocabularySize: try size("vocab_size"), hiddenSize: try size("dim"), layers: try size("n_layers"), heads: try size("n_heads"),
            intermediateSize: try size("hidden_dim"), maximumPositions: try size("max_position_embeddings", 512), tokenTypes: 0,
            layerNormEpsilon: 1e-12)
    }

    private func size(_ name: String, _ usual: Int? = nil) throws(NetworkError) -> Int {
        guard let value = object[name] else {
            if let usual { return usual }
            throw .configuration(path: path, reason: "no \"\(name)\"; expected the config.json of a BERT model")
        }
        guard let size = value as? Int else { throw refused(name, "expected a whole number") }
        return size
    }

    private func epsilon(_ name: String) throws(NetworkError) -> Float {
        guard let value = object[name] else { return 1e-12 }
        guard let number = value as? Double, number > 0, number < 1 else { throw refused(name, "expected a number such as 1e-12") }
        return Float(number)
    }

    func checkSizes(_ c: TextEncoderConfiguration) throws(NetworkError) {
        let sizes = [c.vocabularySize, c.hiddenSize, c.layers, c.heads, c.intermediateSize, c.maximumPositions]
        let areSane = (sizes + [max(c.tokenTypes, 1)]).allSatisfy { (1...1 << 24).contains($0) } && c.tokenTypes >= 0 && c.layers <= 1000
        // type_vocab_size 0 is DistilBERT's alone.
        let hasTypes = c.tokenTypes > 0 || object["type_vocab_size"] == nil
        guard areSane, hasTypes, c.hiddenSize % c.heads == 0 else {
            throw .configuration(path: path, reason: "has sizes that no BERT model has: \(sizes + [c.tokenTypes])")
        }
    }

    /// Settings that change the computation of BERT's class.
    func checkRules() throws(NetworkError) {
        for name in ["hidden_act", "activation"] {
            guard let value = object[name] else { continue }
            // Both are the exact function; gelu_new and similar ones are approximations.
            guard let text = value as? String, text == "gelu" || text == "gelu_python" else {
                throw refused(name, "expected \"gelu\"; no other activation is supported")
            }
        }
        if let value = object["position_embedding_type"], value as? String != "absolute" {
            throw refused("position_embedding_type", "expected \"absolute\"; no other type is supported")
        }
        for (name, reason) in [
            ("is_decoder", "each token would see only the tokens before it; expected an encoder"),
            ("is_encoder_decoder", "expected an encoder alone"),
            ("add_cross_attention", "an encoder has no cross-attention"),
        ] {
            if let value = object[name], value as? Bool != false {
                throw .configuration(path: path, reason: "\(name) is \(value as? Bool == true ? "true" : "\(value)"): \(reason)")
            }
        }
        if let value = object["pruned_heads"], (value as? [String: Any])?.isEmpty != true, (value as? [Any])?.isEmpty != true {
            throw refused("pruned_heads", "attention with fewer heads in some layers is not supported")
        }
        if object["quantization_config"] != nil {
            throw .configuration(
                path: path,
                reason: "quantization_config: quantised weights are not supported; save the model in float32, float16 or bfloat16")
        }
        if let value = object["embedding_size"] as? Int, let hidden = object["hidden_size"] as? Int, value != hidden {
            throw refused("embedding_size", "differs from hidden_size \(hidden), which no BERT has")
        }
    }
}
