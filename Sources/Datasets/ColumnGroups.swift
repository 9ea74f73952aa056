// Patients or studies by a column of the captions' table, for splits that keep all samples of each in one split. What file names tell is
// SubjectKind's.

struct ColumnGroups {
    /// The columns' names, in quotes.
    let column: String
    /// By id; an id that is not here stands alone.
    let byID: [String: String]
    /// Whether the user asked for it (--group-column, --group-by); else it was found by its name.
    let isAsked: Bool

    /// - Parameter groups: id and the cell, as written; capitals do not part a patient.
    init?(columns: [String], groups: [(id: String, group: String?)], isAsked: Bool) {
        byID = Dictionary(groups.compactMap { id, group in group.map { (id, $0.lowercased()) } }, uniquingKeysWith: { first, _ in first })
        if columns.isEmpty || byID.isEmpty { return nil }
        column = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        self.isAsked = isAsked
    }

    func group(of id: String) -> String { byID[id] ?? "\u{0}" + id }

    func count(_ ids: [String]) -> Int { Set(ids.map(group)).count }

    /// A warning where splits part a group.
    func leak(_ splits: [String: Split]) -> String? {
        var found: [String: Set<Split>] = [:]
        for (id, group) in byID { if let split = splits[id] { found[group, default: []].insert(split) } }
        let divided = found.filter { $0.value.count > 1 }.keys.sorted()
        if divided.isEmpty { return nil }
        return Listing.line(
            "\(divided.count) value\(divided.count == 1 ? "" : "s") of the column \(column) in more than one split", divided, limit: 5)
    }
}
