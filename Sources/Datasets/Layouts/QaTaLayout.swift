// QaTa-COV19 v2 as Kaggle ships it: "Train Set/Images", "Train Set/Ground-truths/mask_*.png" and "Test Set/" likewise.
// There is no validation folder: the caption sheets say which training images are for validation, or `--split` does.
import Files

enum QaTaLayout: DatasetLayout {
    static let kind = DatasetKind.qata
    static let title = "QaTa-COV19"
    static let releaseFolders = ["QaTa-COV19-v2", "QaTa-COV19"]
    static let wanted = ["\"Train Set/Images\" and \"Train Set/Ground-truths\" (or \"Test Set/\" likewise)"]
    static let sheetPlaces = ["anns/, prompt/ or captions/", "*text*.xlsx or *text*.csv in the root, in \"Train Set\" and in \"Test Set\""]

    static func match(_ folder: FolderView) throws(FileError) -> DatasetFolders? {
        var sets: [ImageFolders] = []
        var sheets = try SheetSearch.sheets(in: folder)
        for (split, names) in [(Split.train, ["Train Set", "Train"]), (.test, ["Test Set", "Test"])] {
            guard let name = folder.folder(named: names) else { continue }
            let inside = try folder.subfolder(name)
            guard let images = inside.folder(named: ["Images", "Image"]),
                let masks = inside.folder(named: ["Ground-truths", "Ground-truth", "Masks"])
            else { continue }
            // The sheets of LViT split the training images further, so they decide.
            sets.append(ImageFolders(images: "\(name)/\(images)", masks: "\(name)/\(masks)", split: split, splitIsFinal: false))
            sheets += try SheetSearch.sheets(in: inside).map { "\(name)/\($0)" }
        }
        return sets.isEmpty ? nil : DatasetFolders(root: folder.path, sets: sets, sheets: sheets)
    }
}
