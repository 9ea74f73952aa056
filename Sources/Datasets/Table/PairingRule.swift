// How a mask's name follows from its image's, and the finding of that rule by trying what is usual on the names that are there.
// Not for reading images. Invariant: the rule is the one under which most images find a mask; of equals the simplest, which is the first
// tried.

struct PairingRule: Hashable, Sendable {
    let image: Affixes
    let mask: Affixes
    /// Masks have this extension and no other, where the user's pattern says so.
    var maskExtension: String?
    /// Images and masks lie in one folder: what the mask's affixes fit is a mask.
    var sharesFolder = false
    /// Found by trying; false where the user's pattern says it.
    var isInferred = true

    func maskStems(for imageStem: String) -> [String] { image.id(of: imageStem).map { [mask.stem(of: $0)] } ?? [] }

    /// Whether a file of a folder that holds both is a mask.
    func isMask(_ name: String) -> Bool {
        (maskExtension.map { $0 == FileName.suffix(name) } ?? true) && mask.lowercased.id(of: FileName.stem(name).lowercased()) != nil
    }

    /// What is looked for as the mask of an image with this stem, in words.
    func looked(for stem: String) -> String {
        guard let wanted = maskStems(for: stem).first else {
            return "the image's name does not fit \(image.text)\(isInferred ? ", as others do" : "")"
        }
        let name = maskExtension.map { "\"\(wanted).\($0)\"" } ?? "\"\(wanted)\" with any image extension"
        return "looked for \(name), \(isInferred ? "as the other masks are named: \(text)" : "as --mask-pattern says")"
    }

    var text: String { image == mask ? "the image's own name" : "\(image.text) -> \(mask.text)" }
}

/// The rule found, and what is to be said of it.
struct PairingGuess {
    let rule: PairingRule
    /// Lines for the user.
    let notes: [String]
}

enum PairingSearch {
    /// Images on which rules are tried; the best is then counted on all.
    private static let trials = 300

    /// - Parameters:
    ///   - images, masks: file names.
    ///   - shown: the masks folder for messages.
    static func find(
        images: [String], masks: [String], imagePattern: NamePattern?, maskPattern: NamePattern?, sharesFolder: Bool,
        folders: (images: String, masks: String)
    ) throws(DatasetError) -> PairingGuess {
        let imageStems = images.map(FileName.stem)
        let maskNames = maskPattern?.fileExtension.map { wanted in masks.filter { FileName.suffix($0) == wanted } } ?? masks
        let maskStems = maskNames.map(FileName.stem)
        let imageChoices = imagePattern.map { [$0.affixes] } ?? unique([.none] + Usual.images + (sharesFolder ? [] : shared(imageStems)))
        let maskChoices = maskPattern.map { [$0.affixes] } ?? unique([.none] + Usual.masks + (sharesFolder ? [] : shared(maskStems)))
        let step = max(1, imageStems.count / trials)
        let sample = stride(from: 0, to: imageStems.count, by: step).map { imageStems[$0] }
        var tried: [(rule: PairingRule, count: Int)] = []
        // Names with characters that are not seen are compared as they read from the start, others where nothing else fits.
        let unseen = (imageStems + maskStems).contains(where: FoldedName.hasUnseen)
        for fold in unseen ? [FoldedName.key] : [{ $0.lowercased() }, FoldedName.key] {
            let known = Set(maskStems.map(fold)), stems = sample.map(fold)
            tried = []
            for mask in maskChoices {
                // The same affixes on both sides say no more than the name itself does.
                for image in imageChoices where image == mask ? mask == .none && !sharesFolder || maskPattern != nil : true {
                    let lowerImage = image.lowercased, lowerMask = mask.lowercased
                    let count = stems.count { stem in lowerImage.id(of: stem).map { known.contains(lowerMask.stem(of: $0)) } ?? false }
                    let rule = PairingRule(
                        image: image, mask: mask, maskExtension: maskPattern?.fileExtension, sharesFolder: sharesFolder,
                        isInferred: maskPattern == nil)
                    tried.append((rule, count))
                }
            }
            if tried.contains(where: { $0.count > 0 }) { break }
        }
        if tried.allSatisfy({ $0.count == 0 }), let numbered = numbered(tried.map(\.rule), imageStems, maskStems) { return numbered }
        // A stable choice: `max` would take the last of equals.
        guard let most = tried.map(\.count).max(), most > 0, let best = tried.first(where: { $0.count == most })?.rule else {
            throw .noPairs(
                images: folders.images, masks: folders.masks, imageNames: Array(images.prefix(3)), maskNames: Array(maskNames.prefix(3)),
                tried: tried.prefix(6).map(\.rule.text), triedCount: tried.count)
        }
        let others = tried.filter { $0.rule != best && $0.count > 0 }.sorted { $0.count > $1.count }
        return PairingGuess(
            rule: best,
            notes: notes(
                best, images, imageStems, maskNames, maskStems, others.prefix(3).map { ($0.rule.text, $0.count, sample.count) },
                inferred: maskPattern == nil))
    }

