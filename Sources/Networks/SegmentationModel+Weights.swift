// Checkpoints of the segmentation model: published ones (state dicts, Lightning checkpoints, a ConvNeXt alone) in, safetensors under the published names out.
// How a ConvNeXt's own files name their tensors is ConvNeXtNames'.
import WeightFiles

extension SegmentationModel {
    /// Takes the values a file has for this model: a whole checkpoint, or the image encoder alone under any of its usual names.
    /// - Parameter takesValues: off to learn what would become of every tensor; the model need not be built then.
    /// - Throws: `otherNetwork` if no tensor of the file belongs to the model, `otherImageEncoder` for a ConvNeXt of another size.
    public func load(_ file: WeightFile, takesValues: Bool = true) throws(NetworkError) -> LoadReport {
        let names = file.entries.map(\.name)
        let whole = NamePrefix.candidates(in: names.filter { !Self.isDerived($0) }) { parameters.info($0) != nil }
        let alone = ConvNeXtNames.find(in: names)
        var report: LoadReport
        if let alone, alone.matches > whole.first?.matches ?? 0 {
            try alone.checkSize(configuration.encoder, file)
            report = try parameters.load(file, takesValues: takesValues) { name in
                if Self.isDerived(name) { return nil }
                return alone.own(name).map { "encoder.model." + $0 } ?? name
            }
            let missing = report.missing.filter { $0.hasPrefix("encoder.model.") }
            if !missing.isEmpty { throw .incompleteImageEncoder(path: file.path, missing: missing) }
            report.notes = ["the image encoder alone, in the names of \(alone.scheme.description)"] + Self.note(prefix: alone.prefix)
        } else if let best = whole.first {
            let rivals = NamePrefix.rivals(whole)
            if !rivals.isEmpty { throw .severalNetworks(path: file.path, network: "the segmentation model", prefixes: rivals) }
            report = try parameters.load(file, takesValues: takesValues) { name in
                if Self.isDerived(name) { return nil }
                let bare = name.hasPrefix(best.prefix) ? String(name.dropFirst(best.prefix.count)) : name
                return parameters.info(bare) == nil ? name : bare
            }
            report.notes = Self.note(prefix: best.prefix)
        } else {
            throw .otherNetwork(
                path: file.path, network: "the segmentation model", examples: Array(names.prefix(3)), expected: parameters.entries.prefix(2).map(\.name))
        }
        report.notes = file.notes + report.notes
        return report
    }

    private static func note(prefix: String) -> [String] { prefix.isEmpty ? [] : ["names without the prefix \"\(prefix)\""] }

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
