// The texts of ExplainingError: what was found, what was expected, what to do.
import Files

extension ExplainingError {
    public var description: String {
        switch self {
        case .segmenting(let error): return "\(error)"
        case .device(let error): return "\(error)"
        case .file(let error): return "\(error)"
        case .image(let path, let error): return "\(path): \(error)"
        case .drawing(let error): return "a panel could not be drawn: \(error)"
        case .unknownTap(let name, let known):
            return
                "--tap: the network has no feature map \(name); expected one of \(ListText.joined(known, none: "none")), separated by commas"
        case .pointOutside(let column, let row, let id, let width, let height):
            return
                "--point \(column),\(row): outside the image; expected a column from 0 to \(width - 1) and a row from 0 to \(height - 1) "
                + "(\(id) is \(width)x\(height) pixels at its own size)"
        case .unknownSamples(let ids, let shards, let split):
            let some = ids.prefix(5).joined(separator: ", ") + (ids.count > 5 ? " and \(ids.count - 5) more" : "")
            return "--ids: \(shards)/\(split) has no \(some); `prep verify` and `segment evaluate --json` name its samples"
        case .sameFile(let first, let second):
            return
                "samples \"\(first)\" and \"\(second)\" would have the same file; explain them one after another, each with its own --out"
        case .foreignFiles(let folder, let paths):
            let some = paths.prefix(3).joined(separator: ", ") + (paths.count > 3 ? " and \(paths.count - 3) more" : "")
            return "--out \(folder): holds files that `segment explain` did not write (\(some)); give another folder, or add --overwrite"
        case .cancelled(let folder, let done): return "stopped; \(folder) holds the panels of \(done) sample(s), and no index.html"
        }
    }
}
