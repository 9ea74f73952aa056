// The texts of ShardError: what was found, what was expected, what to do.
import Files

extension ShardError: LinedError {
    /// The message, line by line: the samples are listed one a line.
    public var lines: [String] {
        guard case .badSamples(let dataset, let problems) = self else { return [description] }
        return ["\(dataset): \(problems.count) bad sample\(problems.count == 1 ? "" : "s"), no shards written:"]
            + problems.map { "  \($0)" }
            + ["repair these files or run `prep ingest` again (with --skip-bad to leave them out), then `prep shard`"]
    }

    public var description: String {
        switch self {
        case .file(let error):
            error.description
        case .notAShardFolder(let path):
            "\(path): not a folder with an index.json; "
                + (ShardAdvice.hint(for: path)
                    ?? "give shards as `prep shard` writes them: a set's folder (shards/NAME), or one split's (shards/NAME/train)")
        case .malformedIndex(let path, let reason):
            "\(path): not a valid MDS index (\(reason)); make the shards again with `prep shard`"
        case .foreignVersion(let path, let found, let expected):
            "\(path): shards of version \(found), expected \(expected); make them again with this program's `prep shard`"
        case .missingColumn(let path, let column, let found, let expected):
            "\(path): column \(column): found \(found), expected \(expected); these shards were not made by `prep shard`"
        case .unsupportedCompression(let path, let found):
            "\(path): compression \(found) is not supported, expected zstd or none; write the shards again with zstd"
        case .damaged(let problem):
            "\(problem); run `prep verify` on the folder to see all damage, delete the damaged file, then run `prep shard` again"
        case .badSamples: lines.joined(separator: "\n")
        case .tooLarge(let what, let bytes):
            "\(what): \(bytes) bytes, more than the 4294967295 that one shard can hold; use a smaller --size or --shard-bytes"
        case .notOurs(let path):
            "\(path): `prep shard` did not write this index, so the folder stays unchanged; choose another --out, or remove the folder "
                + "yourself"
        case .otherSettings(let found):
            "\(found.folder): holds \(found.size)x\(found.size) shards of \(found.dataset), made with other settings "
                + "(\(found.changes.joined(separator: "; ")));"
                + " existing runs may need these shards: give another folder with --out, or add --overwrite to replace them"
        case .foreignFile(let path):
            "\(path): this file exists, and `prep shard` did not write it; give another folder with --out, or add --overwrite to replace it"
        case .manifest(let path, let reason):
            "\(path): \(reason); run `prep ingest` first"
        case .vocabulary(let reason):
            reason
        case .invalidOption(let reason):
            reason
        case .cancelled:
            "stopped; finished shards are kept; run the same command again to continue"
        }
    }
}
