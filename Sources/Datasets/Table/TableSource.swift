// A dataset without a known layout: a folder of images, a folder of masks and a caption table, with the rules that were inferred or given.
// Not for reading captions (Tables) nor for the content of files (SampleValidation).
import Files
import Foundation

/// What the user tells `prep ingest table`; nil leaves it to inference.
public struct TableChoices: Codable, Sendable, Equatable {
    public var images: String
    public var masks: String
    /// "{id}_mask.png".
    public var maskPattern: String?
    public var imagePattern: String?
    /// Column names of the caption table, or their numbers from 1.
    public var imageColumn: String?
    public var captionColumn: String?
    public var splitColumn: String?
    /// The column of patients or studies, whose samples stay in one split; `noGroups` for no column.
    public var groupColumn: String?

    /// The value of `--group-column` for no column.
    public static let noGroups = "none"

    public init(images: String, masks: String) {
        self.images = images
        self.masks = masks
    }
}

struct TableSource {
    let folders: DatasetFolders
    let rule: PairingRule
    let notes: [String]

    init(_ choices: TableChoices) throws(DatasetError) {
        for (option, path) in [("images", choices.images), ("masks", choices.masks)] where !FileIO.isFolder(path) {
            throw .folderNotFound(option: option, path: path, hint: FolderHint.text(path, option: option))
        }
        var places: [String] = []
        let images = try Self.pictures(choices.images, "images", &places)
        let ids = Set(((try? FileIO.list(images)) ?? []).filter(FileName.isImage).map(FileName.stem))
        let masks = try Self.pictures(choices.masks, "masks", imageIDs: ids, &places)
        let root = Self.commonFolder(images, masks)
        folders = DatasetFolders(
            root: root,
            sets: [
                ImageFolders(
                    images: Self.relative(images, to: root), masks: Self.relative(masks, to: root), split: nil, splitIsFinal: false)
            ],
            sheets: [])
        let imageNames: [String], maskNames: [String]
        do {
            imageNames = try FileIO.list(images).filter { !$0.hasPrefix(".") && FileName.isImage($0) }
            maskNames = try FileIO.list(masks).filter { !$0.hasPrefix(".") && FileName.isImage($0) }
        } catch { throw .file(error) }
        for (folder, shown, names) in [(images, choices.images, imageNames), (masks, choices.masks, maskNames)] {
            let broken = names.filter { $0.contains("\u{FFFD}") && !FileIO.exists("\(folder)/\($0)") }
            if let first = broken.first { throw .namesNotUTF8(folder: shown, count: broken.count, example: first) }
        }
        let guess = try PairingSearch.find(
            images: imageNames, masks: maskNames, imagePattern: try Self.pattern(choices.imagePattern, option: "image-pattern"),
            maskPattern: try Self.pattern(choices.maskPattern, option: "mask-pattern"), sharesFolder: images == masks,
            folders: (choices.images, choices.masks))
        rule = guess.rule
        notes = places + guess.notes
    }

    /// The folder that holds the images: the given one, or its only subfolder with images.
    private static func pictures(
        _ shown: String, _ option: String, imageIDs: Set<String>? = nil, _ notes: inout [String]
    ) throws(DatasetError) -> String {
        let folder = FileIO.absolute(shown)
        let place: PictureFolder.Place
        do { place = try PictureFolder.place(in: folder, shown: shown, naming: .option(option), imageIDs: imageIDs) } catch {
            throw .file(error)
        }
        switch place {
        case .here: return folder
        case .below(let below, let count):
            notes.append(PictureFolder.note(shown, below, count))
            return "\(folder)/\(below)"
        case .none(let finding): throw .noPictures(finding)
        }
    }

    private static func pattern(_ text: String?, option: String) throws(DatasetError) -> NamePattern? {
        guard let text else { return nil }
        return try NamePattern(text, option: option)
    }

    /// The innermost folder that holds both.
    static func commonFolder(_ first: String, _ second: String) -> String {
        let left = first.split(separator: "/"), right = second.split(separator: "/")
        var count = 0
        while count < min(left.count, right.count), left[count] == right[count] { count += 1 }
        // One folder for both, or one within the other: the folder above, so that both have a name.
        if count == min(left.count, right.count) { count -= 1 }
        return "/" + left.prefix(max(count, 0)).joined(separator: "/")
    }

    private static func relative(_ path: String, to root: String) -> String {
        root == "/" ? String(path.dropFirst()) : String(path.dropFirst(root.count + 1))
    }
}
