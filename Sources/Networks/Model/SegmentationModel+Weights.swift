// Weights of a network: read from any file that its descriptor supports, and written as safetensors under the published names.
import WeightFiles

extension SegmentationModel {
    /// Loads the values that a file has for this network: a whole checkpoint, or a part that the descriptor names.
    /// - Parameter takesValues: off for a report on every tensor without loading; the network need not be built then.
    /// - Throws: `otherNetwork` if no tensor of the file belongs to the network.
    public func load(_ file: WeightFile, takesValues: Bool = true) throws(NetworkError) -> LoadReport {
        let names = file.entries.map(\.name), descriptor = descriptor
        func isDerived(_ name: String) -> Bool { descriptor.derivedEntries.contains { name.hasSuffix($0) } }
        // Within a module of the network: "up1." of "up1.nConvs.2.conv.weight".
        let modules = Set(parameters.entries.map { $0.name.prefix { $0 != "." } })
        func isOwn(_ name: Substring) -> Bool { modules.contains(name.prefix { $0 != "." }) }
        let whole = NamePrefix.candidates(in: names.filter { !isDerived($0) }) { parameters.info($0) != nil }
        let part = descriptor.weights.compactMap { $0.part?(names) }.max { $0.matches < $1.matches }
        var report: LoadReport
        if let part, part.matches > whole.first?.matches ?? 0 {
            try part.check(self, file)
            report = try parameters.load(file, takesValues: takesValues) { isDerived($0) ? [] : part.own($0) ?? [$0] }
            var dropped: [String] = []
            if part.dropsOtherShapes, !report.misshaped.isEmpty {
                dropped = ["\(report.misshaped.count) of other shapes left out (\(report.misshaped[0].name), ...)"]
                report.misshaped = []
            }
            let missing = report.missing.filter { $0.hasPrefix(part.entries) }
            if !missing.isEmpty { throw .incompleteImageEncoder(path: file.path, missing: missing, expected: part.expected) }
            report.notes = [part.description] + Self.note(prefix: part.prefix) + dropped
        } else if let best = whole.first {
            let rivals = NamePrefix.rivals(whole)
            if !rivals.isEmpty { throw .severalNetworks(path: file.path, network: "the segmentation model", prefixes: rivals) }
            var foreign: [String: Int] = [:]
            report = try parameters.load(file, takesValues: takesValues) { name in
                if isDerived(name) { return [] }
                let bare = name.hasPrefix(best.prefix) ? String(name.dropFirst(best.prefix.count)) : name
                if let part = descriptor.foreignEntries.keys.first(where: bare.hasPrefix) {
                    foreign[part, default: 0] += 1
                    return []
                }
                return [parameters.info(bare) == nil ? name : bare]
            }
            report.beyond = report.extra.filter { isOwn($0.hasPrefix(best.prefix) ? $0.dropFirst(best.prefix.count) : $0[...]) }
            report.notes =
                Self.note(prefix: best.prefix)
                + foreign.sorted { $0.key < $1.key }.map { part, count in
                    "\(count) tensors \(part)* are not used, \(descriptor.foreignEntries[part] ?? "")"
                }
        } else {
            throw .otherNetwork(
                path: file.path, network: "the segmentation model", examples: Array(names.prefix(3)),
                expected: parameters.entries.prefix(2).map(\.name))
        }
        report.notes = file.notes + report.notes
        return report
    }

    private static func note(prefix: String) -> [String] { prefix.isEmpty ? [] : ["names without the prefix \"\(prefix)\""] }

    /// Writes all entries under their published names; if it fails, no file is left. PyTorch also expects batch norm's step counters and
    /// the entries that follow from the sizes, so it writes those too.
    public func save(to path: String, metadata: [String: String] = [:]) throws(WeightFileError) {
        var writer = SafetensorsWriter(metadata: metadata, sealed: true)
        parameters.add(to: &writer)
        let steps = metadata["step"].flatMap { Int64($0) } ?? 0
        for entry in parameters.entries where entry.name.hasSuffix(".running_mean") {
            writer.add(entry.name.dropLast("running_mean".count) + "num_batches_tracked", shape: [], [steps])
        }
        let imageSize = metadata["imageSize"].flatMap { Int($0) } ?? image.size
        for entry in descriptor.derived(specification, imageSize) {
            switch entry.values {
            case .integers(let values): writer.add(entry.name, shape: entry.shape, values)
            case .numbers(let values): writer.add(entry.name, shape: entry.shape, values)
            }
        }
        try writer.write(to: path)
    }
}
