// What exists near a path that does not exist, for messages about mistyped names. Looks at names only.

extension FileIO {
    /// The nearest existing folder above a path, and the names in it that `isWanted` accepts, sorted; nil if there is no such folder.
    /// - Parameter isWanted: receives the whole path.
    public static func neighbours(
        of path: String, where isWanted: (_ path: String) -> Bool = { FileIO.isFolder($0) }
    ) -> (folder: String, names: [String])? {
        var folder = parent(of: absolute(path))
        while folder != "/", !isFolder(folder) { folder = parent(of: folder) }
        guard folder != "/", let names = try? list(folder) else { return nil }
        let wanted = names.filter { !$0.hasPrefix(".") && isWanted(folder + "/" + $0) }
        return wanted.isEmpty ? nil : (folder, wanted)
    }

    /// "; DIR holds a/, b/" for the end of a message; empty if nothing near the path is of the kind.
    public static func neighboursHint(of path: String, where isWanted: (_ path: String) -> Bool = { FileIO.isFolder($0) }) -> String {
        guard let (folder, names) = neighbours(of: path, where: isWanted) else { return "" }
        return "; \(folder) holds \(names.prefix(8).map { $0 + "/" }.joined(separator: ", "))"
            + (names.count > 8 ? " and \(names.count - 8) more" : "")
    }
}
