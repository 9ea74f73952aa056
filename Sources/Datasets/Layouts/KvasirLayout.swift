// Kvasir-SEG: images/ and masks/, as the release, the re-encoded sets and MedVLSM (which adds anns/) have them.
import Files

enum KvasirLayout: DatasetLayout {
    static let kind = DatasetKind.kvasir
    static let title = "Kvasir-SEG"
    static let releaseFolders = ["Kvasir-SEG", "kvasir-seg"]
    static let wanted = ["\"images\" and \"masks\""]
    static let sheetPlaces = ["anns/, prompt/ or captions/", "*text*.xlsx or *text*.csv in the root"]

    static func match(_ folder: FolderView) throws(FileError) -> DatasetFolders? {
        guard let images = folder.folder(named: ["images", "image", "img", "imgs"]),
            let masks = folder.folder(named: ["masks", "mask", "labels", "label"])
        else { return nil }
        let set = ImageFolders(images: images, masks: masks, split: nil, splitIsFinal: false)
        return DatasetFolders(root: folder.path, sets: [set], sheets: try SheetSearch.sheets(in: folder))
    }
}
