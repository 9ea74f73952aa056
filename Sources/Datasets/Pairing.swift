// Images and their masks, by name. Not for captions or content.
// Invariants: entries are in the order of the sets and of the sorted names; every mask file is a mask of one image or is reported.
import Files
import Imaging

/// One image file and what was found for it so far.
struct Entry {
    let id: String
    /// Relative to the root.
    let image: String
    var mask: String?
    /// Masks to unite with `mask`.
    var furtherMasks: [String] = []
    /// Which of the dataset's ImageFolders.
    let set: Int
    /// The id within the name, if a rule takes the name apart: captions may use it too.
    var alias: String?
}

struct Pairing {
    var entries: [Entry] = []
    var problems: [SampleProblem] = []
    var warnings: [String] = []
    /// Per set: mask files by stem, for masks that a caption row names.
    private var masksByStem: [[String: [String]]] = []
    private var used: Set<String> = []
    private let rule: PairingRule?

    /// Per set: ids of images, and masks that belong to no image.
    private var ids: [ImageIDs] = []

    /// - Parameter rule: how masks are named in a dataset of unknown layout; nil for the rules of the known layouts.
    init(_ folders: DatasetFolders, rule: PairingRule? = nil) throws(FileError) {
        self.rule = rule
        for (index, set) in folders.sets.enumerated() {
            var images = try files(in: set.images, root: folders.root)
            if let rule, rule.sharesFolder { images.removeAll(where: rule.isMask) }
            func id(_ image: String) -> String? { rule.map { $0.image.id(of: FileName.stem(image)) } ?? FileName.stem(image) }
            let ids = Set(images.compactMap(id)), imageIDs = ImageIDs(ids)
            var masks = try files(
                in: set.masks, root: folders.root, owners: set.masks == set.images || rule?.isInferred == false ? .none : imageIDs)
            let firstMasks = rule.map { rule in masks.filter(rule.isMask) } ?? masks
            let byStem = Dictionary(grouping: firstMasks, by: FileName.stem)
            let byLowerStem = Dictionary(grouping: firstMasks, by: { FileName.stem($0).lowercased() })
            lazy var byFoldedStem = Dictionary(grouping: byStem.map { (name: $0.key, value: $0.value) }, by: { FoldedName.key($0.name) })
            var alike: [String] = [], recased: [String] = []
            var chosen: [String: [String]] = [:]
            for image in images {
                let wanted = rule?.maskStems(for: FileName.stem(image)) ?? FileName.maskStems(for: FileName.stem(image))
                var found = Self.first(wanted, in: byStem)
                if found.isEmpty {
                    found = Self.first(wanted.map { $0.lowercased() }, in: byLowerStem)
                    if found.count == 1 { recased.append("\(image) -> \(found[0])") }
                }
                if found.isEmpty {
                    found = wanted.lazy.compactMap { FoldedName.only($0, in: byFoldedStem) }.first ?? []
                    if found.count == 1 { alike.append("\(image) -> \(found[0])") }
                }
                chosen[image] = found
            }
            let taken = Set(chosen.values.joined())
            let free = masks.filter { mask in
                !taken.contains(mask) && rule?.maskExtension.map { $0 == FileName.suffix(mask) } != false
            }
            let further = FurtherMasks(
                free, rules: rule.map { [$0.mask] } ?? FileName.maskAffixes, ids: ids,
                hasFirst: Set(images.filter { chosen[$0]?.isEmpty == false }.compactMap(id)))
            let united = Set(further.names.values.joined())
            if let rule, rule.sharesFolder {
                images.removeAll(where: united.contains)
                images = leavingOutLeftovers(images, chosen, further, rule, set)
            }
            if let rule {
                let others = masks.filter { !rule.isMask($0) && !united.contains($0) }
                masks.removeAll { !rule.isMask($0) && !united.contains($0) }
                if !rule.sharesFolder { report(others, rule, imageIDs, set) }
            }
            masksByStem.append(Dictionary(grouping: masks, by: FileName.stem))
            self.ids.append(imageIDs)
            for image in images {
                let stem = FileName.stem(image), path = "\(set.images)/\(image)", found = chosen[image] ?? []
                if found.count > 1 {
                    problems.append(.ambiguousMask(id: stem, image: path, masks: found.map { "\(set.masks)/\($0)" }))
                    used.formUnion(found.map { "\(set.masks)/\($0)" })
                }
                let all = (found.prefix(1) + (id(image).flatMap { further.names[$0] } ?? [])).map { "\(set.masks)/\($0)" }
                used.formUnion(all)
                entries.append(
                    Entry(
                        id: stem, image: path, mask: all.first, furtherMasks: Array(all.dropFirst()), set: index,
                        alias: rule?.image.id(of: stem)))
            }
            if !recased.isEmpty {
                warnings.append(Listing.line("\(set.images)/: masks matched although their names differ in capitals", recased))
            }
            if !alike.isEmpty {
                warnings.append(
                    Listing.line("\(set.images)/: masks matched although their names differ in look-alike or invisible characters", alike))
            }
        }
        leaveOutMasks(folders.sets)
        reportSharedNames(folders.sets)
    }

