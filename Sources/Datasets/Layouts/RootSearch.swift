// Finds a dataset's root: the folder named, or one up to two levels below it; and says what to do when there is none.
import Files
import Foundation

enum RootSearch {
    /// Folders looked at below the named one, at most.
    private static let breadth = 200

    static func find(_ kind: DatasetKind, root: String?) throws(DatasetError) -> DatasetFolders {
        let start: String
        if let root { start = root } else { start = try releaseFolder(of: kind) }
        let path = FileIO.absolute(start)
        guard FileIO.isFolder(path) else { throw .rootNotFound(path: start, hint: FolderHint.text(start, option: "root")) }
        do {
            let top = try FolderView(path)
            if let match = try kind.layout.match(top) { return match }
            let matches = try below(top, kind)
            if matches.count == 1 { return matches[0] }
            if matches.count > 1 { throw DatasetError.ambiguousRoot(path: start, dataset: kind, candidates: matches.map(\.root)) }
            throw DatasetError.wrongRoot(
                path: start, dataset: kind, wanted: kind.layout.wanted, found: (top.folders.map { $0 + "/" } + top.files),
                suggestion: try suggestion(for: kind, top))
        } catch let error as DatasetError {
            throw error
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .file(.unreadable(path: path, reason: "\(error)"))
        }
    }

    /// The matches one level down or, if none, two levels down.
    private static func below(_ top: FolderView, _ kind: DatasetKind) throws -> [DatasetFolders] {
        var level = [top]
        for _ in 0..<2 {
            var next: [FolderView] = []
            for folder in level {
                for name in folder.folders.prefix(breadth - next.count) { next.append(try folder.subfolder(name)) }
            }
            let matches = try next.compactMap { try kind.layout.match($0) }
            if !matches.isEmpty { return matches }
            level = next
        }
        return []
    }

    /// What to try instead: the folder itself read as another dataset, the folder above, folders below read as another dataset.
    private static func suggestion(for kind: DatasetKind, _ top: FolderView) throws -> String? {
        // LViT's tree first: its img/ and labelcol/ alone would pass for another dataset's folders.
        // Kvasir-SEG before MosMed++, which also takes images/ and masks/.
        let first = [DatasetKind.lvit, .qata, .kvasir]
        let others = (first + DatasetKind.allCases.filter { !first.contains($0) }).filter { $0 != kind }
        func advice(_ other: DatasetKind, _ match: DatasetFolders) -> String {
            "\(match.root) looks like \(other.title): try prep ingest \(other.rawValue) --root \"\(match.root)\" --name \(kind.rawValue)"
        }
        let parent = FileIO.parent(of: top.path)
        let above = parent == top.path ? nil : try FolderView(parent)
        if let above, let match = try kind.layout.match(above) { return "the folder above has the layout: use --root \"\(match.root)\"" }
        if let above, let match = try LViTLayout.match(above) { return advice(.lvit, match) }
        for other in others { if let match = try other.layout.match(top) { return advice(other, match) } }
        for other in others { if let match = try below(top, other).first { return advice(other, match) } }
        let places = try PictureFolder.folders(below: top)
        guard !places.isEmpty else { return nil }
        let list = Listing.line("pictures lie in", places.map { "\($0.folder)/ (\($0.count))" }, limit: 6).replacing(
            "lie in:", with: "lie in")
        return "\(list): check --root, or name two folders with prep ingest table --images DIR --masks DIR --captions FILE"
    }

    private static func releaseFolder(of kind: DatasetKind) throws(DatasetError) -> String {
        let tried = kind.layout.releaseFolders.map { "data/" + $0 }
        guard let found = tried.first(where: FileIO.isFolder) else { throw .noRoot(dataset: kind, tried: tried) }
        return found
    }
}
