// Checkpoints of the segmentation model: published ones (state dicts, Lightning checkpoints, a ConvNeXt alone) in, safetensors under the published names out.
import WeightFiles

extension SegmentationModel {
    /// Takes the values a file has for this model: a whole checkpoint, or the image encoder alone under the names of `facebook/convnext-tiny-224`.
    /// - Throws: `otherNetwork` if no tensor of the file belongs to the model.
    public func load(_ file: WeightFile) throws(NetworkError) -> LoadReport {
        let names = Set(file.entries.map(\.name))
        // A bare ConvNeXt has its stages at the top, or below "convnext.".
        let isBare = names.contains("encoder.stages.0.layers.0.dwconv.weight")
        let isPrefixed = names.contains("convnext.encoder.stages.0.layers.0.dwconv.weight")
        let report = try parameters.load(file) { name in
            if SegmentationModel.isDerived(name) { return nil }
            if isPrefixed { return name.hasPrefix("convnext.") ? "encoder.model." + name.dropFirst("convnext.".count) : name }
            if isBare { return "encoder.model." + name }
            return name
        }
        guard !report.loaded.isEmpty else {
            throw .otherNetwork(path: file.path, network: "the segmentation model", examples: file.entries.prefix(3).map(\.name))
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

    /// Entries of published checkpoints that follow from the rest: step counters and position tables.
    private static func isDerived(_ name: String) -> Bool { name.hasSuffix(".num_batches_tracked") || name.hasSuffix("_pos.pe") }
}
