// Compares Kvasir-SEG files with the official release by the first 8 bytes of their SHA-256. Files that differ are classified by their size
// in pixels and, for masks, by the release's bounding box of the polyps. docs/decisions/kvasir-checksums.md says why the table is built in.

import Files
import Foundation
import Imaging

/// The number of files of one kind (images or masks) in each class.
public struct ReleaseCounts: Codable, Sendable, Equatable {
    /// Byte for byte a file of the release.
    public var original = 0
    /// Other bytes, but the same size in pixels: saved again.
    public var reencoded = 0
    /// Another size in pixels.
    public var resized = 0
    /// Masks whose foreground does not fill the release's box, and files of another sample.
    public var altered = 0
    /// Not a file of the release, by name or by content.
    public var unknown = 0
}

/// A comparison of a dataset's files with the official release.
public struct ReleaseCheck: Codable, Sendable, Equatable {
    public var images = ReleaseCounts(), masks = ReleaseCounts()
    /// Samples of the release that are missing here.
    public var missing = 0
    /// Ids with an altered image or mask.
    public var altered: [String] = []

    /// Lines for people.
    public var lines: [String] {
        func line(_ what: String, _ counts: ReleaseCounts) -> String {
            let parts = [
                (counts.original, "original"), (counts.reencoded, "re-encoded"), (counts.resized, "re-encoded at another size"),
                (counts.altered, "altered"), (counts.unknown, "not of the release"),
            ]
            return what + " " + parts.filter { $0.0 > 0 || $0.1 == "original" }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        }
        return [line("images:", images), line("masks:", masks)] + (missing > 0 ? ["\(missing) of the release's samples are missing"] : [])
            + (altered.isEmpty ? [] : [Listing.line("altered", altered)])
    }
}

