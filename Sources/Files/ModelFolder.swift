// Finds the files of a Hugging Face model under the path that a user gave: in the folder itself, or in the inner folder of a
// sentence-transformers model. Not for reading the files: the library Text reads vocabularies, the library Networks reads settings and
// weights.
// Invariant: an inner folder is used only if the outer one names it. Where only a guess is possible, the error names the path to pass.
import Foundation

public struct ModelFolder: Sendable, Equatable {
    /// The folder with the model's files, or the given path if this file has no rule for it.
    public let path: String
    /// What the user should know about how the folder was found.
    public let note: String?

    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The path does not exist and looks like a model's name on the Hugging Face hub.
        case hubName(String)
        /// The folder holds no model, but its subfolders do.
        case modelsBelow(path: String, folders: [String])

        public var description: String {
            switch self {
            case .hubName(let name):
                let folder = "models/" + (name.split(separator: "/").last.map(String.init) ?? name)
                return "\(name): no such folder. Names of the Hugging Face hub are not fetched; download the model once with"
                    + " `hf download \(name) --local-dir \(folder)` (older: `huggingface-cli download`), then give \(folder)"
            case .modelsBelow(let path, let folders):
                return "\(path): no model in this folder itself, but in \(folders.prefix(4).joined(separator: ", "))"
                    + "\(folders.count > 4 ? " and \(folders.count - 4) more" : ""); give "
                    + "\(folders.count == 1 ? "that folder" : "one of them")"
            }
        }
    }

    /// Names of weight files, in the order of the search.
    public static let weightNames = [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
    ]

    /// The folder that holds the model's files.
    public static func resolve(_ given: String) throws(Failure) -> ModelFolder {
        var path = given
        while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
        guard FileIO.exists(path) else {
            // Programs make paths absolute before they look for the model.
            let here = FileManager.default.currentDirectoryPath + "/"
            let name = path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
            if looksLikeHubName(name) { throw .hubName(name) }
            return ModelFolder(path: given, note: nil)
        }
        guard FileIO.isFolder(path), !holdsModel(path) else { return ModelFolder(path: given, note: nil) }
        if let inner = transformerModule(of: path) {
            return ModelFolder(
                path: inner, note: "\(given) is a sentence-transformers model; its \(inner.dropFirst(path.count + 1))/ is used")
        }
        let below = models(below: path, depth: 3)
        if !below.isEmpty { throw .modelsBelow(path: given, folders: below) }
        return ModelFolder(path: given, note: nil)
    }

    private static func holdsModel(_ folder: String) -> Bool {
        if (weightNames + ["vocab.txt", "tokenizer.json"]).contains(where: { FileIO.exists(folder + "/" + $0) }) { return true }
        // Old sentence-transformers models have a config.json above the model; it holds only versions.
        guard let settings = json(folder + "/config.json") as? [String: Any] else { return false }
        return ["model_type", "hidden_size", "architectures"].contains { settings[$0] != nil }
    }

    /// The transformer's folder that modules.json names, or the folder name that old models use.
    private static func transformerModule(of folder: String) -> String? {
        let modules = json(folder + "/modules.json") as? [[String: Any]] ?? []
        let named = modules.first { ($0["type"] as? String)?.hasSuffix(".Transformer") == true }?["path"] as? String
        for name in [named, "0_Transformer"].compactMap({ $0 }) where !name.isEmpty && !name.hasPrefix("/") && !name.contains("..") {
            if holdsModel(folder + "/" + name) { return folder + "/" + name }
        }
        return nil
    }

    private static func models(below folder: String, depth: Int) -> [String] {
        guard depth > 0, let names = try? FileManager.default.contentsOfDirectory(atPath: folder), names.count <= 1000 else { return [] }
        return names.sorted().filter { !$0.hasPrefix(".") }.map { folder + "/" + $0 }.filter(FileIO.isFolder).flatMap { inner in
            FileIO.exists(inner + "/config.json") && holdsModel(inner) ? [inner] : models(below: inner, depth: depth - 1)
        }
    }

    /// Whether the text is "owner/name" or "name" in the letters that the hub allows, without a file extension.
    private static func looksLikeHubName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let endings = [".txt", ".json", ".safetensors", ".bin", ".pt", ".pth", ".ckpt"]
        guard (1...2).contains(parts.count), !endings.contains(where: text.lowercased().hasSuffix) else { return false }
        // A single part may be a file name or a model's name. Model names have a hyphen, as in bert-base-uncased.
        if parts.count == 1 && !text.contains("-") { return false }
        // The folders in which this project's documents put files.
        if parts.count == 2, ["models", "data", "runs", "shards", "weights", "checkpoints"].contains(parts[0].lowercased()) {
            return false
        }
        // The first part exists, so this is a path whose end is missing.
        if parts.count == 2, FileIO.exists(String(parts[0])) { return false }
        return parts.allSatisfy { part in
            !part.isEmpty && part.first != "." && part.first != "-"
                && part.utf8.allSatisfy {
                    $0 == 45 || $0 == 46 || $0 == 95 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                }
        }
    }

    private static func json(_ path: String) -> Any? {
        guard FileIO.exists(path), let bytes = try? FileIO.read(path, limit: 1 << 20) else { return nil }
        return try? JSONSerialization.jsonObject(with: Data(bytes))
    }
}
