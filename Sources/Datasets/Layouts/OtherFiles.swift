// Describes the files of a folder that cannot be read as images: how many have each extension, what they are, and what to do with them.
// Looks at names only. Not for the content of a file with an image's extension (Imaging).

struct OtherFiles {
    /// Extension (with its dot; empty for none) and how many files have it, the most frequent first.
    let counts: [(suffix: String, count: Int)]

    init(_ names: [String]) {
        counts = Dictionary(grouping: names, by: Self.suffix).map { ($0.key, $0.value.count) }
            .sorted { ($1.count, $0.suffix) < ($0.count, $1.suffix) }
    }

    /// "5 .dcm (DICOM), 2 .npy (NumPy arrays), 1 without extension".
    var text: String {
        let shown = counts.prefix(6).map { suffix, count in
            "\(count) " + (suffix.isEmpty ? "without extension" : suffix) + (Self.kind(suffix).map { " (\($0.name))" } ?? "")
        }
        let rest = counts.dropFirst(6).reduce(0) { $0 + $1.count }
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) of other kinds" : "")
    }

    /// What to do with the kinds that are there, one sentence for each; nil if nothing is known.
    var cure: String? {
        var seen: Set<String> = []
        let cures = counts.compactMap { Self.kind($0.suffix) }.filter { seen.insert($0.name).inserted }.map(\.cure)
        return cures.isEmpty ? nil : cures.prefix(3).joined(separator: "; ")
    }

    private struct Kind {
        let name: String, cure: String, suffixes: Set<String>
    }

    private static func kind(_ suffix: String) -> Kind? { kinds.first { $0.suffixes.contains(suffix) } }

    private static func suffix(_ name: String) -> String {
        let lower = name.lowercased()
        if let double = [".nii.gz", ".tar.gz"].first(where: lower.hasSuffix) { return double }
        let suffix = FileName.suffix(name)
        // "IM.0001" is a name with a number, not an extension.
        return suffix.isEmpty || suffix.allSatisfy(\.isNumber) ? "" : "." + suffix
    }

    private static let kinds = [
        Kind(
            name: "DICOM",
            cure: "convert the DICOM files to PNG under the same names, with the window that shows the finding (pydicom's"
                + " apply_windowing or dcmj2pnm of dcmtk; a series becomes a volume with dcm2niix)",
            suffixes: [".dcm", ".dicom", ".ima"]),
        Kind(
            name: "volumes",
            cure: "save the slices of the volumes as PNG, a slice and its mask under one name (nibabel or SimpleITK read them)",
            suffixes: [".nii", ".nii.gz", ".mha", ".mhd", ".nrrd", ".raw"]),
        Kind(
            name: "NumPy arrays", cure: "save each array as PNG (Image.fromarray(numpy.load(file)).save(name) of Pillow does for 8 bits)",
            suffixes: [".npy", ".npz"]),
        Kind(name: "MATLAB data", cure: "save the arrays as PNG (scipy.io.loadmat reads them)", suffixes: [".mat"]),
        Kind(
            name: "whole slides", cure: "cut the slides into tiles and save those as PNG",
            suffixes: [".svs", ".ndpi", ".scn", ".mrxs", ".vms"]),
        Kind(
            name: "pictures of another format", cure: "convert them to PNG (`mogrify -format png FILES` of ImageMagick does)",
            suffixes: [
                ".heic", ".heif", ".avif", ".jp2", ".j2k", ".jxl", ".jpe", ".ppm", ".pgm", ".pbm", ".pnm", ".psd",
                ".xcf", ".tga", ".svg", ".eps",
            ]),
        Kind(
            name: "annotations as text", cure: "draw the outlines as masks first (LabelMe, COCO and VOC tools write PNG masks)",
            suffixes: [".json", ".xml"]),
        Kind(name: "archives", cure: "unpack the archives", suffixes: [".zip", ".tar", ".gz", ".tgz", ".tar.gz", ".rar", ".7z"]),
        Kind(
            name: "videos", cure: "save the frames of the videos as PNG (`ffmpeg -i FILE %05d.png` does)",
            suffixes: [".mp4", ".avi", ".mov", ".mkv", ".mpg"]),
        Kind(
            name: "unfinished downloads", cure: "finish the downloads",
            suffixes: [".part", ".crdownload", ".download", ".tmp", ".partial"]),
    ]
}
