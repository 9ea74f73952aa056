// The hint for an option whose path is not a folder: the path is a file, or these folders are near it. Looks at names only.
import Files

enum FolderHint {
    /// The rest of the sentence after the path.
    static func text(_ path: String, option: String) -> String {
        let absolute = FileIO.absolute(path)
        if FileIO.exists(absolute) {
            let name = FileIO.lastPart(of: absolute)
            let cure = OtherFiles([name]).cure ?? "name the folder that it lies in: --\(option) \"\(FileIO.parent(of: absolute))\""
            return "this is a file, but --\(option) takes a folder; \(cure)"
        }
        return "no such folder; check --\(option)" + FileIO.neighboursHint(of: absolute)
    }

    /// The caption files in the folder of a missing one: "; captions/ holds train.json, val.json".
    static func captionFiles(beside path: String) -> String {
        var folder = FileIO.parent(of: FileIO.absolute(path))
        while folder != "/", !FileIO.isFolder(folder) { folder = FileIO.parent(of: folder) }
        let names = ((try? FileIO.list(folder)) ?? []).filter {
            ["json", "jsonl", "xlsx", "csv", "tsv"].contains(FileName.suffix($0)) && !$0.hasPrefix(".")
        }
        if names.isEmpty { return "; \(folder) holds no .json, .csv or .xlsx files" }
        return "; " + Listing.line("\(folder) holds", names, limit: 8).replacing(" holds:", with: " holds")
    }
}
