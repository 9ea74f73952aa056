// The texts of ExportError: what was found, what was expected, what to do.

extension ExportError {
    public var description: String {
        switch self {
        case .notShards(let path, let hint):
            "\(path): not a shard folder: expected an index.json, or train/, val/ or test/ with one, as `prep shard` writes them"
                + (hint.map { "; \($0)" } ?? "")
        case .occupied(let path, let found):
            "\(path): exists and is not an export of this program "
                + "(\(found.isEmpty ? "no export.json" : "found " + found.prefix(5).joined(separator: ", "))); name a new or empty "
                + "folder with --out"
        case .otherExport(let path):
            "\(path): holds another export (other shards, format or tar size); remove it yourself, or name another folder with --out"
        case .badID(let id, let folder):
            "\(folder): sample \"\(id)\": the id cannot be a file's name; expected 1 to 200 bytes without a slash, not beginning with a dot"
        case .sameName(let first, let second, let folder):
            first == second
                ? "\(folder): sample \"\(second)\" occurs twice, so its files would overwrite each other; make the shards again from a "
                    + "manifest of prep ingest"
                : "\(folder): samples \"\(first)\" and \"\(second)\" would have the same file name; rename one of the two images, then run prep "
                    + "ingest and prep shard"
        case .inTwoSplits(let id, let first, let second):
            "sample \"\(id)\" is in \(first) and in \(second), but a folder can hold only one images/\(id).png; export the splits one by "
                + "one, such as "
                + "`prep export SHARDS/\(first)`,"
                + " or use --to webdataset, which keeps splits apart"
        case .picture(let id, let reason): "sample \(id): cannot be encoded: \(reason)"
        case .shards(let error): error.description
        case .file(let error): error.description
        case .cancelled: "stopped; finished files are kept; run the same command again to continue"
        }
    }
}
