// Samples' names in tar files. WebDataset treats everything after a name's first dot as the extension, so dots become underscores. If two
// samples would get the same name (a.b and a_b), ids with dots are percent-encoded instead: %2E for each dot, %25 for each percent sign.
// Invariant: two ids of an export have two names, and an id without a dot is its own name. KEY.json holds the id itself.

package enum WebDatasetKeys {
    /// The names of the samples with these ids, in the same order.
    /// - Parameter all: the ids of all splits.
    package static func of(_ ids: [String], among all: Set<String>, folder: String) throws(ExportError) -> [String] {
        let plain = ids.map { $0.replacing(".", with: "_") }
        let counts = Dictionary(all.map { ($0.replacing(".", with: "_"), 1) }, uniquingKeysWith: +)
        let keys = zip(ids, plain).map { id, key in
            counts[key] == 1 || !id.contains(".") ? key : id.replacing("%", with: "%25").replacing(".", with: "%2E")
        }
        var seen: [String: String] = [:]
        for (id, key) in zip(ids, keys) {
            if let other = seen.updateValue(id, forKey: key) { throw .sameName(first: other, second: id, folder: folder) }
        }
        return keys
    }
}
