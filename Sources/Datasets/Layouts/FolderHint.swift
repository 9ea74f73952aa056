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
        return "no such folder; check --\(option)" + neighbours(of: absolute)
    }

    /// What the nearest folder above that is there holds: "; data/ holds Kvasir-SEG/, busi/".
    private static func neighbours(of path: String) -> String {
        var folder = FileIO.parent(of: path)
        while folder != "/", !FileIO.isFolder(folder) { folder = FileIO.parent(of: folder) }
        guard folder != "/", let view = try? FolderView(folder), !view.folders.isEmpty else { return "" }
        return "; " + Listing.line("\(folder) holds", view.folders.map { $0 + "/" }, limit: 8).replacing(" holds:", with: " holds")
    }

    /// The caption files beside one that is not there: "; captions/ holds train.json, val.json".
    static func captionFiles(beside path: String) -> String {
        var folder = FileIO.parent(of: FileIO.absolute(path))
        while folder != "/", !FileIO.isFolder(folder) { folder = FileIO.parent(of: folder) }
        let names = ((try? FileIO.list(folder)) ?? []).filter { ["json", "jsonl", "xlsx", "csv", "tsv"].contains(FileName.suffix($0)) && !$0.hasPrefix(".") }
        if names.isEmpty { return "; \(folder) holds no .json, .csv or .xlsx files" }
        return "; " + Listing.line("\(folder) holds", names, limit: 8).replacing(" holds:", with: " holds")
    }
}
