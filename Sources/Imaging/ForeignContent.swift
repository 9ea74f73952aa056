// Says what a file is if it is no picture of a supported format, and what the user should do. The advice fits the content: a picture of
// another format must be converted; a placeholder (a pointer, an error page, an archive) must be fetched, downloaded again or unpacked.
// Reads only the words that identify the content. Invariant: both texts are plain printable ASCII.

struct ForeignContent: Equatable {
    let found: String
    let cure: String

    private static let again = "copy or download it again"
    private static let convert = "convert it to PNG"

    init(_ bytes: [UInt8]) {
        let content = ContentStart(bytes)
        if let (found, cure) = Self.standIn(content) ?? Self.damage(content) ?? Self.medical(content) ?? Self.picture(content)
            ?? Self.container(content)
            ?? Self.text(content)
        {
            (self.found, self.cure) = (found, cure)
        } else {
            (found, cure) = (
                "it starts with the bytes \(content.hex(8))", "find out what it is, and put the picture in its place or remove it"
            )
        }
    }

    private typealias Finding = (found: String, cure: String)

    /// Small texts that version control and data tools leave in place of a file.
    private static func standIn(_ c: ContentStart) -> Finding? {
        if c.has("version https://git-lfs") || c.has("version https://hawser") {
            return ("it is a Git LFS pointer, not the file itself", "run `git lfs pull` in the repository that it came from")
        }
        if c.has("/annex/objects/") || c.has(".git/annex/") || c.has("../.git/annex/") {
            return (
                "it is a git-annex pointer, not the file itself",
                "run `git annex get` (or `datalad get`) in the repository that it came from"
            )
        }
        if c.has("outs:\n- md5:") || c.has("outs:\n  - md5:") {
            return ("it is a DVC pointer, not the file itself", "run `dvc pull` in the repository that it came from")
        }
        if c.starts([0, 5, 0x16, 7]) {
            return (
                "it is a macOS companion file (AppleDouble), not the picture",
                "remove it; the picture is the file of this name without \"._\""
            )
        }
        return nil
    }

    /// A picture of a supported format that was damaged in transfer.
    private static func damage(_ c: ContentStart) -> Finding? {
        if c.allZero { return ("all its \(c.count) bytes are zero", again) }
        if c.starts([0x89, 0x50, 0x4E, 0x47]) && c.count >= 8 || c.starts([0xEF, 0xBF, 0xBD]) {
            return (
                "it is a picture whose bytes a text-mode transfer changed",
                "copy or download it again in binary mode (with git, mark such files as binary)"
            )
        }
        if c.has("iVBORw0KGgo") || c.has("/9j/") || c.has("data:image/") {
            return ("it is a picture as base64 text", "decode it with `base64 -d`" + (c.has("data:") ? " (what follows the comma)" : ""))
        }
        let beginnings: [[UInt8]] =
            [[0x89, 0x50, 0x4E, 0x47], [0xFF, 0xD8], [0x49, 0x49, 42], [0x4D, 0x4D, 0], Array("GIF8".utf8), Array("RIFF".utf8)]
            + (c.isText ? [] : [Array("BM".utf8)])
        if c.count < 26, beginnings.contains(where: { c.starts($0) || $0.starts(with: c.head) }) {
            return ("it has only the first \(c.count) byte\(c.count == 1 ? "" : "s") of a picture", again)
        }
        if c.zeroStart >= 512 { return ("its first \(c.zeroStart) bytes are zero", again) }
        return nil
    }

    private static func medical(_ c: ContentStart) -> Finding? {
        if c.has("DICM", at: 128) || c.isBareDICOM {
            return (
                "it is a DICOM file",
                "convert it to 8-bit PNG with the window that shows the finding, such as pydicom's apply_windowing, or dcmj2pnm of DCMTK"
                    + " (a series becomes a volume with dcm2niix, its slices PNG)"
            )
        }
        let volume = "save its slices as 8-bit PNG with the window that shows the finding (nibabel or SimpleITK in Python)"
        if c.isNIfTI { return ("it is a NIfTI volume", volume) }
        if c.has("NRRD000") { return ("it is an NRRD volume", volume) }
        if c.has("ObjectType = Image") { return ("it is a MetaImage volume", volume) }
        let array = "save its pictures as PNG (in Python: Image.fromarray(array).save(\"NAME.png\") of Pillow)"
        if c.starts([0x93]), c.has("NUMPY", at: 1) { return ("it is a NumPy array (.npy)", array) }
        if c.has("MATLAB 5.0 MAT-file") { return ("it is a MATLAB file (.mat)", "read it with scipy.io.loadmat and " + array) }
        if c.starts([0x89, 0x48, 0x44, 0x46]) {
            return ("it is an HDF5 file (.h5, or .mat of MATLAB 7.3)", "read it with h5py and " + array)
        }
        return nil
    }

