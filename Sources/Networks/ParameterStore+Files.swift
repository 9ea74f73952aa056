// Copies values between a parameter store and weight files, by name.
import WeightFiles

extension ParameterStore {
    /// Loads every value of `file` under all names that `rename` returns; an empty list skips a tensor silently.
    /// Dimensions of size 1 may be missing or added: scalars are stored as [] or [1], linear weights also as 1x1 convolutions.
    /// - Parameter takesValues: off for a report on every tensor without loading.
    func load(_ file: WeightFile, takesValues: Bool = true, rename: (String) -> [String]) throws(NetworkError) -> LoadReport {
        var report = LoadReport()
        var seen = Set<String>()
        for entry in file.entries {
            let names = rename(entry.name), known = names.filter { info($0) != nil }
            if known.isEmpty, !names.isEmpty { report.extra.append(entry.name) }
            for name in known {
                guard let info = info(name) else { continue }
                guard seen.insert(name).inserted else { throw .sameEntryTwice(path: file.path, name: name, second: entry.name) }
                guard entry.shape.filter({ $0 != 1 }) == info.fileShape.filter({ $0 != 1 }) else {
                    // The result does not depend on an unused entry; such a head has another size in some checkpoints.
                    if info.role == .unused { continue }
                    report.misshaped.append(.init(name: name, found: entry.shape, expected: info.fileShape))
                    continue
                }
                if takesValues {
                    do throws(WeightFileError) { try take(name, from: file, entry.name) } catch { throw .weights(error) }
                }
                report.loaded.append(name)
            }
        }
        report.missing = entries.filter { !seen.contains($0.name) && $0.role != .unused }.map(\.name)
        return report
    }

    /// Reads an entry's value, directly into its memory if the layout is that of the file, which saves two copies.
    private func take(_ name: String, from file: WeightFile, _ source: String) throws(WeightFileError) {
        guard info(name)?.layout == .plain, let tensor = tensor(name), let place = backend.hostValues(tensor) else {
            return set(name, try file.float32(source))
        }
        try file.read(source, into: place)
        refreshHalf(of: tensor)
    }

    /// Adds every entry, in its published layout, to a safetensors file.
    func add(to writer: inout SafetensorsWriter) {
        for entry in entries {
            // Values with the same layout in memory and file are not copied.
            if entry.layout == .plain, let tensor = tensor(entry.name), let values = backend.hostValues(tensor) {
                writer.add(entry.name, shape: entry.fileShape, borrowing: UnsafeBufferPointer(values))
            } else if let values = value(entry.name) {
                writer.add(entry.name, shape: entry.fileShape, values)
            }
        }
    }
}
