// Weights of a network: taken from any file that its descriptor knows how to read, and written as safetensors under the published names.
import WeightFiles

extension SegmentationModel {
    /// Takes the values a file has for this network.
    /// - Throws: `otherNetwork` if no tensor of the file belongs to the network.
    public func load(_ file: WeightFile) throws(NetworkError) -> LoadReport {
        let names = Set(file.entries.map(\.name))
        let naming = descriptor.weights.first { $0.recognises(names) }
        let report = try parameters.load(file) { naming?.rename($0) ?? (naming == nil ? $0 : nil) }
        guard !report.loaded.isEmpty else {
            throw .otherNetwork(path: file.path, network: descriptor.title, examples: file.entries.prefix(3).map(\.name))
        }
        return report
    }

    /// Writes all entries under their published names, whole or not at all. Batch norm's step counters are written too, since PyTorch expects them.
    public func save(to path: String, metadata: [String: String] = [:]) throws(WeightFileError) {
        var writer = SafetensorsWriter(metadata: metadata, sealed: true)
        parameters.add(to: &writer)
        let steps = metadata["step"].flatMap { Int64($0) } ?? 0
        for entry in parameters.entries where entry.name.hasSuffix(".running_mean") {
            writer.add(entry.name.dropLast("running_mean".count) + "num_batches_tracked", shape: [], [steps])
        }
        try writer.write(to: path)
    }
}
