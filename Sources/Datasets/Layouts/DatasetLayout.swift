// What a layout answers: whether a folder has this layout, and where its images, masks and caption sheets are.
// Not for what is in the files. One file per layout beside this one.
import Files

/// A folder of images with the folder of their masks. Paths are relative to the dataset's root.
struct ImageFolders: Equatable {
    let images: String
    let masks: String
    /// The split of the folder.
    let split: Split?
    /// Whether a caption sheet may place a sample in another split than the folder does.
    let splitIsFinal: Bool
}

/// Where a dataset's files lie.
struct DatasetFolders {
    /// Absolute.
    let root: String
    let sets: [ImageFolders]
    /// Caption sheets found, relative to the root.
    let sheets: [String]
}

protocol DatasetLayout {
    static var kind: DatasetKind { get }
    /// The dataset's name for people.
    static var title: String { get }
    /// Folder names under data/ that are tried, in this order, if no root is given.
    static var releaseFolders: [String] { get }
    /// The expected folders, for the message if they are missing.
    static var wanted: [String] { get }
    /// The places where caption sheets are searched, for the message if there are none.
    static var sheetPlaces: [String] { get }
    /// The dataset's folders if `folder` is its root, else nil.
    static func match(_ folder: FolderView) throws(FileError) -> DatasetFolders?
}

/// A dataset whose folders the user names (TableSource); it is never found by searching.
enum UnknownLayout: DatasetLayout {
    static let kind = DatasetKind.table
    static let title = "a folder of images, one of masks and a caption table"
    static let releaseFolders: [String] = []
    static let wanted = ["the folders that --images and --masks name"]
    static let sheetPlaces = ["metadata.jsonl or metadata.csv beside the images"]

    static func match(_ folder: FolderView) throws(FileError) -> DatasetFolders? { nil }
}

/// Caption sheets inside a dataset's folder.
enum SheetSearch {
    static let folders = ["anns", "prompt", "prompts", "captions"]

    /// Sheets in anns/, prompt/ or captions/ of the folder, else workbooks and CSV files of the folder itself whose names contain a word
    /// for text. Relative to the folder.
    static func sheets(in folder: FolderView) throws(FileError) -> [String] {
        for name in folders {
            guard let found = folder.folder(named: [name]) else { continue }
            let files = try folder.subfolder(found).files.filter { suffixes.contains(FileName.suffix($0)) || FileName.suffix($0) == "json" }
            if !files.isEmpty { return files.map { found + "/" + $0 } }
        }
        return folder.files.filter { name in
            let stem = name.lowercased()
            let speaks = ["text", "caption", "prompt", "description", "annotation"].contains { stem.contains($0) }
            return !name.hasPrefix("~$") && suffixes.contains(FileName.suffix(name)) && speaks
        }
    }

    private static let suffixes: Set<String> = ["xlsx", "csv", "tsv", "jsonl", "ndjson"]
    /// The Hugging Face image folder's own table.
    static let metadataNames = ["metadata.jsonl", "metadata.csv"]

    /// A metadata.jsonl or metadata.csv beside the images or in the root: for datasets without another sheet. Relative to the root.
    static func metadata(_ folders: DatasetFolders) -> [String] {
        func found(in folder: String) -> String? {
            metadataNames.map { folder + $0 }.first { FileIO.isFile(folders.root + "/" + $0) }
        }
        let beside = folders.sets.compactMap { found(in: $0.images + "/") }
        return beside.isEmpty ? [found(in: "")].compactMap { $0 } : beside
    }
}
