// Advice for images that are spread over many subfolders of the given folder: a subfolder for each split, or one for each sample (PH2,
// DSB2018). Reads no such layout itself: the user gathers the files. Invariant: a command is given only if it works for every subfolder,
// copies into a new folder, and gives every image a name of its own there.
import Files
import Tables

struct GatheringAdvice {
    struct Pictures { let folder: String, names: [String] }

    let found: String
    let cure: String

    /// - Parameters:
    ///   - below: the subfolders with images, relative to `shown`.
    ///   - option: images or masks, where an option names the folder.
    ///   - imageIDs: for masks, the images' names without extension.
    /// - Returns: nil where neither layout is recognised.
    init?(_ below: [Pictures], shown: String, option: String?, imageIDs: Set<String>?) {
        if let advice = Self.splits(below, shown, option) ?? Self.samples(below, shown, option, imageIDs) {
            (found, cure) = advice
        } else {
            return nil
        }
    }

    // MARK: A folder for each split

    private static func splits(_ below: [Pictures], _ shown: String, _ option: String?) -> (String, String)? {
        func word(_ folder: String) -> (name: String, split: String)? {
            folder.split(separator: "/").lazy.map(String.init).compactMap { name in SplitName.split(ofPath: name).map { (name, $0) } }.first
        }
        let words = below.compactMap { word($0.folder) }
        // test001 and test002 are samples.
        guard words.count == below.count, Set(words.map(\.split)).count > 1, Set(words.map(\.name)).count == Set(words.map(\.split)).count
        else { return nil }
        let order = ["train", "val", "test"]
        let folders = zip(below, words).sorted {
            (order.firstIndex(of: $0.1.split) ?? 3, $0.0.folder) < (order.firstIndex(of: $1.1.split) ?? 3, $1.0.folder)
        }.map(\.0)
        let counts = folders.map { "\($0.folder)/ \($0.names.count)" }.joined(separator: ", ")
        let what = "it has a folder for each split (\(counts) \(folders.last?.names.count == 1 ? "picture" : "pictures"))"
        let names = folders.flatMap(\.names)
        let new = "gathered/\(option ?? FileIO.lastPart(of: shown))"
        let one = option.map { "name each split's folder by itself, such as --\($0) \"\(shown)/\(folders[0].folder)\"" }
        guard Set(names.map { FileName.stem($0).lowercased() }).count == names.count, Set(words.map(\.name)).count == below.count else {
            return (what, one ?? "name each split's folder by itself with prep ingest table --images DIR --masks DIR --captions FILE")
        }
        let sources = folders.map { "\"\(shown)/\($0.folder)\"/*" }.joined(separator: " ")
        return (
            what,
            "gather them in one folder, such as with: mkdir -p \(new); cp \(sources) \(new)/ (no two have the same name); then give the "
                + "splits with the captions, "
                + "in a column of splits or in a file for each split" + (one.map { "; or \($0)" } ?? "")
        )
    }

    // MARK: A folder for each sample

    private static let maskWords = ["mask", "lesion", "label", "segment", "annot", "truth", "_seg", "_gt", "gt.", "gt/", "_roi"]

