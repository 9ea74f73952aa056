// One thing that is wrong with one sample, and the sentence that says so. Not for failures that end the run (DatasetError).
// Invariant: every kind of problem has its own case and its own sentence; `detail` carries the values found.
import Files
import Foundation
import Imaging

public struct SampleProblem: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case missingImage, missingMask, missingCaption, emptyCaption, captionWithoutImage, severalCaptions, badCaptionRow, duplicateName,
            inSeveralSplits
        case emptyFile, undecodable, tooLarge, sizesDiffer, sidesExchanged, maskNotGrey, outsideRoot, linkLoop, notAFile, unreadable,
            ambiguousMask
        case maskDiffers, leftoverMask, noSplit
    }

    public let kind: Kind
    /// The sample's id, or the name where no image exists.
    public let id: String
    /// The file concerned: relative to the root, or a caption sheet's place ("Train.xlsx row 12").
    public let path: String
    /// What was found, what was expected, what to do.
    public let reason: String

    /// The problem in one line.
    public var line: String { "\(path): \(reason)" }
}

extension SampleProblem {
    static func missingImage(id: String, mask: String) -> Self {
        Self(
            kind: .missingImage, id: id, path: mask,
            reason: "a mask without an image \"\(id)\"; add the image, or take the file out of the masks' folder")
    }

    /// - Parameter looked: what was looked for, in words.
    static func missingMask(id: String, image: String, folder: String, looked: String) -> Self {
        Self(kind: .missingMask, id: id, path: image, reason: "no mask in \(folder)/ (\(looked)); add the mask or remove the image")
    }

    static func missingCaption(id: String, image: String) -> Self {
        Self(kind: .missingCaption, id: id, path: image, reason: "no caption row names this image; add one or remove the image")
    }

