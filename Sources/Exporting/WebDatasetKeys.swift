// Samples' names in tar files. WebDataset takes what follows a name's first dot for the extension, so dots become underscores; where that
// would give two samples one name, as of a.b and a_b, the ids with dots are written with %2E for each dot and %25 for each percent sign, as
// in addresses. Invariant: two ids of an export have two names, and an id without a dot is its own name. KEY.json holds the id itself.

package enum WebDatasetKeys {
    /// The names of samples with these ids, in their order.
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
