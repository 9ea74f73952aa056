// The rule that gives a mask's name from its image's name, and the search for it: common naming schemes are tried on the given names. Not
// for reading images. Invariant: the rule is the one that gives the most images a mask; of equally good rules the simplest, which is tried
// first.

struct PairingRule: Hashable, Sendable {
    let image: Affixes
    let mask: Affixes
    /// Masks have this extension and no other, if the user's pattern has one.
    var maskExtension: String?
    /// Images and masks are in one folder: a file that fits the mask's affixes is a mask.
    var sharesFolder = false
    /// Found by trying; false if the user gave the pattern.
    var isInferred = true

    func maskStems(for imageStem: String) -> [String] { image.id(of: imageStem).map { [mask.stem(of: $0)] } ?? [] }

    /// Whether a file of a folder that holds both is a mask.
    func isMask(_ name: String) -> Bool {
        (maskExtension.map { $0 == FileName.suffix(name) } ?? true) && mask.lowercased.id(of: FileName.stem(name).lowercased()) != nil
    }

    /// The mask name that is expected for an image with this stem, as text.
    func looked(for stem: String) -> String {
        guard let wanted = maskStems(for: stem).first else {
            return "the image's name does not fit \(image.text)\(isInferred ? ", unlike the others" : "")"
        }
        let name = maskExtension.map { "\"\(wanted).\($0)\"" } ?? "\"\(wanted)\" with any image extension"
        return "looked for \(name), \(isInferred ? "as the other masks are named: \(text)" : "as --mask-pattern says")"
    }

    var text: String { image == mask ? "the image's own name" : "\(image.text) -> \(mask.text)" }
}

/// The rule found, and notes about it.
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
        // Names with invisible characters are folded before all comparisons, other names only if nothing else fits.
        let unseen = (imageStems + maskStems).contains(where: FoldedName.hasUnseen)
        for fold in unseen ? [FoldedName.key] : [{ $0.lowercased() }, FoldedName.key] {
            let known = Set(maskStems.map(fold)), stems = sample.map(fold)
            tried = []
            for mask in maskChoices {
                // Equal affixes on both sides are the same rule as equal names.
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

    /// The rule under which most images have masks that are all numbered, x_mask_1 and x_mask_2; nil if there is none.
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
                notes: [
                    "masks are named \(best.rule.text) with a number (inferred): \(best.count) of \(imageStems.count) images have masks"
                ])
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
            "masks are named \(rule.text) (\(inferred ? "inferred" : "--mask-pattern")): \(pairs) of \(candidates) images have a mask"
                + (example.map { ", such as \($0)" } ?? "")
        ]
        if !others.isEmpty, inferred {
            lines.append(
                "  other rules give no more images a mask: " + others.map { "\($0.text) \($0.count) of \($0.of)" }.joined(separator: ", "))
        }
        return lines
    }

    /// The longest beginning and end that all stems share, shortened so that no number is cut.
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

    /// Affixes from published datasets. The search ignores capitals.
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
