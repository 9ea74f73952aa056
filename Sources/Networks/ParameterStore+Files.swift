// Moving values between a parameter store and weight files, by name.
import WeightFiles

extension ParameterStore {
    /// Takes every value that `file` has, under all names that `rename` gives (none: a tensor to pass over without a word).
    /// Sizes of 1 may be there or not: scalars are stored as [] or [1], linear maps also as 1x1 convolutions.
    /// - Parameter takesValues: off to learn what would become of every tensor.
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
