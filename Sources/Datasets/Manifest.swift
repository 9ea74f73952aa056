// The manifest: which samples a dataset has, one JSON object a line, and the summary beside it.
// Not for finding samples (Ingest) or for pixels (Shards).
// Invariants: samples are sorted by the UTF-8 bytes of their ids, ids are unique, keys are sorted: same samples, same bytes.
// The summary records the manifest's SHA-256, so that a pair that does not belong together is noticed when read.
import Files
import Foundation
import Imaging

/// A further mask of an image, united with the first.
public struct FurtherMask: Codable, Sendable, Equatable {
    /// Relative to the manifest's root.
    public var mask: String
    public var maskSHA256: String

    enum CodingKeys: String, CodingKey {
        case mask
        case maskSHA256 = "maskSha256"
    }

    public init(mask: String, maskSHA256: String) {
        self.mask = mask
        self.maskSHA256 = maskSHA256
    }
}

/// One image with its mask and, in sets that have captions, its caption.
public struct ManifestSample: Codable, Sendable, Equatable {
    /// The image's file name without its extension; unique in the manifest.
    public var id: String
    /// The image's path relative to the manifest's root.
    public var image: String
    /// The mask's path relative to the manifest's root.
    public var mask: String
    /// As written in its source, odd blanks included. Nil in a set without captions; never empty.
    public var caption: String?
    /// Which prompt or column the caption is from: "p6", "p9[2]", "Description".
    public var captionSource: String?
    /// Other captions of the same image in the caption's source, in its order: the other prompts of MedVLSM. Nil where there are none.
    public var otherCaptions: [String]?
    public var split: Split
    /// The image's size in pixels, upright.
    public var width: Int
    public var height: Int
    /// SHA-256 of the files, lower-case hexadecimal.
    public var imageSHA256: String
    public var maskSHA256: String
    /// Masks of the same image beside `mask`: foreground is what any of them holds. Nil where there are none.
    public var furtherMasks: [FurtherMask]?
    /// The patient (with `--group-by study` the study) by the table's column, else by the file's name. Nil where neither names one.
    public var group: String?
    /// Millimetres a pixel of the image as it lies in its file, upright. Nil where it is not known.
    public var spacing: PixelSpacing?

    enum CodingKeys: String, CodingKey {
        case id, image, mask, caption, captionSource, split, width, height, furtherMasks, group, otherCaptions,
            spacing
        case imageSHA256 = "imageSha256"
        case maskSHA256 = "maskSha256"
    }

    public init(
        id: String, image: String, mask: String, caption: String?, captionSource: String?, split: Split, width: Int, height: Int,
        imageSHA256: String, maskSHA256: String, furtherMasks: [FurtherMask]? = nil, group: String? = nil,
        otherCaptions: [String]? = nil, spacing: PixelSpacing? = nil
    ) {
        self.id = id
        self.image = image
        self.mask = mask
        self.caption = caption
        self.captionSource = captionSource
        self.otherCaptions = otherCaptions
        self.split = split
        self.width = width
        self.height = height
        self.imageSHA256 = imageSHA256
        self.maskSHA256 = maskSHA256
        self.furtherMasks = furtherMasks
        self.group = group
        self.spacing = spacing
    }

    /// All masks of the image, in the order of their names.
    public var masks: [FurtherMask] { [FurtherMask(mask: mask, maskSHA256: maskSHA256)] + (furtherMasks ?? []) }
}

public struct Manifest: Sendable {
    public let name: String
    /// The absolute folder that the samples' paths are relative to.
    public let root: String
    /// Sorted by id.
    public let samples: [ManifestSample]
    /// A mask value is foreground when it is at least this, unless `maskReading` has a rule of its own.
    public let maskThreshold: UInt8
    /// How many of their lower bits 16-bit images use: `ImageDecoder.decode(bitsUsed:)`.
    public var imageBits: Int { summary.imageBits ?? 16 }
    /// How mask files become 0 and 1.
    public var maskReading: MaskReading { MaskReading(threshold: maskThreshold, rule: summary.masks?.rule) }
    public let summary: ManifestSummary
    /// Whether each sample has a caption; else none has.
    public var hasCaptions: Bool { summary.captions == nil }

    public init(samples: [ManifestSample], summary: ManifestSummary) {
        self.samples = Self.sorted(samples)
        self.summary = summary
        name = summary.name
        root = summary.root
        maskThreshold = summary.maskThreshold
    }

    public func imagePath(_ sample: ManifestSample) -> String { root + "/" + sample.image }
    public func maskPath(_ sample: ManifestSample) -> String { root + "/" + sample.mask }
    /// All files that a sample's mask is read from.
    public func maskPaths(_ sample: ManifestSample) -> [String] { sample.masks.map { root + "/" + $0.mask } }

    static func sorted(_ samples: [ManifestSample]) -> [ManifestSample] {
        samples.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    }
}
