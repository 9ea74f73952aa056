// Detects an image's format from its first bytes, never from its name. Does not check that the rest of the file is sound, and does not
// identify other content (ForeignContent). This list alone says which formats are supported: messages, help and name suffixes follow it.

/// The supported file formats.
public enum ImageFormat: String, Sendable, Equatable, CaseIterable {
    case png, jpeg, tiff, bmp, gif, webp

    /// The format's usual name, for messages.
    public var name: String { self == .webp ? "WebP" : rawValue.uppercased() }

    /// The file name extensions of this format (lower case, no dot).
    public var extensions: [String] {
        switch self {
        case .png: return ["png"]
        case .jpeg: return ["jpg", "jpeg", "jfif"]
        case .tiff: return ["tif", "tiff"]
        case .bmp: return ["bmp"]
        case .gif: return ["gif"]
        case .webp: return ["webp"]
        }
    }

    /// Whether a file name's extension belongs to the format.
    public func matches(suffix: String) -> Bool { extensions.contains(suffix.lowercased()) }

    /// "PNG, JPEG, TIFF, BMP, GIF or WebP": every supported format, for messages and help.
    public static let list: String = {
        let names = allCases.map(\.name)
        return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }()

    /// The extensions of all supported formats.
    public static let allExtensions: Set<String> = Set(allCases.flatMap(\.extensions))

    /// The format of an image file's content.
    /// - Throws: `.empty` or `.unrecognised`; the latter says what the content is and what to do.
    public static func detected(in bytes: [UInt8]) throws(ImagingError) -> ImageFormat {
        if bytes.isEmpty { throw .empty }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        let tiffSignatures: [[UInt8]] = [[0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43]]
        if tiffSignatures.contains(where: { bytes.starts(with: $0) }) { return .tiff }
        // Two letters do not tell a bitmap from text, so the size of the second header is checked too.
        if bytes.starts(with: Array("BM".utf8)), bytes.count >= 26, BMPHeader.sizes.contains(BMPHeader.number(bytes, 14, 4)) { return .bmp }
        if bytes.starts(with: Array("GIF87a".utf8)) || bytes.starts(with: Array("GIF89a".utf8)) { return .gif }
        if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) { return .webp }
        let foreign = ForeignContent(bytes)
        throw .unrecognised(found: foreign.found, cure: foreign.cure)
    }

    /// What the content is if it is no picture of a supported format, and what to do about it; nil for pictures. The first 2 KiB are
    /// enough.
    public static func foreign(_ bytes: [UInt8]) -> (found: String, cure: String)? {
        do throws(ImagingError) { _ = try detected(in: bytes) } catch {
            if case .unrecognised(let found, let cure) = error { return (found, cure) }
        }
        return nil
    }
}
