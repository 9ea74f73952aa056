// MosMed++ (MosMedData+): frames/ and masks/ as Kaggle ships it, or IMG/ and Label/ as others do; one folder for all splits.
import Files

enum MosMedLayout: DatasetLayout {
    static let kind = DatasetKind.mosmed
    static let title = "MosMed++ (MosMedData+)"
    static let releaseFolders = ["MosMedDataPlus", "MosMedData+", "MosMed++", "COVID-19 lung CT"]
    static let wanted = ["\"frames\" and \"masks\"", "\"IMG\" and \"Label\"", "\"images\" and \"masks\""]
    static let sheetPlaces = ["anns/, prompt/ or captions/", "*text*.xlsx or *text*.csv in the root"]

    static func match(_ folder: FolderView) throws(FileError) -> DatasetFolders? {
        guard let images = folder.folder(named: ["frames", "frame", "images", "image", "img", "imgs"]),
            let masks = folder.folder(named: ["masks", "mask", "label", "labels", "labelcol"])
        else { return nil }
        let set = ImageFolders(images: images, masks: masks, split: nil, splitIsFinal: false)
        return DatasetFolders(root: folder.path, sets: [set], sheets: try SheetSearch.sheets(in: folder))
    }
}