    /// The rule under which most images have masks that are all numbered, x_mask_1 and x_mask_2; nil where there is none.
    private static func numbered(_ rules: [PairingRule], _ imageStems: [String], _ maskStems: [String]) -> PairingGuess? {
        var best: (rule: PairingRule, count: Int)?
        for rule in rules {
            let image = rule.image.lowercased, mask = rule.mask.lowercased
            let ids = Set(imageStems.compactMap { image.id(of: $0.lowercased()) })
            let found = Set(maskStems.flatMap { NumberedMask.readings(of: $0.lowercased(), mask).map(\.id) }).intersection(ids)
            if found.count > best?.count ?? 0 { best = (rule, found.count) }
        }
        return best.map { best in
            PairingGuess(
                rule: best.rule,
                notes: ["a mask has \(best.rule.text) and a number (inferred): \(best.count) of \(imageStems.count) images have some"])
        }
    }

    private static func notes(
        _ rule: PairingRule, _ images: [String], _ imageStems: [String], _ masks: [String], _ maskStems: [String],
        _ others: [(text: String, count: Int, of: Int)], inferred: Bool
    ) -> [String] {
        let stems = Set(imageStems)
        func places(_ fold: (String) -> String) -> [String: Int] {
            Dictionary(maskStems.enumerated().map { (fold($0.element), $0.offset) }, uniquingKeysWith: { first, _ in first })
        }
        let byName = places { $0.lowercased() }
        lazy var byLook = places(FoldedName.key)
        var pairs = 0, candidates = 0
        var example: String?
        for (index, stem) in imageStems.enumerated() {
            if rule.sharesFolder,
                rule.isMask(images[index]) || NumberedMask.readings(of: stem, rule.mask).contains(where: { stems.contains($0.id) })
            {
                continue
            }
            candidates += 1
            guard let mask = rule.maskStems(for: stem).first, let place = byName[mask.lowercased()] ?? byLook[FoldedName.key(mask)] else {
                continue
            }
            pairs += 1
            if example == nil { example = "\(images[index]) -> \(masks[place])" }
        }
        var lines = [
            "a mask has \(rule.text) (\(inferred ? "inferred" : "--mask-pattern")): \(pairs) of \(candidates) images have one"
                + (example.map { ", such as \($0)" } ?? "")
        ]
        if !others.isEmpty, inferred {
            lines.append(
                "  other rules fit fewer or no better: " + others.map { "\($0.text) \($0.count) of \($0.of)" }.joined(separator: ", "))
        }
        return lines
    }

    /// What all stems begin with and end in, cut back to where no number is torn.
    private static func shared(_ stems: [String]) -> [Affixes] {
        guard stems.count > 1, var prefix = stems.first, var suffix = stems.first else { return [] }
        for stem in stems {
            while !stem.hasPrefix(prefix) { prefix.removeLast() }
            while !stem.hasSuffix(suffix) { suffix.removeFirst() }
        }
        while prefix.last?.isNumber == true { prefix.removeLast() }
        while suffix.first?.isNumber == true { suffix.removeFirst() }
        return [Affixes(prefix: prefix, suffix: ""), Affixes(prefix: "", suffix: suffix), Affixes(prefix: prefix, suffix: suffix)]
            .filter { $0 != .none }
    }

    private static func unique(_ choices: [Affixes]) -> [Affixes] {
        var seen = Set<Affixes>()
        return choices.filter { seen.insert($0).inserted }
    }

    /// Affixes met in published sets. Capitals do not count in the search.
    private enum Usual {
        static let masks = affixes(
            ["mask", "seg", "segmentation", "label", "labels", "gt", "groundtruth", "ground_truth", "annotation", "lesion", "manual1"],
            joins: ["_", "-", ".", " "])
        static let images = affixes(
            ["image", "img", "im", "orig", "original", "0000", "frame", "slice", "training", "test"], joins: ["_", "-"])

        private static func affixes(_ words: [String], joins: [String]) -> [Affixes] {
            words.flatMap { word in
                joins.flatMap { join in [Affixes(prefix: word + join, suffix: ""), Affixes(prefix: "", suffix: join + word)] }
            }
        }
    }
}