    /// A mask among the images is not an image, so it must not be reported as one that lacks mask and caption.
    private mutating func leaveOutMasks(_ sets: [ImageFolders]) {
        var kept: [Entry] = []
        for entry in entries {
            if entry.mask == nil, let owner = maskOwner(of: entry) {
                problems.append(.maskAmongImages(id: owner, path: entry.image, folder: sets[entry.set].masks))
            } else {
                kept.append(entry)
            }
        }
        entries = kept
    }

    /// In a folder that holds images and masks: a file without a mask is taken for a mask that no rule explains if its name begins with
    /// that of an image that has a mask.
    private mutating func leavingOutLeftovers(
        _ images: [String], _ chosen: [String: [String]], _ further: FurtherMasks, _ rule: PairingRule, _ set: ImageFolders
    ) -> [String] {
        func id(_ image: String) -> String? { rule.image.id(of: FileName.stem(image)) }
        func hasMask(_ image: String) -> Bool { chosen[image]?.isEmpty == false || id(image).map { further.names[$0] != nil } == true }
        let ids = ImageIDs(Set(images.filter(hasMask).compactMap(id)))
        return images.filter { name in
            guard !hasMask(name), let owner = ids.owner(of: FileName.stem(name)) else { return true }
            problems.append(.leftoverMask(id: owner, path: "\(set.masks)/\(name)", example: rule.mask.stem(of: owner) + "_2"))
            return false
        }
    }

    /// Files in a folder of masks that the rule does not make a mask. If the user gave the rule, such files are left out on purpose.
    private mutating func report(_ others: [String], _ rule: PairingRule, _ ids: ImageIDs, _ set: ImageFolders) {
        var unread: [String] = []
        for name in others {
            if rule.isInferred, let owner = ids.owner(of: FileName.stem(name)) {
                problems.append(.leftoverMask(id: owner, path: "\(set.masks)/\(name)", example: rule.mask.stem(of: owner) + "_2"))
            } else {
                unread.append(name)
            }
        }
        let reason = rule.isInferred ? "their names match no rule for masks" : "the mask pattern does not match"
        if !unread.isEmpty { warnings.append(Listing.line("\(set.masks)/: not read, because \(reason)", unread)) }
    }

    /// Uses the mask that a caption row names, for an image whose name leads to none.
    mutating func adoptMask(named name: String, for index: Int, _ folders: DatasetFolders) {
        let entry = entries[index]
        guard entry.mask == nil, let found = masksByStem[entry.set][FileName.stem(FileName.last(name))]?.first else { return }
        let path = "\(folders.sets[entry.set].masks)/\(found)"
        entries[index].mask = path
        used.insert(path)
    }

