// Tells an image's format from its first bytes, never from its name. Not for: checking that the rest of the file is sound.

/// The file formats read here.
public enum ImageFormat: String, Sendable, Equatable, CaseIterable {
    case png, jpeg, tiff

    /// The format's usual name, for messages.
    public var name: String { rawValue.uppercased() }

    /// The file name extensions (lower case, no dot) that announce this format.
    public var extensions: [String] {
        switch self {
        case .png: return ["png"]
        case .jpeg: return ["jpg", "jpeg"]
        case .tiff: return ["tif", "tiff"]
        }
    }

    /// The format of an image file's content.
    /// - Throws: `.empty` or `.unrecognised`, the latter with a guess of what the content is.
    public static func detected(in bytes: [UInt8]) throws(ImagingError) -> ImageFormat {
        if bytes.isEmpty { throw .empty }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        let tiffSignatures: [[UInt8]] = [[0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43]]
        if tiffSignatures.contains(where: { bytes.starts(with: $0) }) { return .tiff }
        throw .unrecognised(found: guess(bytes))
    }

    private static func guess(_ bytes: [UInt8]) -> String {
        func has(_ text: String, at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: Array(text.utf8)) }
        if has("GIF8") { return "it is a GIF" }
        if has("BM") && bytes.count > 26 { return "it looks like a BMP" }
        if has("RIFF") && has("WEBP", at: 8) { return "it is a WebP" }
        if has("DICM", at: 128) { return "it is a DICOM file" }
        if has("%PDF") { return "it is a PDF" }
        if has("PK\u{3}\u{4}") { return "it is a ZIP archive" }
        if bytes.starts(with: [0x1F, 0x8B]) { return "it is gzip-compressed" }
        if bytes.allSatisfy({ $0 == 0 }) { return "all its \(bytes.count) bytes are zero" }
        let head = bytes.prefix(64)
        if head.allSatisfy({ ($0 >= 32 && $0 < 127) || $0 == 9 || $0 == 10 || $0 == 13 }) {
            let shown = String(decoding: head.prefix(24).map { $0 < 32 ? 32 : $0 }, as: UTF8.self)
            return "it is text starting with \"\(shown)\""
        }
        let digits = Array("0123456789abcdef")
        let hex = bytes.prefix(8).map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined(separator: " ")
        return "it starts with the bytes \(hex)"
    }
}
