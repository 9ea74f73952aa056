// Opening a text encoder from a Hugging Face folder: config.json, and the weights in one file or several.
import Files
import Foundation
import Tensors
import WeightFiles

extension TextEncoder {
    /// Opens any BERT or DistilBERT folder. Heads and poolers for other tasks are ignored.
    /// - Throws: `incompleteFolder`, `configuration` or `incompleteWeights`, naming what was found and expected.
    public static func open(folder given: String, backend: any Backend) throws(NetworkError) -> TextEncoder {
        let resolved: ModelFolder
        do throws(ModelFolder.Failure) { resolved = try ModelFolder.resolve(given) } catch { throw .modelFolder(error) }
        let folder = resolved.path
        guard FileIO.isFolder(folder) else {
            throw .incompleteFolder(path: folder, found: FileIO.exists(folder) ? "a file" : "nothing", expected: "a folder")
        }
        let settings = try TextEncoderSettings(folder: folder)
        let file: WeightFile
        do throws(WeightFileError) { file = try WeightFile.open(folder) } catch { throw .weights(error) }
        let encoder = TextEncoder(configuration: settings.configuration, backend: backend, initialises: false)
        encoder.notes = try encoder.load(file, family: settings.family) + [resolved.note].compactMap { $0 }
        return encoder
    }

    /// Reads and checks config.json.
    public static func configuration(folder: String) throws(NetworkError) -> TextEncoderConfiguration {
        try TextEncoderSettings(folder: folder).configuration
    }

    /// Loads all weights. Returns notes for the user about how they were read.
    func load(_ file: WeightFile, family: TextEncoderFamily) throws(NetworkError) -> [String] {
        let names = file.entries.map(\.name)
        func isKnown(_ name: String) -> Bool { parameters.info(family.own(name)) != nil }
        let candidates = NamePrefix.candidates(in: names, isKnown: isKnown)
        guard let best = candidates.first else {
            throw .otherNetwork(
                path: file.path, network: "a BERT encoder", examples: Array(names.prefix(3)),
                expected: family == .bert
                    ? parameters.entries.prefix(2).map(\.name)
                    : ["embeddings.word_embeddings.weight", "transformer.layer.0.attention.q_lin.weight"])
        }
        let rivals = NamePrefix.rivals(candidates)
        if !rivals.isEmpty { throw .severalNetworks(path: file.path, network: "a BERT encoder", prefixes: rivals) }
        var beyond = 0
        var unserved: [String] = []
        let report = try parameters.load(file) { name in
            let bare = name.hasPrefix(best.prefix) ? String(name.dropFirst(best.prefix.count)) : name
            if isKnown(bare) { return [family.own(bare)] }
            guard name.hasPrefix(best.prefix), family.isInside(bare) else { return [] }
            if let layer = family.layer(bare), layer >= configuration.layers {
                beyond += 1
            } else {
                unserved.append(name)
            }
            return []
        }
        guard report.isComplete else { throw .incompleteWeights(path: file.path, report: report) }
        guard unserved.isEmpty else { throw .unservedTensors(path: file.path, names: unserved) }
        // The usual prefix of a BERT in files with a head needs no note.
        let isUsual = best.prefix.isEmpty || best.prefix == "bert." || best.prefix == "distilbert."
        return file.notes.map { "\(file.path): \($0)" } + (isUsual ? [] : ["\(file.path): names without the prefix \"\(best.prefix)\""])
            + (beyond == 0 ? [] : ["\(file.path): \(beyond) tensors of layers beyond config.json's \(configuration.layers) are not used"])
    }
}