    /// Reports images without a mask and masks without an image; call once, after the captions were matched.
    mutating func finish(_ folders: DatasetFolders) {
        for entry in entries where entry.mask == nil {
            let looked = rule?.looked(for: entry.id) ?? FileName.looked(for: entry.id)
            problems.append(.missingMask(id: entry.id, image: entry.image, folder: folders.sets[entry.set].masks, looked: looked))
        }
        for (index, set) in folders.sets.enumerated() {
            for name in masksByStem[index].values.joined().sorted() where !used.contains("\(set.masks)/\(name)") {
                let path = "\(set.masks)/\(name)", stem = FileName.imageStems(for: FileName.stem(name)).last ?? name
                if let owner = ids[index].owner(of: FileName.stem(name)) ?? ids[index].owner(of: stem) ?? ids[index].id(stem) {
                    problems.append(
                        .leftoverMask(id: owner, path: path, example: rule.map { $0.mask.stem(of: owner) + "_2" } ?? owner + "_mask_2"))
                } else {
                    problems.append(.missingImage(id: stem, mask: path))
                }
            }
        }
    }

    /// The image that a file among the images is named as a further mask of: x for x_mask_1. Only images with a mask of their own count.
    private func maskOwner(of entry: Entry) -> String? {
        let words = FileName.maskAffixes.filter { !$0.suffix.isEmpty }
        let stem = FileName.stem(FileName.last(entry.image))
        let readings =
            words.flatMap { NumberedMask.readings(of: stem, $0).filter(\.isCertain).map(\.id) } + words.compactMap { $0.id(of: stem) }
        return readings.compactMap { ids[entry.set].id($0) }.first { $0 != entry.id && $0 != stem }
    }

    /// The images of a folder. Its other files and subfolders are reported.
    /// - Parameter owners: for a folder of masks, its images: a file of another kind whose name begins with an image's name is an
    ///   annotation that cannot be read.
    private mutating func files(in folder: String, root: String, owners: ImageIDs = .none) throws(FileError) -> [String] {
        let names = try FileIO.list(root + "/" + folder).filter { !FileName.isClutter($0) }
        let images = names.filter(FileName.isImage)
        let rest = names.filter { !FileName.isImage($0) && !SheetSearch.metadataNames.contains($0) }
        let subfolders = rest.filter { FileIO.isFolder("\(root)/\(folder)/\($0)") }, files = rest.filter { !subfolders.contains($0) }
        var others: [String] = []
        for name in files {
            // A name without an extension may hold the dots that an extension would begin with.
            if let owner = owners.owner(of: name) ?? owners.id(FileName.stem(name)) ?? owners.id(name) {
                problems.append(.leftoverFile(id: owner, path: "\(folder)/\(name)"))
            } else {
                others.append(name)
            }
        }
        if !others.isEmpty {
            let kinds = OtherFiles(others), what = "\(folder)/: not read, because they are not \(ImageFormat.list) files"
            warnings.append(others.count > 3 ? "\(what): \(kinds.text)" : Listing.line(what, others))
            if let cure = kinds.cure { warnings[warnings.count - 1] += "; if they are part of the set, \(cure)" }
        }
        if !subfolders.isEmpty { warnings.append(Listing.line("\(folder)/: subfolders, which are not read", subfolders.map { $0 + "/" })) }
        return images
    }

    /// One name twice: in two splits' folders, or in one folder with two extensions.
    private mutating func reportSharedNames(_ sets: [ImageFolders]) {
        for (id, group) in Dictionary(grouping: entries, by: \.id) where group.count > 1 {
            let splits = Set(group.compactMap { sets[$0.set].split }).sorted()
            let paths = group.map(\.image)
            problems.append(
                splits.count > 1
                    ? .inSeveralSplits(id: id, place: paths[0], splits: splits, places: paths)
                    : .duplicateName(id: id, path: paths[0], others: Array(paths.dropFirst())))
        }
    }

    private static func first(_ stems: [String], in masks: [String: [String]]) -> [String] {
        for stem in stems { if let found = masks[stem] { return found } }
        return []
    }
}

/// Names in a line of text: some of them, and how many more.
enum Listing {
    static func line(_ what: String, _ names: [String], limit: Int = 12) -> String {
        "\(what): \(some(names, limit: limit))"
    }

    static func some(_ names: [String], limit: Int = 12) -> String {
        names.isEmpty
            ? "none" : names.prefix(limit).joined(separator: ", ") + (names.count > limit ? " and \(names.count - limit) more" : "")
    }
}
