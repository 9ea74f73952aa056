// ISIC 2018, task 1 (skin lesions), as the challenge publishes it: for each split a folder of images, *_Input, and one of masks,
// *_GroundTruth, whose files are named ID_segmentation.png. The release has no captions.
import Files

enum ISICLayout: DatasetLayout {
    static let kind = DatasetKind.isic
    static let title = "ISIC 2018, task 1"
    static let releaseFolders = ["ISIC2018", "ISIC-2018", "ISIC"]
    static let wanted = [
        "\"ISIC2018_Task1-2_Training_Input\" and \"ISIC2018_Task1_Training_GroundTruth\" (or Validation, Test likewise)"
    ]
    static let sheetPlaces = ["anns/, prompt/ or captions/", "*text*.xlsx or *text*.csv in the root"]

    static func match(_ folder: FolderView) throws(FileError) -> DatasetFolders? {
        var sets: [ImageFolders] = []
        for (split, part) in [(Split.train, "Training"), (.val, "Validation"), (.test, "Test")] {
            // The archives of task 2 have the same images as those of task 1.
            guard let images = folder.folder(named: ["ISIC2018_Task1-2_\(part)_Input", "ISIC2018_Task1_\(part)_Input"]),
                let masks = folder.folder(named: ["ISIC2018_Task1_\(part)_GroundTruth"])
            else { continue }
            sets.append(ImageFolders(images: images, masks: masks, split: split, splitIsFinal: true))
        }
        return sets.isEmpty ? nil : DatasetFolders(root: folder.path, sets: sets, sheets: try SheetSearch.sheets(in: folder))
    }
}
