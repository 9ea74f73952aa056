// Moving values between a parameter store and weight files, by name.
import WeightFiles

extension ParameterStore {
    /// Takes every value that `file` has under the names `rename` gives (nil: a tensor to pass over without a word).
    /// Scalars may be stored as [] or [1].
    func load(_ file: WeightFile, rename: (String) -> String?) throws(NetworkError) -> LoadReport {
        var report = LoadReport()
        var seen = Set<String>()
        for entry in file.entries {
            guard let name = rename(entry.name) else { continue }
            guard let info = info(name) else {
                report.extra.append(entry.name)
                continue
            }
            guard seen.insert(name).inserted else { throw .sameEntryTwice(path: file.path, name: name, second: entry.name) }
            let fits = entry.shape == info.fileShape || (info.count == 1 && entry.elementCount == 1)
            guard fits else {
                report.misshaped.append(.init(name: name, found: entry.shape, expected: info.fileShape))
                continue
            }
            do throws(WeightFileError) { try take(name, from: file, entry.name) } catch { throw .weights(error) }
            report.loaded.append(name)
        }
        report.missing = entries.filter { !seen.contains($0.name) && $0.role != .unused }.map(\.name)
        return report
    }

    /// Reads an entry's value: into its place where it lies there as in the file, which spares two copies.
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
            // Values that lie in memory as in the file are not copied.
            if entry.layout == .plain, let tensor = tensor(entry.name), let values = backend.hostValues(tensor) {
                writer.add(entry.name, shape: entry.fileShape, borrowing: UnsafeBufferPointer(values))
            } else if let values = value(entry.name) {
                writer.add(entry.name, shape: entry.fileShape, values)
            }
        }
    }
}
