// Opening a text encoder from a Hugging Face folder: config.json and model.safetensors or pytorch_model.bin.
import Files
import Foundation
import Tensors
import WeightFiles

extension TextEncoder {
    /// Opens any BERT folder. Heads and poolers of other tasks in its weights are passed over.
    /// - Throws: `incompleteFolder`, `configuration` or `incompleteWeights`, naming what was found and expected.
    public static func open(folder: String, backend: any Backend) throws(NetworkError) -> TextEncoder {
        guard FileIO.isFolder(folder) else {
            throw .incompleteFolder(path: folder, found: FileIO.exists(folder) ? "a file" : "nothing", expected: "a folder")
        }
        let encoder = TextEncoder(configuration: try configuration(folder: folder), backend: backend, initialises: false)
        let candidates = ["model.safetensors", "pytorch_model.bin"].map { folder + "/" + $0 }
        guard let path = candidates.first(where: { FileIO.exists($0) }) else {
            throw .incompleteFolder(path: folder, found: "no weights", expected: "model.safetensors or pytorch_model.bin")
        }
        let file: WeightFile
        do throws(WeightFileError) { file = try WeightFile.open(path) } catch { throw .weights(error) }
        let report = try encoder.parameters.load(file) { name in
            var name = name
            for prefix in ["bert.", "model."] where name.hasPrefix(prefix) { name = String(name.dropFirst(prefix.count)) }
            guard name.hasPrefix("embeddings.") || name.hasPrefix("encoder.") else { return nil }
            if name.hasSuffix("position_ids") || name.hasSuffix("token_type_ids") { return nil }
            // TensorFlow's names for layer norms, still found in old files.
            if name.hasSuffix("LayerNorm.gamma") { return name.dropLast("gamma".count) + "weight" }
            if name.hasSuffix("LayerNorm.beta") { return name.dropLast("beta".count) + "bias" }
            return name
        }
        guard !report.loaded.isEmpty else {
            throw .otherNetwork(path: path, network: "a BERT encoder", examples: file.entries.prefix(3).map(\.name))
        }
        guard report.isComplete else { throw .incompleteWeights(path: path, report: report) }
        return encoder
    }

    /// Reads and checks config.json.
    public static func configuration(folder: String) throws(NetworkError) -> TextEncoderConfiguration {
        let path = folder + "/config.json"
        guard FileIO.exists(path) else { throw .incompleteFolder(path: folder, found: "no config.json", expected: "a config.json") }
        let bytes: [UInt8]
        do throws(FileError) { bytes = try FileIO.read(path, limit: 1 << 20) } catch { throw .file(error) }
        struct Variant: Decodable {
            let hidden_act: String?
            let position_embedding_type: String?
        }
        let configuration: TextEncoderConfiguration, variant: Variant
        do {
            configuration = try JSONDecoder().decode(TextEncoderConfiguration.self, from: Data(bytes))
            variant = try JSONDecoder().decode(Variant.self, from: Data(bytes))
        } catch DecodingError.keyNotFound(let key, _) {
            throw .configuration(path: path, reason: "no \"\(key.stringValue)\"; expected the config.json of a BERT model")
        } catch {
            throw .configuration(path: path, reason: "is not the config.json of a BERT model (\(error))")
        }
        let sizes = [
            configuration.vocabularySize, configuration.hiddenSize, configuration.layers, configuration.heads, configuration.intermediateSize,
            configuration.maximumPositions, configuration.tokenTypes,
        ]
        guard sizes.allSatisfy({ (1...1 << 24).contains($0) }), configuration.hiddenSize % configuration.heads == 0 else {
            throw .configuration(path: path, reason: "has sizes that no BERT model has: \(sizes)")
        }
        guard variant.hidden_act ?? "gelu" == "gelu" else {
            throw .configuration(path: path, reason: "hidden_act is \"\(variant.hidden_act ?? "")\", expected \"gelu\"")
        }
        guard variant.position_embedding_type ?? "absolute" == "absolute" else {
            throw .configuration(
                path: path, reason: "position_embedding_type is \"\(variant.position_embedding_type ?? "")\", expected \"absolute\"")
        }
        return configuration
    }
}