    private static func samples(_ below: [Pictures], _ shown: String, _ option: String?, _ imageIDs: Set<String>?) -> (String, String)? {
        let bySample = Dictionary(grouping: below) { String($0.folder.prefix { $0 != "/" }) }
        guard let first = bySample.keys.min() else { return nil }
        // Paths in the sample's folder, with the sample's name as ${id}.
        let inner = bySample.map { sample, folders in
            folders.flatMap { folder in
                folder.names.map { String((folder.folder + "/" + $0).dropFirst(sample.count + 1)).replacing(sample, with: "${id}") }
            }
        }
        func isMask(_ path: String) -> Bool { maskWords.contains { path.lowercased().contains($0) } }
        var masks = inner.map { $0.filter(isMask) }, images = inner.map { $0.filter { !isMask($0) } }
        // All files in a folder of masks are masks, unless each sample has its image beside them.
        let ofMasks = option == "masks" || option == nil && isMask(FileIO.lastPart(of: shown))
        if ofMasks, masks.contains(where: \.isEmpty) || images.contains(where: \.isEmpty) {
            (masks, images) = (inner, inner.map { _ in [] })
        }
        let isOfImages = ofMasks && imageIDs.map { ids in bySample.keys.count { ids.contains($0) } * 2 > bySample.count } ?? false
        let most = inner.map(\.count).sorted()[inner.count / 2]
        if !isOfImages {
            guard bySample.count >= 3, images.allSatisfy({ $0.count <= 1 }), most <= 6 || images.allSatisfy({ $0.count == 1 }) else {
                return nil
            }
            // Folders of mask classes (benign/, malignant/) are not samples.
            if ofMasks, images.allSatisfy(\.isEmpty), masks.contains(where: { $0.count > 1 }) { return nil }
        }
        let examples = (bySample[first] ?? []).flatMap { folder in folder.names.map { folder.folder + "/" + $0 } }.prefix(3).joined(
            separator: ", ")
        let what =
            "it has a folder for each \(isOfImages ? "image, with its masks" : "sample") (\(bySample.count) of them, such as \(first)/ "
            + "with \(examples))"
        let wantsImages = images.contains { !$0.isEmpty } && !isOfImages, wantsMasks = masks.contains { !$0.isEmpty }
        let copies =
            (wantsImages ? [copy(images, besides: masks, to: "images")] : [])
            + (wantsMasks ? [copy(masks, besides: isOfImages ? [] : images, to: "masks")] : [])
        let aim =
            isOfImages
            ? "gather the masks in one folder under their images' names"
                + (masks.contains { $0.count > 1 } ? " (several of one image are then united)" : "")
            : "gather the images in one folder and the masks in another"
        let commands = copies.compactMap { $0 }
        guard commands.count == copies.count else {
            return (
                what,
                aim
                    + ", each named as its folder: NAME.png, and NAME_mask.png or, where there are several, NAME_mask_1.png, "
                    + "NAME_mask_2.png"
            )
        }
        let folders = [wantsImages ? "gathered/images" : nil, wantsMasks ? "gathered/masks" : nil].compactMap { $0 }.joined(separator: " ")
        return (
            what,
            "\(aim), such as with: mkdir -p \(folders); for d in \"\(shown)\"/*/; do id=$(basename \"$d\"); "
                + "\(commands.joined(separator: "; ")); done"
        )
    }

    /// The shell command that copies one kind of image of the sample in `$d`; nil if no command works for all samples.
    private static func copy(_ samples: [[String]], besides others: [[String]], to kind: String) -> String? {
        let suffixes = Set(samples.joined().map(FileName.suffix))
        guard suffixes.count == 1, let suffix = suffixes.first, samples.allSatisfy({ !$0.isEmpty }) else { return nil }
        let isSingle = samples.allSatisfy { $0.count == 1 }, all = Set(samples.joined())
        if isSingle, all.count == 1, let path = all.first { return "cp \"$d/\(path)\" \"gathered/\(kind)/$id.\(FileName.suffix(path))\"" }
        func folder(_ path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }
        let folders = Set(all.map(folder))
        // A wildcard takes all files of a folder with that extension, so there may be none of another kind.
        guard folders.count == 1, let from = folders.first, let example = all.first,
            !others.joined().contains(where: { folder($0) == from })
        else { return nil }
        let ending = example.suffix(suffix.count)
        guard all.allSatisfy({ $0.hasSuffix(ending) }) else { return nil }
        let files = "\"$d/\(from)\"*.\(ending)"
        if isSingle { return "cp \(files) \"gathered/\(kind)/$id.\(suffix)\"" }
        guard kind == "masks" else { return nil }
        return "n=0; for f in \(files); do n=$((n+1)); cp \"$f\" \"gathered/masks/${id}_mask_$n.\(suffix)\"; done"
    }
}
