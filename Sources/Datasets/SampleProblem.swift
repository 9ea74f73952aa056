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
    ///   - word: what stands there for a missing value.
    static func emptyCaption(id: String, place: String, source: String, word: String?) -> Self {
        Self(
            kind: .emptyCaption, id: id, path: place,
            reason:
                "the caption of \"\(id)\" is \(word.map { "\"\($0)\", a word for a missing value" } ?? "empty") (in \"\(source)\"); write "
                + "one or remove the row"
        )
    }

    /// - Parameter zeros: the image's name, where the row's is that without the zeros before it.
    static func captionWithoutImage(name: String, place: String, zeros: String? = nil) -> Self {
        Self(
            kind: .captionWithoutImage, id: name, path: place,
            reason: "a caption for \"\(name)\", which is not among the images; "
                + (zeros.map { "\"\($0)\" is: format the column of names as text and write the zeros again" }
                    ?? "add the image or remove the row"))
    }

    /// - Parameter id: the image's, where the row tells it.
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
        let reason = file.census.notAMask.map { "\($0)" } ?? "the colours of its palette are no grey values"
        return Self(
            kind: .maskNotGrey, id: file.id, path: file.path,
            reason: reason + (reason.hasSuffix("?") ? " Where" : "; where") + " colours are classes, --mask-colour R,G,B"
                + (file.census.plane == .indexes ? " or --mask-values INDEX says" : " says")
                + " which of them is foreground")
    }

    /// - Parameter options: those that decide for all files alike.
    static func maskDiffers(
        _ file: MaskFile, others: String, count: Int, of all: Int, options: String = "--mask-threshold or --mask-values"
    ) -> Self {
        Self(
            kind: .maskDiffers, id: file.id, path: file.path,
            reason:
                "holds \(file.contentText), where the masks of this data set hold \(others) (\(count) of \(Words.files(all))); store it "
                + "like the others, or decide"
                + " for all files alike with \(options)")
    }

    static func leftoverMask(id: String, path: String, example: String) -> Self {
        Self(
            kind: .leftoverMask, id: id, path: path,
            reason:
                "its name begins with that of the image \"\(id)\", but it is no mask by any rule; a further mask of that image is named "
                + "\(example) and is united with"
                + " the others; if it belongs to an image of its own, add that image; if it is no mask, take it out of the folder, or say "
                + "with --mask-pattern (of `prep ingest table`) which files are masks"
        )
    }

    static func leftoverFile(id: String, path: String) -> Self {
        let cure = OtherFiles([FileName.last(path)]).cure ?? "if it is a mask, store it as \(ImageFormat.list)"
        return Self(
            kind: .leftoverMask, id: id, path: path,
            reason:
                "its name begins with that of the image \"\(id)\", but it is no \(ImageFormat.list) file, so it cannot be read as a mask; "
                + "\(cure); if it is no mask, take it out of the folder"
        )
    }

    static func maskAmongImages(id: String, path: String, folder: String) -> Self {
        Self(
            kind: .leftoverMask, id: id, path: path,
            reason:
                "lies among the images, and its name is that of a mask of the image \"\(id)\"; if it is one, move it to \(folder)/, where "
                + "it is united with the image's other masks;"
                + " if it is an image, give it a name that is no mask's, and add its mask")
    }

    static func unitedSizesDiffer(id: String, path: String, size: (Int, Int), first: String, firstSize: (Int, Int)) -> Self {
        Self(
            kind: .sizesDiffer, id: id, path: path,
            reason:
                "has \(size.0)x\(size.1) pixels, but \(first), another mask of the same image, has \(firstSize.0)x\(firstSize.1); masks "
                + "that are united have one size"
        )
    }

    static func sizesDiffer(id: String, image: String, imageSize: (Int, Int), mask: String, maskSize: (Int, Int), turned: Bool) -> Self {
        let isExchanged = imageSize.0 == maskSize.1 && imageSize.1 == maskSize.0
        // The same picture at another size, to a pixel of rounding on the shorter side.
        let across = Double(maskSize.0) / Double(imageSize.0), down = Double(maskSize.1) / Double(imageSize.1)
        let isScaled =
            abs(across * Double(imageSize.1) - Double(maskSize.1)) <= 1 || abs(down * Double(imageSize.0) - Double(maskSize.0)) <= 1
        let hint =
            switch (turned, isExchanged, isScaled) {
            case (true, _, false), (true, true, _):
                "; the image was turned as its EXIF orientation says, which the mask may not follow: store both upright"
            case (_, true, _):
                "; width and height are exchanged: transpose the mask (an array saved with its axes in the other order), or turn it by 90 "
                    + "degrees if the picture was turned"
            case (_, _, true): "; give masks of the image's size, or use --allow-mask-resize"
            default:
                "; the shapes differ too, so it is the mask of a cut or of another picture: give the mask of this very image "
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
                "no image of the Kvasir-SEG release, so MedVLSM's published splits do not hold it; remove it, or draw all splits anew with "
                + "--split 80/10/10 --seed 1"
        )
    }

    /// - Parameter rootIsNamed: whether another root can be asked for.
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
