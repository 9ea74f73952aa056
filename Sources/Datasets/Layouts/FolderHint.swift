// What to say where an option names no folder: it is a file, or what else is there. Looks at names only.
import Files

enum FolderHint {
    /// The rest of the sentence that begins with the path.
    static func text(_ path: String, option: String) -> String {
        let absolute = FileIO.absolute(path)
        if FileIO.exists(absolute) {
            let name = FileIO.lastPart(of: absolute)
            let cure = OtherFiles([name]).cure ?? "name the folder that it lies in: --\(option) \"\(FileIO.parent(of: absolute))\""
            return "a file, where --\(option) takes a folder; \(cure)"
        }
        return "no such folder; check --\(option)" + FileIO.neighboursHint(of: absolute)
    }

    /// The caption files beside one that is not there: "; captions/ holds train.json, val.json".
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