/// The bounding box of a mask's foreground, in fractions of its width and height.
package struct MaskExtent: Sendable, Equatable {
    package let left: Double, top: Double, right: Double, bottom: Double

    package init(left: Double, top: Double, right: Double, bottom: Double) {
        (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
    }

    /// Nil without a mask, and for an empty one.
    init?(_ mask: Raster?) {
        guard let mask else { return nil }
        var left = mask.width, right = 0, top = mask.height, bottom = 0
        for row in 0..<mask.height {
            let line = mask.pixels[row * mask.width..<(row + 1) * mask.width]
            guard let first = line.firstIndex(of: 1), let last = line.lastIndex(of: 1) else { continue }
            left = min(left, first - line.startIndex)
            right = max(right, last - line.startIndex + 1)
            top = min(top, row)
            bottom = row + 1
        }
        guard bottom > top else { return nil }
        let across = Double(mask.width), down = Double(mask.height)
        self.init(left: Double(left) / across, top: Double(top) / down, right: Double(right) / across, bottom: Double(bottom) / down)
    }

    /// The box that encloses all boxes.
    static func union(_ extents: [MaskExtent?]) -> MaskExtent? {
        extents.compactMap { $0 }.reduce(nil) { whole, part in
            guard let whole else { return part }
            return MaskExtent(
                left: min(whole.left, part.left), top: min(whole.top, part.top), right: max(whole.right, part.right),
                bottom: max(whole.bottom, part.bottom))
        }
    }
}

package struct KvasirRelease {
    package struct Sample {
        package let imageHash: UInt64, maskHash: UInt64
        package let width: Int, height: Int
        /// Nil where the release's own boxes do not fit its masks.
        package let extent: MaskExtent?
    }

    /// By the first 4 bytes of the SHA-256 of the name without extension.
    private let samples: [UInt32: Sample]
    private let imageHashes: Set<UInt64>, maskHashes: Set<UInt64>

    /// Tolerance of an edge as a fraction of the side: resizing to 256 pixels and JPEG shift edges by as much.
    static let tolerance = 0.02

    /// Nil if the table cannot be read, which a test rules out.
    package init?() {
        guard let bytes = Data(base64Encoded: Self.table), bytes.count % 32 == 0, !bytes.isEmpty else { return nil }
        let all = [UInt8](bytes)
        var samples: [UInt32: Sample] = [:]
        for start in stride(from: 0, to: all.count, by: 32) {
            func number(_ offset: Int) -> Int { Int(all[start + offset]) | Int(all[start + offset + 1]) << 8 }
            func hash(_ offset: Int) -> UInt64 { all[(start + offset)..<(start + offset + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
            let key = all[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
            let width = number(20), height = number(22), box = [24, 26, 28, 30].map(number)
            let across = Double(width), down = Double(height)
            samples[key] = Sample(
                imageHash: hash(4), maskHash: hash(12), width: width, height: height,
                extent: box[0] == 0xFFFF
                    ? nil
                    : MaskExtent(
                        left: Double(box[0]) / across, top: Double(box[1]) / down, right: Double(box[2]) / across,
                        bottom: Double(box[3]) / down))
        }
        self.samples = samples
        imageHashes = Set(samples.values.map(\.imageHash))
        maskHashes = Set(samples.values.map(\.maskHash))
    }

    package var count: Int { samples.count }

    /// The sample of that name.
    package subscript(name: String) -> Sample? { Self.key(name).flatMap { samples[$0] } }

    /// The first 4 bytes of the SHA-256 of a name.
    static func key(_ name: String) -> UInt32? { UInt32(Digest.sha256(name).prefix(8), radix: 16) }

    /// Nil if no name and no file is of the release.
    package func check(_ files: [(sample: ManifestSample, extent: MaskExtent?)]) -> ReleaseCheck? {
        var check = ReleaseCheck(), known = 0
        for (sample, extent) in files {
            let image = UInt64(sample.imageSHA256.prefix(16), radix: 16) ?? 0, mask = UInt64(sample.maskSHA256.prefix(16), radix: 16) ?? 0
            guard let wanted = self[sample.id] else {
                if imageHashes.contains(image) { check.images.original += 1 } else { check.images.unknown += 1 }
                if maskHashes.contains(mask) { check.masks.original += 1 } else { check.masks.unknown += 1 }
                known += imageHashes.contains(image) || maskHashes.contains(mask) ? 1 : 0
                continue
            }
            known += 1
            let isResized = (sample.width, sample.height) != (wanted.width, wanted.height)
            let imageIsAnothers = image != wanted.imageHash && imageHashes.contains(image)
            let maskIsAnothers = mask != wanted.maskHash && maskHashes.contains(mask)
            let maskMoved = mask != wanted.maskHash && !Self.agrees(extent, wanted.extent)
            Self.count(image == wanted.imageHash, isResized, imageIsAnothers, &check.images)
            Self.count(mask == wanted.maskHash, isResized, maskIsAnothers || maskMoved, &check.masks)
            if imageIsAnothers || maskIsAnothers || maskMoved { check.altered.append(sample.id) }
        }
        guard known > 0 else { return nil }
        check.missing = max(0, count - known)
        return check
    }

    private static func count(_ isOriginal: Bool, _ isResized: Bool, _ isAltered: Bool, _ counts: inout ReleaseCounts) {
        if isOriginal {
            counts.original += 1
        } else if isAltered {
            counts.altered += 1
        } else if isResized {
            counts.resized += 1
        } else {
            counts.reencoded += 1
        }
    }

    /// A mask without a box in the release always fits; an empty mask never fits a box.
    private static func agrees(_ found: MaskExtent?, _ wanted: MaskExtent?) -> Bool {
        guard let wanted else { return true }
        guard let found else { return false }
        let differences = [found.left - wanted.left, found.top - wanted.top, found.right - wanted.right, found.bottom - wanted.bottom]
        return differences.allSatisfy { abs($0) <= tolerance }
    }
}