    /// Pictures of unsupported formats.
    private static func picture(_ c: ContentStart) -> Finding? {
        let signatures: [(name: String, bytes: [UInt8], offset: Int)] = [
            ("a JPEG 2000 picture", [0, 0, 0, 0x0C, 0x6A, 0x50], 0), ("a JPEG 2000 picture", [0xFF, 0x4F, 0xFF, 0x51], 0),
            ("a JPEG XL picture", [0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C], 0), ("a JPEG XL picture", [0xFF, 0x0A], 0),
            ("a JPEG XR picture", [0x49, 0x49, 0xBC], 0), ("a HEIC picture", Array("ftyphei".utf8), 4),
            ("a HEIC picture", Array("ftypmif1".utf8), 4),
            ("an AVIF picture", Array("ftypavif".utf8), 4), ("a Photoshop picture", Array("8BPS".utf8), 0),
            ("an OpenEXR picture", [0x76, 0x2F, 0x31, 1], 0),
            ("an icon (ICO)", [0, 0, 1, 0], 0), ("a QOI picture", Array("qoif".utf8), 0), ("a GIMP picture", Array("gimp xcf".utf8), 0),
            ("a Radiance picture", Array("#?RADIANCE".utf8), 0), ("a DjVu document", Array("AT&TFORM".utf8), 0),
        ]
        if let match = signatures.first(where: { c.starts($0.bytes, at: $0.offset) }) { return ("it is \(match.name)", convert) }
        if c.isPortableMap { return ("it is a Netpbm picture (PBM, PGM, PPM)", convert) }
        if c.text.hasPrefix("<svg") || (c.text.hasPrefix("<?xml") && c.text.contains("<svg")) { return ("it is an SVG drawing", convert) }
        if c.has("GIF8") { return ("it looks like a GIF, but of no known version", again) }
        if c.has("BM"), !c.isText { return ("it looks like a BMP, but its header is none of the known ones", convert) }
        if c.has("ftyp", at: 4) || (c.has("RIFF") && c.has("AVI ", at: 8)) || c.starts([0x1A, 0x45, 0xDF, 0xA3]) {
            return ("it is a video", "save its frames as PNG, for example with ffmpeg")
        }
        if c.has("%PDF") { return ("it is a PDF", "save its pictures as PNG, for example with pdfimages -png") }
        return nil
    }

    private static func container(_ c: ContentStart) -> Finding? {
        if c.starts([0x1F, 0x8B]) {
            let inside = c.gzipName.map { " of \($0)" } ?? ""
            return (
                "it is a gzip-compressed file\(inside)",
                "unpack it with `gunzip`; a NIfTI volume (.nii.gz) then needs its slices saved as PNG"
            )
        }
        if c.starts([0x50, 0x4B, 3, 4]) {
            let inside = c.zipMember.map { " that begins with \($0)" } ?? ""
            return ("it is a ZIP archive\(inside)", "unpack it with `unzip`")
        }
        let archives: [(String, [UInt8], Int)] = [
            ("a 7z archive", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0), ("a RAR archive", Array("Rar!".utf8), 0),
            ("a tar archive", Array("ustar".utf8), 257),
            ("a bzip2-compressed file", Array("BZh".utf8), 0), ("an xz-compressed file", [0xFD, 0x37, 0x7A, 0x58, 0x5A], 0),
            ("a Zstandard-compressed file", [0x28, 0xB5, 0x2F, 0xFD], 0),
        ]
        if let match = archives.first(where: { c.starts($0.1, at: $0.2) }) { return ("it is \(match.0)", "unpack it") }
        return nil
    }

    private static func text(_ c: ContentStart) -> Finding? {
        let download = "download it again (check whether the address is right, and whether it needs a login)"
        let isPage = ["<!doctype html", "<html", "<head", "<body", "<script"].contains { c.text.hasPrefix($0) }
        if isPage || (c.text.hasPrefix("<") && c.text.contains("<html")) {
            return ("it is a web page" + (c.title.map { " (\"\($0)\")" } ?? "") + ", perhaps a download's error page", download)
        }
        if c.text.hasPrefix("<?xml") || c.text.hasPrefix("<error>") {
            if c.text.contains("<error>") {
                return ("it is a server's error message" + (c.element("code").map { " (\($0))" } ?? ""), download)
            }
            return ("it is an XML text", "put the picture in its place, or remove it")
        }
        if c.isText, c.text.hasPrefix("{") || c.text.hasPrefix("[") {
            return ("it is a JSON text", "download the picture again if this is a server's answer, else remove it from this folder")
        }
        if c.isText { return ("it is text starting with \"\(c.shown)\"", "put the picture in its place, or remove it") }
        return nil
    }
}