    /// - Parameters:
    ///   - source: the column or prompt.
    ///   - word: the word for a missing value that the cell holds.
    static func emptyCaption(id: String, place: String, source: String, word: String?) -> Self {
        Self(
            kind: .emptyCaption, id: id, path: place,
            reason:
                "the caption of \"\(id)\" is \(word.map { "\"\($0)\", a word for a missing value" } ?? "empty") (in \"\(source)\"); write "
                + "one or remove the row"
        )
    }

    /// - Parameter zeros: the image's name, if the row's name is the same without leading zeros.
    static func captionWithoutImage(name: String, place: String, zeros: String? = nil) -> Self {
        Self(
            kind: .captionWithoutImage, id: name, path: place,
            reason: "a caption for \"\(name)\", which is not among the images; "
                + (zeros.map { "\"\($0)\" is one: format the column of names as text and restore the leading zeros" }
                    ?? "add the image or remove the row"))
    }

    /// - Parameter id: the image's id, if the row names it.
    static func badCaptionRow(id: String?, place: String, reason: String) -> Self {
        Self(kind: .badCaptionRow, id: id ?? place, path: place, reason: "\(reason); correct or remove it")
    }

    static func severalCaptions(id: String, places: [String]) -> Self {
        Self(
            kind: .severalCaptions, id: id, path: places.first ?? id,
            reason: "\(places.count) different captions for \"\(id)\" (\(Listing.some(places))); keep one")
    }

    static func inSeveralSplits(id: String, place: String, splits: [Split], places: [String]) -> Self {
        Self(
            kind: .inSeveralSplits, id: id, path: place,
            reason:
                "\"\(id)\" is in the splits \(ListText.joined(splits.map(\.rawValue), by: " and ", none: "of no name")) "
                + "(\(Listing.some(places))); keep it in one"
        )
    }

    static func duplicateName(id: String, path: String, others: [String]) -> Self {
        Self(
            kind: .duplicateName, id: id, path: path,
            reason: "the name \"\(id)\" is also that of \(ListText.joined(others, none: "another file")); rename or remove all but one")
    }

    static func ambiguousMask(id: String, image: String, masks: [String]) -> Self {
        Self(
            kind: .ambiguousMask, id: id, path: image,
            reason: "several masks fit: \(ListText.joined(masks, none: "none of them has a name")); keep one")
    }

    static func maskNotGrey(_ file: MaskFile) -> Self {
        let reason = file.census.notAMask.map { "\($0)" } ?? "its palette holds colours, not grey values"
        return Self(
            kind: .maskNotGrey, id: file.id, path: file.path,
            reason: reason + (reason.hasSuffix("?") ? " If" : "; if")
                + " the colours are classes, name the foreground with --mask-colour R,G,B"
                + (file.census.plane == .indexes ? " or --mask-values INDEX" : ""))
    }

    /// - Parameter options: options that set one rule for all files.
    static func maskDiffers(
        _ file: MaskFile, others: String, count: Int, of all: Int, options: String = "--mask-threshold or --mask-values"
    ) -> Self {
        Self(
            kind: .maskDiffers, id: file.id, path: file.path,
            reason:
                "holds \(file.contentText), but the masks of this dataset hold \(others) (\(count) of \(Words.files(all))); store it "
                + "like the others, or set one rule"
                + " for all files with \(options)")
    }

    static func leftoverMask(id: String, path: String, example: String) -> Self {
        Self(
            kind: .leftoverMask, id: id, path: path,
            reason:
                "its name begins with that of the image \"\(id)\", but it matches no naming rule for masks; if it is a further mask of "
                + "that image, name it \(example);"
                + " if it belongs to another image, add that image; if it is not a mask, move it out of the folder, or say "
                + "with --mask-pattern (of `prep ingest table`) which files are masks"
        )
    }

    static func leftoverFile(id: String, path: String) -> Self {
        let cure = OtherFiles([FileName.last(path)]).cure ?? "if it is a mask, store it as \(ImageFormat.list)"
        return Self(
            kind: .leftoverMask, id: id, path: path,
            reason:
                "its name begins with that of the image \"\(id)\", but it is not a \(ImageFormat.list) file, so it cannot be read as a "
                + "mask; \(cure); if it is not a mask, move it out of the folder"
        )
    }

    static func maskAmongImages(id: String, path: String, folder: String) -> Self {
        Self(
            kind: .leftoverMask, id: id, path: path,
            reason:
                "is in the folder of images, but is named as a mask of the image \"\(id)\"; if it is a mask, move it to \(folder)/, where "
                + "it is united with the image's other masks;"
                + " if it is an image, rename it and add its mask")
    }

    static func unitedSizesDiffer(id: String, path: String, size: (Int, Int), first: String, firstSize: (Int, Int)) -> Self {
        Self(
            kind: .sizesDiffer, id: id, path: path,
            reason:
                "has \(size.0)x\(size.1) pixels, but \(first), another mask of the same image, has \(firstSize.0)x\(firstSize.1); all "
                + "masks of an image must have the same size"
        )
    }

    static func sizesDiffer(id: String, image: String, imageSize: (Int, Int), mask: String, maskSize: (Int, Int), turned: Bool) -> Self {
        let isExchanged = imageSize.0 == maskSize.1 && imageSize.1 == maskSize.0
        // The same image at another size, with one pixel of rounding on the shorter side.
        let across = Double(maskSize.0) / Double(imageSize.0), down = Double(maskSize.1) / Double(imageSize.1)
        let isScaled =
            abs(across * Double(imageSize.1) - Double(maskSize.1)) <= 1 || abs(down * Double(imageSize.0) - Double(maskSize.0)) <= 1
        let hint =
            switch (turned, isExchanged, isScaled) {
            case (true, _, false), (true, true, _):
                "; the image was rotated by its EXIF orientation, and the mask may not be: store both upright"
            case (_, true, _):
                "; width and height are swapped: transpose the mask (an array saved with its axes in the other order), or rotate it by 90 "
                    + "degrees if the image was rotated"
            case (_, _, true): "; give masks of the image's size, or use --allow-mask-resize"
            default:
                "; the aspect ratios differ too, so this may be the mask of a crop or of another image: give this image's own mask "
                    + "(--allow-mask-resize would stretch it)"
            }
        return Self(
            kind: isExchanged && !turned ? .sidesExchanged : .sizesDiffer, id: id, path: mask,
            reason: "the mask has \(maskSize.0)x\(maskSize.1) pixels but the image \(image) has \(imageSize.0)x\(imageSize.1)\(hint)")
    }

    static func noSplit(id: String, image: String) -> Self {
        Self(
            kind: .noSplit, id: id, path: image,
            reason:
                "not an image of the Kvasir-SEG release, so MedVLSM's published splits do not contain it; remove it, or draw all splits "
                + "anew with --split 80/10/10 --seed 1"
        )
    }

    /// - Parameter rootIsNamed: whether the user can give another root.
    static func outsideRoot(id: String, path: String, target: String, root: String, rootIsNamed: Bool) -> Self {
        Self(
            kind: .outsideRoot, id: id, path: path,
            reason:
                "leads to \(target), outside the root \(root); copy the file into the "
                + "root\(rootIsNamed ? ", or name a root that holds both" : "")"
        )
    }

    static func linkLoop(id: String, path: String) -> Self {
        Self(kind: .linkLoop, id: id, path: path, reason: "a symbolic link that leads back to itself; replace it by the file")
    }
}
