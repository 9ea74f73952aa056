// Groups samples by a column of patients or studies in the caption table, so that splits keep each group whole. Not for groups from file
// names (SubjectKind).

struct ColumnGroups {
    /// The columns' names, in quotes.
    let column: String
    /// By id. An id that is missing here is a group of its own.
    let byID: [String: String]
    /// Each group in one spelling, the first in the order of UTF-8.
    private let spellings: [String: String]
    /// Whether the user asked for it (--group-column, --group-by); else it was found by its name.
    let isAsked: Bool

    /// - Parameter groups: ids and their cells, as written. Cells that differ only in capitals are one group.
    init?(columns: [String], groups: [(id: String, group: String?)], isAsked: Bool) {
        byID = Dictionary(groups.compactMap { id, group in group.map { (id, $0.lowercased()) } }, uniquingKeysWith: { first, _ in first })
        spellings = Dictionary(
            groups.compactMap { _, group in group.map { ($0.lowercased(), $0) } },
            uniquingKeysWith: { $1.utf8.lexicographicallyPrecedes($0.utf8) ? $1 : $0 })
        if columns.isEmpty || byID.isEmpty { return nil }
        column = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        self.isAsked = isAsked
    }

    func group(of id: String) -> String { byID[id] ?? "\u{0}" + id }

    /// The group that a sample's cell names, spelled alike in all samples of the group; nil for an empty cell.
    func name(of id: String) -> String? { byID[id].flatMap { spellings[$0] } }

    func count(_ ids: [String]) -> Int { Set(ids.map(group)).count }

    /// A warning if a group has samples in several splits.
    func leak(_ splits: [String: Split]) -> String? {
        var found: [String: Set<Split>] = [:]
        for (id, group) in byID { if let split = splits[id] { found[group, default: []].insert(split) } }
        let divided = found.filter { $0.value.count > 1 }.keys.sorted()
        if divided.isEmpty { return nil }
        return Listing.line(
            "\(divided.count) value\(divided.count == 1 ? "" : "s") of the column \(column) in more than one split", divided, limit: 5)
    }
}
