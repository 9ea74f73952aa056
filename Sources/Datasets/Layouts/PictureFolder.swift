// Finds the images of a given folder: in the folder itself, or in its only subfolder that has images (images/images/a.png, as archives
// unpack). Not for pairing. Invariant: a subfolder is used only if there is no other choice, and a note says so; otherwise the error lists
// the choices with counts.
import Files

/// What a folder without pictures of its own holds, and what to do about it.
public struct NoPictures: Sendable, Equatable {
    /// The folder, for the message.
    public let path: String
    /// "found 5 .dcm (DICOM)", "it is empty".
    public let found: String
    public let cure: String
}

enum PictureFolder {
    /// How the user can name another folder.
    enum Naming {
        /// By an option of `prep ingest table` ("images").
        case option(String)
        /// The layout fixes the folder.
        case layout

        var option: String? { if case .option(let option) = self { option } else { nil } }
    }

    enum Place: Equatable {
        case here
        /// The only folder below that has pictures: its path relative to the folder, and their number.
        case below(String, Int)
        case none(NoPictures)
    }

    /// The largest number of folders to look into, and the depth.
    private static let limit = 3000, depth = 3

    /// - Parameters:
    ///   - folder: where to look.
    ///   - shown: the folder as the user knows it, for messages.
    ///   - imageIDs: for a folder of masks, the images' names without extension.
    static func place(in folder: String, shown: String, naming: Naming, imageIDs: Set<String>? = nil) throws(FileError) -> Place {
        let view = try FolderView(folder)
        if view.files.contains(where: FileName.isImage) { return .here }
        var budget = limit
        let below = try pictures(below: view, prefix: "", depth, &budget)
        if below.count == 1, budget > 0 { return .below(below[0].folder, below[0].names.count) }
        let found: String, cure: String
        if below.isEmpty {
            (found, cure) = nothing(view, naming)
        } else if let advice = GatheringAdvice(below, shown: shown, option: naming.option, imageIDs: imageIDs) {
            (found, cure) = (advice.found, advice.cure)
        } else {
            let places = below.prefix(8).map { "\($0.folder)/ (\($0.names.count))" }.joined(separator: ", ")
            found = "its subfolders hold some: \(places)" + (below.count > 8 ? " and \(below.count - 8) more" : "")
            cure =
                switch naming {
                case .option(let option):
                    "name one of them, such as --\(option) \"\(shown)/\(below[0].folder)\", or move their files into one folder"
                case .layout:
                    "move their files into \(shown) itself, or name two folders with prep ingest table --images DIR --masks DIR "
                        + "--captions FILE"
                }
        }
        return .none(NoPictures(path: shown, found: found, cure: cure))
    }

    /// Subfolders that hold images, with the number of images; the folder itself is not among them.
    static func folders(below view: FolderView) throws(FileError) -> [(folder: String, count: Int)] {
        var budget = limit
        return try pictures(below: view, prefix: "", depth, &budget).map { ($0.folder, $0.names.count) }
    }

    private typealias Found = GatheringAdvice.Pictures

    private static func pictures(below view: FolderView, prefix: String, _ depth: Int, _ budget: inout Int) throws(FileError) -> [Found] {
        var all: [Found] = []
        for name in view.folders where budget > 0 {
            budget -= 1
            let inside: FolderView
            do { inside = try view.subfolder(name) } catch { continue }
            let names = inside.files.filter(FileName.isImage)
            if !names.isEmpty { all.append(Found(folder: prefix + name, names: names)) }
            if depth > 1 { all += try pictures(below: inside, prefix: prefix + name + "/", depth - 1, &budget) }
        }
        return all
    }

    private static func nothing(_ view: FolderView, _ naming: Naming) -> (String, String) {
        let others = OtherFiles(view.files.filter { !FileName.isClutter($0) })
        let right =
            switch naming {
            case .option(let option): "name the folder of \(option) with --\(option)"
            case .layout: "put the files there, or name another dataset's folder with --root"
            }
        if let first = view.files.first(where: { FileName.suffix($0).isEmpty }), FileName.looksLikeImage(view.path + "/" + first) {
            return (
                "found \(others.text), of which \"\(first)\" is a picture by its content", "give the files their extension (such as .png)"
            )
        }
        if !others.counts.isEmpty { return ("found \(others.text)", others.cure ?? right) }
        // The files may be in subfolders: "images/dicom/*.dcm".
        for name in view.folders {
            guard let inside = try? view.subfolder(name) else { continue }
            let below = OtherFiles(inside.files)
            if !below.counts.isEmpty { return ("its subfolder \(name)/ holds \(below.text)", below.cure ?? right) }
        }
        return (view.folders.isEmpty ? "it is empty" : "its subfolders hold none either", right)
    }
}

extension DatasetFolders {
    /// The folders that hold the images of each set, one or more levels further down if necessary, and a note for each folder that changed.
    /// - Throws: `.noPictures` where no set has images, or none has masks.
    func resolved() throws(DatasetError) -> (folders: DatasetFolders, notes: [String]) {
        var notes: [String] = []
        func resolve(_ paths: [String]) throws(DatasetError) -> [String] {
            var empty: [NoPictures] = [], resolved: [String] = []
            for path in paths {
                let place: PictureFolder.Place
                do { place = try PictureFolder.place(in: "\(root)/\(path)", shown: "\(root)/\(path)", naming: .layout) } catch {
                    throw .file(error)
                }
                switch place {
                case .here: resolved.append(path)
                case .below(let folder, let count):
                    resolved.append("\(path)/\(folder)")
                    notes.append(PictureFolder.note(path, folder, count))
                case .none(let finding):
                    empty.append(finding)
                    resolved.append(path)
                }
            }
            if let first = empty.first, empty.count == paths.count { throw .noPictures(first) }
            return resolved
        }
        let images = try resolve(sets.map(\.images)), masks = try resolve(sets.map(\.masks))
        let found = sets.enumerated().map { index, set in
            ImageFolders(images: images[index], masks: masks[index], split: set.split, splitIsFinal: set.splitIsFinal)
        }
        return (DatasetFolders(root: root, sets: found, sheets: sheets), notes)
    }
}

extension PictureFolder {
    /// The note that says where the images were found.
    static func note(_ folder: String, _ below: String, _ count: Int) -> String {
        "\(folder): read from \(folder)/\(below), the only folder below it with pictures (\(count))"
    }
}
