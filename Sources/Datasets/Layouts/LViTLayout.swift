// LViT's tree, which UA-VLS shares: {Train,Val,Test}_Folder/{img,labelcol}/ and a *_text.xlsx in each. Val_Folder may be absent.
// The folder decides the split.
import Files

enum LViTLayout: DatasetLayout {
    static let kind = DatasetKind.lvit
    static let title = "a {Train,Val,Test}_Folder tree (LViT, MoNuSeg)"
    static let releaseFolders = ["MoNuSeg", "LViT"]
    static let wanted = ["\"Train_Folder/img\" and \"Train_Folder/labelcol\" (or Val_Folder, Test_Folder likewise)"]
    static let sheetPlaces = ["anns/, prompt/ or captions/", "*text*.xlsx or *text*.csv in the root and in each *_Folder"]

    static func match(_ folder: FolderView) throws(FileError) -> DatasetFolders? {
        let names: [(Split, [String])] = [
            (.train, ["Train_Folder", "Train", "Training_Folder"]), (.val, ["Val_Folder", "Val", "Validation_Folder", "Valid_Folder"]),
            (.test, ["Test_Folder", "Test", "Testing_Folder"]),
        ]
        var sets: [ImageFolders] = []
        var sheets = try SheetSearch.sheets(in: folder)
        for (split, candidates) in names {
            guard let name = folder.folder(named: candidates) else { continue }
            let inside = try folder.subfolder(name)
            guard let images = inside.folder(named: ["img", "imgs"]), let masks = inside.folder(named: ["labelcol", "label", "labels"])
            else {
                continue
            }
            sets.append(ImageFolders(images: "\(name)/\(images)", masks: "\(name)/\(masks)", split: split, splitIsFinal: true))
            sheets += try SheetSearch.sheets(in: inside).map { "\(name)/\($0)" }
        }
        return sets.isEmpty ? nil : DatasetFolders(root: folder.path, sets: sets, sheets: sheets)
    }
}
