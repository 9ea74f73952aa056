// Names of image files and what they share: the stem by which images, masks and caption rows find each other.
import Files
import Imaging

package enum FileName {
    static let imageSuffixes = ImageFormat.allExtensions

    /// The last component of a path written with either slash.
    package static func last(_ path: String) -> String {
        String(path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? "")
    }

    /// The extension in lower case, without the dot; empty if there is none.
    package static func suffix(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// The name without an image file's extension; other dots stay (TCGA-21-5784-01Z-00-DX1.v2).
    package static func stem(_ name: String) -> String {
        guard imageSuffixes.contains(suffix(name)), let dot = name.lastIndex(of: ".") else { return name }
        return String(name[..<dot])
    }

    package static func isImage(_ name: String) -> Bool { imageSuffixes.contains(suffix(name)) }

    /// Files that operating systems leave in folders; they are skipped without a message.
    package static func isClutter(_ name: String) -> Bool {
        name.hasPrefix(".") || ["Thumbs.db", "desktop.ini", "__MACOSX"].contains(name)
    }

    /// Whether the first bytes of a file are those of a picture that is read here.
    static func looksLikeImage(_ path: String) -> Bool {
        guard let size = try? FileIO.size(path), size > 0, FileIO.isFile(path) else { return false }
        var head = [UInt8](repeating: 0, count: min(size, 512))
        guard (try? head.withUnsafeMutableBytes { try FileIO.read(path, filling: $0) }) != nil else { return false }
        return (try? ImageFormat.detected(in: head)) != nil
    }

    /// The stems a mask of an image with this stem may have, the likeliest first.
    static func maskStems(for stem: String) -> [String] { [stem, "mask_" + stem, stem + "_mask", stem + "_segmentation"] }

    /// The names that are tried for the mask of an image with this stem, as text.
    static func looked(for stem: String) -> String {
        let names = maskStems(for: stem).map { "\"\($0)\"" }
        return "looked for \(names.dropLast().joined(separator: ", ")) and \(names.last ?? "") with any image extension"
    }
    /// The same names as affixes.
    static let maskAffixes: [Affixes] = [
        .none, Affixes(prefix: "mask_", suffix: ""), Affixes(prefix: "", suffix: "_mask"), Affixes(prefix: "", suffix: "_segmentation"),
    ]

    /// The stems an image may have whose mask, or which itself, is called `stem`.
    static func imageStems(for stem: String) -> [String] {
        var stems = [stem]
        if stem.lowercased().hasPrefix("mask_") { stems.append(String(stem.dropFirst(5))) }
        for ending in ["_mask", "_segmentation"] where stem.lowercased().hasSuffix(ending) {
            stems.append(String(stem.dropLast(ending.count)))
        }
        return stems
    }
}
